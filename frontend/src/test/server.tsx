/** A server for tests: it stands in for the network, and everything of ours above it is real. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { queryDefaults } from "@/api/queries";
import type { Folder, FolderEntry, Model, ModelList } from "@/types/shapes";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

type Answer = unknown | Promise<unknown>;
export type Routes = Record<string, (asked: Asked) => Answer>;

/** An answer that is no success. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly problem: { code: string; detail: string; hint?: string },
  ) {}
}

/** What precedes much that a person asks of the Hub, and tells nothing. */
const ANY_TIME: Routes = { "POST /api/v1/network/ask-again": () => ({}) };

/**
 * Answers by `"GET /api/v1/search"`; a `*` stands for one part of the path. Returns what was asked, in
 * order.
 */
export function serve(routes: Routes): Asked[] {
  const log: Asked[] = [];
  vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const text = await request.clone().text();
    const isJson = request.headers.get("content-type")?.includes("json") && text;
    const asked: Asked = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      body: isJson ? JSON.parse(text) : text,
    };
    const found = Object.entries({ ...ANY_TIME, ...routes }).find(([pattern]) =>
      matches(pattern, asked),
    );
    if (!found) throw new Error(`no route for ${asked.method} ${asked.path}`);
    log.push(asked);
    const answer = await aborted(request.signal, found[1](asked));
    if (answer instanceof Refusal) {
      const { status, problem } = answer;
      const body = { type: "about:blank", title: "", hint: "", path: null, status, ...problem };
      return json(body, status, "application/problem+json");
    }
    return json(answer, 200, "application/json");
  });
  return log;
}

function matches(pattern: string, { method, path }: Asked): boolean {
  const parts = `${method} ${path}`.split("/");
  const wanted = pattern.split("/");
  return (
    parts.length === wanted.length &&
    wanted.every((part, index) => part === "*" || part === parts[index])
  );
}

function json(body: unknown, status: number, type: string): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
}

function aborted<T>(signal: AbortSignal, answer: T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    Promise.resolve(answer).then(resolve, reject);
  });
}

export function show(element: ReactNode): RenderResult & { queries: QueryClient } {
  const queries = new QueryClient({ defaultOptions: queryDefaults });
  const within = (children: ReactNode) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  return { ...render(within(element)), queries };
}

/** An answer that is given when the test says so. */
export function later<T>() {
  let give: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    give = resolve;
  });
  return { promise, give };
}

const DIGEST = "0ac3165b5b46fa8e0c549c0729b617c4168a367281da89b5fd6c11612c640d93";

export function model(name: string, more: Partial<Model> = {}): Model {
  return {
    schema_version: 1,
    model_id: `${name}-0ac3165b`,
    official_name: name,
    slug: name,
    form: "single-file",
    kind: "checkpoint",
    adapter_type: null,
    family: "sdxl",
    variant: null,
    lineage: null,
    container: "safetensors",
    precision: "F16",
    tasks: [],
    files: [
      {
        path: `${name}.safetensors`,
        size: 6_938_040_682,
        sha256: DIGEST,
        blake3: null,
        autov3: null,
        original_name: `${name}.safetensors`,
        role: "weight",
        shard_index: null,
        shard_total: null,
        tensor_count: 12,
      },
    ],
    missing_files: [],
    content_digest: DIGEST,
    size: 6_938_040_682,
    parameter_count: 3_470_000_000,
    dtype_histogram: {},
    embedded: {},
    evidence: {
      kind: { value: "checkpoint", method: "tensor_keys", confidence: 0.95, rules_version: 1 },
    },
    sources: [],
    source_labels: {},
    match: { method: "none", modified: false, confidence: 0, pending: true, match_source: "auto" },
    security: { tier: "safe-format", findings: [], scanner: "", date: "" },
    license: null,
    description: null,
    tags: [],
    notes: null,
    trigger_words: [],
    preview: null,
    added: "2026-11-01T00:00:00Z",
    updated: "2026-11-01T00:00:00Z",
    origin_path: null,
    placement: "copy",
    reference: null,
    user_set: [],
    automatic: {},
    path: `/models/${name}.safetensors`,
    state: "online",
    ...more,
  };
}

/** What a chooser is told of a folder. */
export function folder(path: string, more: Partial<Folder> = {}): Folder {
  const above = path.slice(0, Math.max(1, path.lastIndexOf("/")));
  const parent = path === "/" ? null : above;
  return { path, parent, file: null, unfound: "", entries: [], omitted: 0, places: [], ...more };
}

/** Something in it; a name with an ending is a file. */
export function entry(path: string): FolderEntry {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isFile = name.includes(".");
  return { name, path, kind: isFile ? "file" : "folder", size: isFile ? 10 : null, model: isFile };
}

/** The page of a search over these models. */
export function page(models: readonly Model[], { query }: Asked): ModelList {
  const offset = Number(query.get("offset"));
  const limit = Number(query.get("limit"));
  return {
    total: models.length,
    total_is_exact: true,
    warnings: [],
    took_ms: 1,
    models: models.slice(offset, offset + limit),
    facets: { kind: { checkpoint: models.length } },
  };
}
