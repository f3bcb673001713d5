/** Values of the axes of a model (kind, family, format, size …) in the words that people know. */
import * as format from "@/format";
import { familyLabel, kindLabel, S } from "@/strings";
import { families } from "@/strings/families";
import type { Excluded } from "@/types/shapes";

/** The size of a model; with the number of its files where they are several: it is more than that of any of them. */
export function wholeSize(bytes: number, files: number): string {
  return files > 1 ? S.inFiles(format.bytes(bytes), files) : format.bytes(bytes);
}

type Named = (id: string) => string;

const DIFFUSION = "@diffusion";

const NAMES: Record<string, Named> = {
  kind: (id) => kindLabel(id),
  family: (id) => (id === DIFFUSION ? S.profile.diffusion : familyLabel(id)),
  "adapter-type": (id) => kindLabel("adapter", id),
  container: (id) => S.containers[id] ?? id,
  form: (id) => S.profile.forms[id] ?? id,
  size: (id) => (/^\d+$/.test(id) ? format.bytes(Number(id)) : id),
};

/** The keys of a profile by the axis that they ask about. */
const AXES: Record<string, string> = {
  kinds: "kind",
  exclude_kinds: "kind",
  families: "family",
  exclude_families: "family",
  adapter_types: "adapter-type",
  containers: "container",
  forms: "form",
  min_size: "size",
  max_size: "size",
};

/** Ids with commas between them, as the server gives several. */
function named(axis: string | undefined, ids: string): string {
  const name = axis === undefined ? undefined : NAMES[axis];
  return name ? ids.split(", ").map(name).join(", ") : ids;
}

/** What a profile asks for under a key, such as the families. */
export const asked = (key: string, value: string) => named(AXES[key], value);

/** Of the axes whose ids people may name in their words. */
const KNOWN: Record<string, readonly (readonly [string, string])[]> = {
  kind: Object.entries(S.kinds).slice(0, Object.keys(S.kinds).indexOf("unknown")),
  family: Object.entries(families),
  container: Object.entries(S.containers),
};

/** What was typed as a list with commas, with ids in the place of the names that people know. */
export function idsOf(key: string, typed: string): string {
  const known = KNOWN[AXES[key] ?? ""];
  if (known === undefined) return typed;
  const idOf = (word: string) => {
    const name = word.trim().toLowerCase();
    const id = known.find(([id, label]) => [id, label.toLowerCase()].includes(name))?.[0];
    // Families are an open set, and all are stored in lower case.
    return id ?? (AXES[key] === "family" ? word.toLowerCase() : word);
  };
  return typed.split(/,\s*/).map(idOf).join(", ");
}

/** What a model is that an app does not take; the server's sentence where that says more. */
export function whyLeftOut({ reason, detail, value }: Excluded): string {
  const axis = reason.replace(/^filter-/, "");
  return value && Object.hasOwn(NAMES, axis) ? named(axis, value) : detail;
}
