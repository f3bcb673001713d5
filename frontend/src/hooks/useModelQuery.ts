/** What the library page shows, kept in its address: a reload and the back button bring it back. */
import { useMemo } from "react";
import type { ModelQuery } from "@/api/models";
import type { FilterName, Filters, Sort } from "@/types/shapes";
import { setParameters, useLocation } from "./useLocation";

export const FACETS = [
  "kind",
  "adapter_type",
  "family",
  "tags",
  "container",
  "precision",
  "tier",
  "match",
  "state",
  "license",
] as const satisfies readonly FilterName[];

export const SORTS = [
  "relevance",
  "name",
  "name-desc",
  "size",
  "size-asc",
  "added",
  "added-asc",
  "updated",
  "updated-asc",
] as const satisfies readonly Sort[];

export type View = "table" | "grid";

export function useModelQuery() {
  const { parameters } = useLocation();
  const address = parameters.toString();
  return useMemo(() => {
    const given = new URLSearchParams(address);
    const chosen = new Map(FACETS.map((name) => [name, given.getAll(name)]));
    const text = given.get("q") ?? "";
    const sort = SORTS.find((name) => name === given.get("sort"));
    const filters: Filters = {};
    for (const [name, values] of chosen) {
      if (values.length > 0) filters[name] = values.map(quoted).join(",");
    }
    const query: ModelQuery = { text, filters, sort: sort ?? (text ? "relevance" : "name") };
    const view: View = given.get("view") === "grid" ? "grid" : "table";
    return { query, chosen, view, model: given.get("model"), repo: given.get("repo") };
  }, [address]);
}

/** A value as the query language takes it, whatever is in it. */
function quoted(value: string): string {
  return `"${value.replaceAll('"', "")}"`;
}

export function toggleFilter(name: FilterName, value: string): void {
  const parameters = new URLSearchParams(window.location.search);
  const values = parameters.getAll(name);
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  setParameters({ [name]: next });
}

export function clearFilters(): void {
  setParameters(Object.fromEntries(FACETS.map((name) => [name, ""])));
}
