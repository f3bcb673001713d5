import { describe, expect, it } from "vitest";
import { target } from "./useListKeys";

const list = (current: number, columns = 1) => ({
  current,
  columns,
  total: 100,
  page: 10,
  onMove() {},
  onToggle() {},
  onOpen() {},
  onAll() {},
  onEscape() {},
  onDelete() {},
});

describe("the keys of a list", () => {
  it.each([
    ["ArrowDown", 5, 6],
    ["ArrowUp", 0, 0],
    ["PageDown", 5, 15],
    ["PageUp", 5, 0],
    ["Home", 70, 0],
    ["End", 5, 99],
  ])("%s from %i goes to %i", (key, from, to) => {
    expect(target(key, list(from))).toBe(to);
  });

  it("moves by rows and by columns in a grid", () => {
    expect(target("ArrowDown", list(5, 4))).toBe(9);
    expect(target("ArrowRight", list(5, 4))).toBe(6);
    expect(target("ArrowRight", list(5))).toBeNull();
  });

  it("has no row to go to in an empty list", () => {
    expect(target("End", { ...list(0), total: 0 })).toBeNull();
  });
});
