/** Usage put together the way a person asks for it, and laid out as a treemap. Pure. */
import { hierarchy, treemap } from "d3-hierarchy";
import type { Usage } from "@/types/shapes";

export const BY = ["kind", "family", "root"] as const;
export type By = (typeof BY)[number];

export interface Share {
  /** What it is grouped by: a kind or adapter type, a family, the id of a root. */
  key: string;
  models: number;
  bytes: number;
}

/** The value of a row for a grouping; adapters are told apart by their type. */
export function keyOf(row: Usage, by: By): string {
  if (by === "root") return row.root_id;
  if (by === "family") return row.family;
  return row.adapter_type ?? row.kind;
}

/** One share for each value, the largest first. */
export function sharesOf(rows: readonly Usage[], by: By): Share[] {
  const shares = new Map<string, Share>();
  for (const row of rows) {
    const key = keyOf(row, by);
    const share = shares.get(key) ?? { key, models: 0, bytes: 0 };
    share.models += row.models;
    share.bytes += row.bytes;
    shares.set(key, share);
  }
  return [...shares.values()].sort((a, b) => b.bytes - a.bytes || a.key.localeCompare(b.key));
}

export interface Tile extends Share {
  left: number;
  top: number;
  width: number;
  height: number;
}

const MOST_TILES = 40;

/** The shares as tiles that fill a box; sizes as in the box. The smallest of many have no tile. */
export function tilesOf(shares: readonly Share[], width: number, height: number): Tile[] {
  const shown = shares.slice(0, MOST_TILES).filter((share) => share.bytes > 0);
  if (shown.length === 0 || width <= 0) return [];
  const root = hierarchy<{ share?: Share; children?: { share: Share }[] }>({
    children: shown.map((share) => ({ share })),
  }).sum(({ share }) => share?.bytes ?? 0);
  return treemap<{ share?: Share }>()
    .size([width, height])
    .paddingInner(2)
    .round(true)(root)
    .leaves()
    .flatMap(({ data, x0, x1, y0, y1 }) =>
      data.share ? [{ ...data.share, left: x0, top: y0, width: x1 - x0, height: y1 - y0 }] : [],
    );
}
