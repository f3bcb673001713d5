/** What a person says of many models at once: the words of the dialog as those of the server. */
import type { Words } from "@/api/models";
import { familyLabel, kindLabel, S } from "@/strings";
import { familyNamed } from "@/strings/families";
import type { Model } from "@/types/shapes";

export interface Draft {
  /** Separated by commas. */
  addTags: string;
  removeTags: ReadonlySet<string>;
  /** Empty texts leave what each model has. */
  kind: string;
  family: string;
  license: string;
  /** Fields of which what was found counts again. */
  unset: ReadonlySet<string>;
}

export const NOTHING_SAID: Draft = {
  addTags: "",
  removeTags: new Set(),
  kind: "",
  family: "",
  license: "",
  unset: new Set(),
};

/** What is sent; null where nothing was said. */
export function wordsOf(draft: Draft): Words | null {
  const { unset } = draft;
  const said = {
    kind: draft.kind,
    family: familyNamed(draft.family),
    license: draft.license.trim(),
  };
  const assignments = Object.entries(said)
    .filter(([field, value]) => value && !unset.has(field))
    .map(([field, value]) => `${field}=${value}`);
  const words: Words = {};
  if (assignments.length > 0) words.assignments = assignments;
  if (unset.size > 0) words.unset = [...unset];
  if (!unset.has("tags")) {
    const added = draft.addTags.split(",").map((tag) => tag.trim());
    if (added.some(Boolean)) words.add_tags = added.filter(Boolean);
    if (draft.removeTags.size > 0) words.remove_tags = [...draft.removeTags];
  }
  return Object.keys(words).length > 0 ? words : null;
}

/** The tags of these models, the most frequent first. */
export function tagsOf(models: readonly Model[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const model of models)
    for (const tag of model.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** How many of them have a field that was set by hand. */
export function setByHand(models: readonly Model[], field: string): number {
  return models.filter((model) => model.user_set.includes(field)).length;
}

/** What a field is now: the value that all have, or how many different ones there are. */
export function now(models: readonly Model[], field: "kind" | "family" | "license"): string {
  const values = new Set(models.map((model) => labelOf(model, field)));
  const [only = S.none] = values;
  return values.size > 1 ? S.batch.different(values.size) : only;
}

function labelOf(model: Model, field: "kind" | "family" | "license"): string {
  if (field === "kind") return kindLabel(model.kind, model.adapter_type);
  if (field === "family") return familyLabel(model.family);
  return model.license ?? S.none;
}
