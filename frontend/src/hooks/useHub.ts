/** What the Hub has. Keys are waited for, answers are kept while the next ones come. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";
import { download, findModels, getRepository, hubKeys } from "@/api/hub";
import { S } from "@/strings";
import type { DownloadArguments } from "@/types/shapes";
import { takeJob } from "./useEvents";
import { useDebounced } from "./useLatest";
import { toast, toastError } from "./useToasts";

/** Milliseconds without a key before a provider is asked: one request for a burst. */
const QUIET = 300;
const LEAST = 2; // characters
/** Milliseconds until a host that did not answer is asked again: it is left in peace for a minute. */
const AGAIN = 61_000;
const AWAY = new Set(["offline", "connection-failed", "timed-out"]);

/** Whether no answer came because of the network. */
export function isAway(error: unknown): error is ApiError {
  return error instanceof ApiError && AWAY.has(error.code);
}

const askAgain = ({ state }: { state: { error: Error | null } }) => isAway(state.error) && AGAIN;

export function useHubSearch(text: string) {
  const query = useDebounced(text.trim(), QUIET);
  return useQuery({
    queryKey: hubKeys.find(query),
    queryFn: ({ signal }) => findModels(query, signal),
    enabled: query.length >= LEAST,
    placeholderData: keepPreviousData,
    refetchInterval: askAgain,
  });
}

/** Whether a text is long enough to be asked for. */
export function isAskable(text: string): boolean {
  return text.trim().length >= LEAST;
}

export function useRepository(repo: string) {
  return useQuery({
    queryKey: hubKeys.repository(repo),
    queryFn: ({ signal }) => getRepository(repo, signal),
    refetchInterval: askAgain,
  });
}

export function useDownload() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asked: DownloadArguments) => download(asked),
    onSuccess: (job) => {
      takeJob(queries, job);
      toast({ tone: "info", text: S.hub.queued(job.title) });
    },
    onError: toastError,
  });
}
