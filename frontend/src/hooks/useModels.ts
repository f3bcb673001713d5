/**
 * The models that a search finds, page by page.
 *
 * Keys are answered without delay: the first of a burst is asked for at once, and while its answer is on the
 * way the later ones wait, so that only the last is asked. An answer belongs to its own query and can never
 * replace that of a newer one. What was there stays until there is something else to show.
 */
import { keepPreviousData, useIsFetching, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type ModelQuery, modelKeys, searchModels } from "@/api/models";
import type { Model, ModelList } from "@/types/shapes";
import { useLatestWhenFree } from "./useLatest";

/** Rows of one request. */
export const PAGE_ROWS = 100;

export interface Models {
  /** What was found first: totals and facets. Undefined until the first answer. */
  head: ModelList | undefined;
  /** The query of what is shown, which may be older than what was typed. */
  shown: ModelQuery;
  total: number;
  /** The row, or undefined while its page is on the way. */
  row: (index: number) => Model | undefined;
  /** Says which rows are on the screen; their pages are loaded. */
  show: (first: number, last: number) => void;
  /** The rows between two indices, both included, loaded where they are not yet. */
  between: (first: number, last: number) => Promise<Model[]>;
  error: Error | null;
  isLoading: boolean;
  isRefreshing: boolean;
  retry: () => void;
}

export function useModels(wanted: ModelQuery): Models {
  const key = JSON.stringify(wanted);
  const busy = useIsFetching({ predicate: ({ queryKey }) => isHead(queryKey) }) > 0;
  const asked: ModelQuery = JSON.parse(useLatestWhenFree(key, busy));

  const head = useQuery({
    queryKey: modelKeys.page(asked, 0),
    queryFn: ({ signal }) =>
      searchModels(asked, { offset: 0, limit: PAGE_ROWS, facets: true }, signal),
    placeholderData: keepPreviousData,
  });
  const shown = useShown(asked, !head.isPlaceholderData && head.data !== undefined);

  const [range, setRange] = useState({ first: 0, last: 0 });
  const total = head.data?.total ?? 0;
  const numbers = pagesOf(range.first, Math.min(range.last, total - 1)).filter((page) => page > 0);
  const pages = useQueries({
    queries: numbers.map((page) => ({
      queryKey: modelKeys.page(shown, page * PAGE_ROWS),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        searchModels(shown, { offset: page * PAGE_ROWS, limit: PAGE_ROWS }, signal),
    })),
  });

  const rows = new Map<number, readonly Model[]>([[0, head.data?.models ?? []]]);
  numbers.forEach((page, index) => {
    const found = pages[index]?.data;
    if (found) rows.set(page, found.models);
  });

  // By whole pages: while rows of the same pages pass by, nothing around the list is made anew.
  const show = useCallback((firstRow: number, lastRow: number) => {
    const first = firstRow - (firstRow % PAGE_ROWS);
    const last = lastRow - (lastRow % PAGE_ROWS);
    setRange((now) => (now.first === first && now.last === last ? now : { first, last }));
  }, []);

  return {
    head: head.data,
    shown,
    total,
    row: (index) => rows.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS],
    show,
    between: (first, last) => loadBetween(shown, first, last),
    error: head.error ?? pages.find((page) => page.error)?.error ?? null,
    isLoading: head.isPending,
    isRefreshing: head.isFetching && !head.isPending,
    retry: () => {
      head.refetch();
      for (const page of pages) if (page.isError) page.refetch();
    },
  };
}

/** The query of the newest answer. */
function useShown(asked: ModelQuery, answered: boolean): ModelQuery {
  const [shown, setShown] = useState(asked);
  if (!answered || JSON.stringify(shown) === JSON.stringify(asked)) return shown;
  setShown(asked);
  return asked;
}

function isHead(queryKey: readonly unknown[]): boolean {
  return queryKey[0] === modelKeys.all[0] && queryKey[1] === "page" && queryKey[3] === 0;
}

function pagesOf(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / PAGE_ROWS);
  const to = Math.floor(last / PAGE_ROWS);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

async function loadBetween(query: ModelQuery, first: number, last: number): Promise<Model[]> {
  const limit = last - first + 1;
  const { models } = await searchModels(query, { offset: first, limit });
  return models;
}
