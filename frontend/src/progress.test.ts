import { expect, it } from "vitest";
import { isDoneInPart, isStillWaiting, resultWords } from "./progress";
import type { Job } from "./types/shapes";

const lookup = (result: Record<string, unknown>) =>
  ({ kind: "lookup", state: "done", result }) as Job;

it("does not call a look-up done that nobody could be asked for", () => {
  const none = lookup({ looked_up: 0, waiting: 1, waiting_for: "offline", failed: 0 });
  expect([isDoneInPart(none), isStillWaiting(none)]).toEqual([true, true]);
  expect(resultWords(none)).toEqual(["1 model still waits: offline"]);
});

it("tells of a look-up that was answered in part how many still wait", () => {
  const some = lookup({ looked_up: 3, waiting: 2, waiting_for: "", failed: 0 });
  expect([isDoneInPart(some), isStillWaiting(some)]).toEqual([true, false]);
  expect(resultWords(some)).toEqual(["3 looked up", "2 models still wait"]);
});

it("calls one that was answered done", () => {
  const all = lookup({ looked_up: 1, waiting: 0, waiting_for: "", failed: 0 });
  expect([isDoneInPart(all), isStillWaiting(all)]).toEqual([false, false]);
});
