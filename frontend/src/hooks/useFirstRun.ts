/** The first start: the place of the library, then what to put into it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import {
  addSamples,
  beginLibrary,
  findFolders,
  firstRunKeys,
  getFirstRun,
  getPlace,
} from "@/api/firstRun";
import { takeJob } from "./useEvents";
import { toastError } from "./useToasts";

export function useFirstRun() {
  return useQuery({
    queryKey: firstRunKeys.state,
    queryFn: ({ signal }) => getFirstRun(signal),
    staleTime: 0,
  });
}

/** What a directory would be as the place of the library, while it is typed; `isAwaited`: it is of what was typed before. */
export function usePlace(path: string) {
  const typed = path.trim();
  const wanted = useDeferredValue(typed);
  const query = useQuery({
    queryKey: firstRunKeys.place(wanted),
    queryFn: ({ signal }) => getPlace(wanted, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    enabled: wanted !== "",
  });
  const { data, refetch, isPlaceholderData } = query;
  return { data, refetch, isAwaited: typed === "" || typed !== wanted || isPlaceholderData };
}

export function useBeginLibrary() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: beginLibrary,
    onSuccess: () => queries.resetQueries(),
  });
}

export function useFoundFolders() {
  return useQuery({
    queryKey: firstRunKeys.folders,
    queryFn: ({ signal }) => findFolders(signal),
  });
}

export function useSamples() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: addSamples,
    onSuccess: (job) => takeJob(queries, job),
    onError: toastError,
  });
}
