/** Long work: what runs and waits, and what a person asks of it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { cancelJob, forgetJobs, jobKeys, listJobs, pauseJob, resumeJob } from "@/api/jobs";
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

export function useForgetJobs() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: forgetJobs,
    onSuccess: () => queries.invalidateQueries({ queryKey: jobKeys.all }),
    onError: toastError,
  });
}
