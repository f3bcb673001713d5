import { act, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { closeImport, useOpened } from "./useOpenedImport";
import { useGivenPaths } from "./useWindow";

afterEach(() => {
  delete window.pywebview;
  act(closeImport);
});

it("offers what the window was opened with, and what a second start brings", async () => {
  const given = [["/one.gguf"], []];
  const { result } = renderHook(() => {
    useGivenPaths();
    return useOpened();
  });
  expect(result.current).toBeNull();
  const given_paths = async () => given.shift() ?? [];
  window.pywebview = { api: { choose_files: async () => [], given_paths } } as never;
  act(() => void window.dispatchEvent(new Event("pywebviewready")));
  await waitFor(() =>
    expect(result.current).toEqual({ step: { name: "review", paths: ["/one.gguf"], sent: false } }),
  );
  act(closeImport);
  given.push(["/two.gguf"]);
  act(() => void window.dispatchEvent(new Event("model-library-given")));
  act(() => void window.dispatchEvent(new Event("model-library-given")));
  await waitFor(() =>
    expect(result.current).toEqual({ step: { name: "review", paths: ["/two.gguf"], sent: false } }),
  );
});
