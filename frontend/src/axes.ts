/** Values of the axes of a model (kind, family, format, size …) in the words that people know. */
import * as format from "@/format";
import { familyLabel, kindLabel, S } from "@/strings";
import type { Excluded } from "@/types/shapes";

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

/** What a model is that an app does not take; the server's sentence where that says more. */
export function whyLeftOut({ reason, detail, value }: Excluded): string {
  const axis = reason.replace(/^filter-/, "");
  return value && Object.hasOwn(NAMES, axis) ? named(axis, value) : detail;
}
