import { describe, expect, it, vi } from "vitest";
import { Refusal, serve } from "@/test/server";
import { ApiError } from "./client";
import { editModel, showModel } from "./models";

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe("the way to the server", () => {
  it("says what the server said went wrong", async () => {
    serve({
      "GET /api/v1/models/*": () =>
        new Refusal(404, { code: "model-not-found", detail: "No model x", hint: "Look again." }),
    });
    const error = await failure(showModel("x"));
    expect([error.code, error.message, error.hint, error.status]).toEqual([
      "model-not-found",
      "No model x",
      "Look again.",
      404,
    ]);
  });

  it("knows when its key is not that of this start", async () => {
    serve({
      "GET /api/v1/models/*": () => new Refusal(401, { code: "token-missing", detail: "no" }),
    });
    expect((await failure(showModel("x"))).isUnknownBrowser).toBe(true);
  });

  it("says so when nobody answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    const error = await failure(showModel("x"));
    expect([error.code, error.status]).toEqual(["no-server", 0]);
  });

  it("sets texts and lists, clears lists, and takes back what was set", async () => {
    const log = serve({ "PATCH /api/v1/models/*": () => ({}) });
    await editModel("x", { field: "notes", value: "a=b" });
    await editModel("x", { field: "tags", value: ["one", "two"] });
    await editModel("x", { field: "tags", value: [] });
    await editModel("x", { field: "tags", value: null });
    expect(log.map(({ body }) => body)).toEqual([
      { assignments: ["notes=a=b"] },
      { assignments: ["tags=one", "tags=two"] },
      { assignments: ["tags="] },
      { unset: ["tags"] },
    ]);
  });
});
