/** What the Hub has. Keys are waited for, answers are kept while the next ones come. */
import {
  keepPreviousData,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { askAgain, download, findModels, getRepository, hubKeys, isAway } from "@/api/hub";
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

const whileAway = ({ state }: { state: { error: Error | null } }) => isAway(state.error) && AGAIN;

/** Asks at once because a person pressed, whether or not a host is left in peace; not twice at a time. */
function retryOf({ isFetching, refetch }: Pick<UseQueryResult, "isFetching" | "refetch">) {
  return () => {
    if (!isFetching)
      askAgain()
        .catch(toastError)
        .then(() => refetch());
  };
}

export function useHubSearch(text: string) {
  const query = useDebounced(text.trim(), QUIET);
  const search = useQuery({
    queryKey: hubKeys.find(query),
    queryFn: ({ signal }) => findModels(query, signal),
    enabled: query.length >= LEAST,
    placeholderData: keepPreviousData,
    refetchInterval: whileAway,
  });
  return { ...search, retry: retryOf(search) };
}

/** Whether a text is long enough to be asked for. */
export function isAskable(text: string): boolean {
  return text.trim().length >= LEAST;
}

export function useRepository(repo: string) {
  const repository = useQuery({
    queryKey: hubKeys.repository(repo),
    queryFn: ({ signal }) => getRepository(repo, signal),
    refetchInterval: whileAway,
  });
  return { ...repository, retry: retryOf(repository) };
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
