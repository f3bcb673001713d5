/** Models: finding, showing, changing, and the long work on them. */
import type {
  EditedModels,
  EditModelsArguments,
  Filters,
  Job,
  Model,
  ModelList,
  Related,
  Sort,
  Trashed,
} from "@/types/shapes";
import { client, document } from "./client";
import { askAgain } from "./hub";

export interface ModelQuery {
  text: string;
  filters: Filters;
  sort: Sort;
}

interface Page {
  offset: number;
  limit: number;
  facets?: boolean;
}

export const modelKeys = {
  all: ["models"] as const,
  page: (query: ModelQuery, offset: number) => ["models", "page", query, offset] as const,
  one: (id: string) => ["models", "one", id] as const,
  related: (id: string) => ["models", "related", id] as const,
  links: (id: string) => ["links", id] as const,
  linkedApps: (ids: readonly string[]) => ["links", "apps", ids] as const,
  trash: ["trash"] as const,
};

export function searchModels(
  query: ModelQuery,
  page: Page,
  signal?: AbortSignal,
): Promise<ModelList> {
  const { text, filters, sort } = query;
  return document(
    client.GET("/api/v1/search", {
      params: { query: { ...filters, query: text, sort, ...page } },
      signal,
    }),
  );
}

export function showModel(id: string, signal?: AbortSignal): Promise<Model> {
  return document(
    client.GET("/api/v1/models/{model_id}", { params: { path: { model_id: id } }, signal }),
  );
}

/** One field: texts are set, `null` takes back what was set by hand. */
export type Change = { field: string; value: string | readonly string[] | null };

export function editModel(id: string, change: Change): Promise<Model> {
  const { field, value } = change;
  const values = Array.isArray(value) ? (value.length > 0 ? value : [""]) : [value];
  const body =
    value === null ? { unset: [field] } : { assignments: values.map((text) => `${field}=${text}`) };
  return document(
    client.PATCH("/api/v1/models/{model_id}", { params: { path: { model_id: id } }, body }),
  );
}

/** What is said of many models at once. */
export type Words = Omit<EditModelsArguments, "model_ids">;

export function editModels(ids: string[], words: Words): Promise<EditedModels> {
  return document(client.PATCH("/api/v1/models", { body: { model_ids: ids, ...words } }));
}

export function deleteModel(id: string) {
  return document(
    client.DELETE("/api/v1/models/{model_id}", { params: { path: { model_id: id } } }),
  );
}

export function restoreModel(id: string): Promise<Model> {
  return document(
    client.POST("/api/v1/trash/{model_id}/restore", { params: { path: { model_id: id } } }),
  );
}

export function listTrash(signal?: AbortSignal): Promise<Trashed[]> {
  return document(client.GET("/api/v1/trash", { signal }));
}

/** Free the space of one model in the trash. */
export function purgeTrashed(id: string) {
  const query = { from_trash: true };
  return document(
    client.DELETE("/api/v1/models/{model_id}", { params: { path: { model_id: id }, query } }),
  );
}

export function emptyTrash() {
  return document(client.DELETE("/api/v1/trash"));
}

export function verifyModels(ids: string[]): Promise<Job> {
  return document(client.POST("/api/v1/verifications", { body: { model_ids: ids } }));
}

export async function lookUpModels(ids: string[]): Promise<Job> {
  await askAgain();
  return document(client.POST("/api/v1/lookups", { body: { model_ids: ids } }));
}

export function relatedFiles(id: string, signal?: AbortSignal): Promise<Related> {
  return document(
    client.GET("/api/v1/models/{model_id}/related", { params: { path: { model_id: id } }, signal }),
  );
}

/** The links to a model, or all of them. */
export function linksOf(id: string | undefined, signal?: AbortSignal) {
  return document(client.GET("/api/v1/links", { params: { query: { model: id } }, signal }));
}

export function previewAddress(id: string): string {
  return `/api/v1/models/${encodeURIComponent(id)}/preview`;
}
