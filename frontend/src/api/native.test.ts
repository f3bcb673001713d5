import { afterEach, expect, it } from "vitest";
import { ApiError } from "./client";
import { droppedPaths, givenPaths, isWindow, showInFileManager } from "./native";

afterEach(() => {
  delete window.pywebview;
});

function openWindow(functions: object) {
  window.pywebview = { api: { choose_files: async () => [], ...functions } } as never;
}

it("finds nothing in a browser, and before the window has made its functions", async () => {
  expect(isWindow()).toBe(false);
  expect(await droppedPaths()).toEqual([]);
  window.pywebview = { api: {} } as never;
  expect(isWindow()).toBe(false);
  await showInFileManager("/models/a.safetensors");
});

it("gives what the window gives", async () => {
  openWindow({ dropped_paths: async () => ["/a b"], given_paths: async () => [] });
  expect(isWindow()).toBe(true);
  expect(await droppedPaths()).toEqual(["/a b"]);
  expect(await givenPaths()).toEqual([]);
});

it("raises what the window answers as a problem", async () => {
  const problem = { code: "source-not-found", detail: "gone", hint: "", path: "/a", status: 404 };
  openWindow({ show_in_file_manager: async () => problem });
  await expect(showInFileManager("/a")).rejects.toBeInstanceOf(ApiError);
});
