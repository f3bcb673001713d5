/** How sure it is which published model this is, as one word. Pure. */
import type { Match } from "@/types/shapes";

export type Trust = "verified" | "high" | "low" | "modified" | "none" | "pending" | "manual";

const HIGH = 0.8;

export function trustOf(match: Match): Trust {
  if (match.pending) return "pending";
  if (match.modified) return "modified";
  if (match.match_source === "manual") return "manual";
  if (match.method === "none") return "none";
  if (match.method === "hash") return "verified";
  return match.confidence >= HIGH ? "high" : "low";
}
