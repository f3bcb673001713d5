import { expect, it } from "vitest";
import { adviceOf } from "./advice";
import { ApiError } from "./api/client";

const HINT = "Connect the drive; if it has a new place, run `model-library scan`.";

it("names the page where a hint names a command for the same", () => {
  expect(adviceOf({ code: "root-offline", hint: HINT })).toMatch(/on the page Health\.$/);
  const option = { code: "link-conflict", hint: "Sync again with --on-conflict rename." };
  expect(adviceOf(option)).toMatch(/^The page of the app/);
});

it("keeps a hint that a person can follow anywhere, and a command that no page has", () => {
  for (const [code, hint] of [
    ["root-offline", "Connect its drive."],
    ["metadata-invalid", "Two models cannot have one name - not here either."],
    ["no-server", "Start it again with `model-library serve`."],
    ["hint-less", ""],
  ] as const) {
    expect(adviceOf({ code, hint })).toBe(hint);
  }
});

it("is what every error of the server says", () => {
  const problem = { code: "root-offline", detail: "Away", hint: HINT, path: null, status: 503 };
  expect(new ApiError(problem).hint).toBe(adviceOf(problem));
});
