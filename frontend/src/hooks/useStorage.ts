/** What takes the space, and the copies outside, which are looked for only when a person asks. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { compareCopy, findCopies, getStorage, storageKeys } from "@/api/storage";
import type { Copies } from "@/types/shapes";
import { takeJob } from "./useEvents";
import { useJobs } from "./useJobs";

export function useStorage() {
  return useQuery({
    queryKey: storageKeys.all,
    queryFn: ({ signal }) => getStorage(signal),
    staleTime: 0,
  });
}

export function useCopies() {
  return useQuery({
    queryKey: storageKeys.copies,
    queryFn: ({ signal }) => findCopies(signal),
    enabled: false,
  });
}

/** The comparison of a file. What it told goes to the copies that were found: they are told the same when they are
 * looked for again, as long as the file is not changed. */
export function useComparison(path: string) {
  const queries = useQueryClient();
  const { jobs } = useJobs();
  const begin = useMutation({
    mutationFn: compareCopy,
    onSuccess: (job) => takeJob(queries, job),
  });
  const job = jobs.find((one) => one.job_id === begin.data?.job_id) ?? begin.data;
  const same = job?.state === "done" ? job.result?.same : undefined;
  useEffect(() => {
    if (typeof same !== "boolean") return;
    queries.setQueryData<Copies>(
      storageKeys.copies,
      (found) =>
        found && {
          ...found,
          copies: found.copies.map((copy) =>
            copy.path === path ? { ...copy, compared: same } : copy,
          ),
        },
    );
  }, [queries, path, same]);
  return { begin, job };
}

/** The width of an element, followed as it changes. */
export function useWidth<T extends HTMLElement>() {
  const box = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, width };
}
