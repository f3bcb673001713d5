import { describe, expect, it } from "vitest";
import { sharesOf, tilesOf } from "./storage";
import type { Usage } from "./types/shapes";

const row = (more: Partial<Usage>): Usage => ({
  kind: "checkpoint",
  adapter_type: null,
  family: "sdxl",
  root_id: "home",
  models: 1,
  bytes: 10,
  ...more,
});
const ROWS = [
  row({ bytes: 60, models: 2 }),
  row({ kind: "adapter", adapter_type: "lora", bytes: 30 }),
  row({ kind: "adapter", adapter_type: "lora", family: "flux1", root_id: "drive", bytes: 10 }),
];

describe("usage", () => {
  it("is put together by kind, family and root, the largest first", () => {
    const shown = (by: Parameters<typeof sharesOf>[1]) =>
      sharesOf(ROWS, by).map(({ key, models, bytes }) => [key, models, bytes]);
    expect(shown("kind")).toEqual([
      ["checkpoint", 2, 60],
      ["lora", 2, 40],
    ]);
    expect(shown("family")).toEqual([
      ["sdxl", 3, 90],
      ["flux1", 1, 10],
    ]);
    expect(shown("root")).toEqual([
      ["home", 3, 90],
      ["drive", 1, 10],
    ]);
  });

  it("fills the box with tiles whose areas are the shares, none over another", () => {
    const tiles = tilesOf(sharesOf(ROWS, "kind"), 1000, 200);
    const area = tiles.map(({ width, height }) => width * height);
    expect((area[0] ?? 0) / (area[1] ?? 1)).toBeCloseTo(1.5, 1);
    for (const { left, top, width, height } of tiles) {
      expect(left + width).toBeLessThanOrEqual(1000);
      expect(top + height).toBeLessThanOrEqual(200);
    }
  });

  it("has no tiles for nothing", () => {
    expect(tilesOf([], 100, 100)).toEqual([]);
    expect(tilesOf(sharesOf([row({ bytes: 0 })], "kind"), 100, 100)).toEqual([]);
    expect(tilesOf(sharesOf(ROWS, "kind"), 0, 100)).toEqual([]);
  });
});
