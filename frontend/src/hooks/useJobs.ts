/** Long work: what runs and waits, and what a person asks of it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  cancelJob,
  forgetJobs,
  getLimits,
  jobKeys,
  listJobs,
  pauseJob,
  prioritizeJob,
  resumeJob,
  setLimits,
} from "@/api/jobs";
import type { Job } from "@/types/shapes";
import { takeJob } from "./useEvents";
import { toastError } from "./useToasts";

const ACTIVE = new Set(["running", "queued"]);

export function useJobs() {
  const query = useQuery({
    queryKey: jobKeys.all,
    queryFn: ({ signal }) => listJobs(signal),
  });
  const jobs: readonly Job[] = query.data?.jobs ?? [];
  return { ...query, jobs, running: jobs.filter((job) => ACTIVE.has(job.state)) };
}

const ACTIONS = { pause: pauseJob, resume: resumeJob, cancel: cancelJob };

export type JobAction = keyof typeof ACTIONS;

export function useJobAction() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, id }: { action: JobAction; id: string }) => ACTIONS[action](id),
    onSuccess: (job) => takeJob(queries, job),
    onError: toastError,
  });
}

/** Lets a job that waits begin before all others that wait. */
export function useFirst() {
  const queries = useQueryClient();
  const highest = Math.max(
    0,
    ...useJobs()
      .jobs.filter(isQueued)
      .map((job) => job.priority),
  );
  return useMutation({
    mutationFn: (id: string) => prioritizeJob(id, highest + 1),
    onSuccess: (job) => takeJob(queries, job),
    onError: toastError,
  });
}

const isQueued = (job: Job) => job.state === "queued";

/** What downloads may take. */
export function useLimits() {
  const queries = useQueryClient();
  const limits = useQuery({
    queryKey: jobKeys.limits,
    queryFn: ({ signal }) => getLimits(signal),
  }).data;
  const change = useMutation({
    mutationFn: setLimits,
    onSuccess: (now) => queries.setQueryData(jobKeys.limits, now),
    onError: toastError,
  });
  return { limits, change };
}

export function useForgetJobs() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: forgetJobs,
    onSuccess: () => queries.invalidateQueries({ queryKey: jobKeys.all }),
    onError: toastError,
  });
}
