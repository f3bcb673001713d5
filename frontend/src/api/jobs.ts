/** Long work: the queue, and what a person can ask of a job. */
import type { Job, JobResult, Jobs, Limits } from "@/types/shapes";
import { client, document } from "./client";
import { askAgain } from "./hub";

export const jobKeys = {
  all: ["jobs"] as const,
  limits: ["job-limits"] as const,
};

const MOST_JOBS = 60;

export function listJobs(signal?: AbortSignal): Promise<Jobs> {
  return document(
    client.GET("/api/v1/jobs", {
      params: { query: { everything: true, limit: MOST_JOBS } },
      signal,
    }),
  );
}

const of = (id: string) => ({ params: { path: { job_id: id } } });

export function pauseJob(id: string): Promise<Job> {
  return document(client.POST("/api/v1/jobs/{job_id}/pause", of(id)));
}

export async function resumeJob(id: string): Promise<Job> {
  await askAgain();
  return document(client.POST("/api/v1/jobs/{job_id}/resume", of(id)));
}

export function cancelJob(id: string): Promise<Job> {
  return document(client.POST("/api/v1/jobs/{job_id}/cancel", of(id)));
}

/** Jobs of a higher priority begin first. */
export function prioritizeJob(id: string, priority: number): Promise<Job> {
  const body = { priority };
  return document(client.PUT("/api/v1/jobs/{job_id}/priority", { ...of(id), body }));
}

export function jobResult(id: string, signal?: AbortSignal): Promise<JobResult> {
  return document(client.GET("/api/v1/jobs/{job_id}/result", { ...of(id), signal }));
}

export function forgetJobs() {
  return document(client.DELETE("/api/v1/jobs"));
}

export function getLimits(signal?: AbortSignal): Promise<Limits> {
  return document(client.GET("/api/v1/queue/limits", { signal }));
}

export function setLimits(limits: { at_once?: number; bandwidth?: number }): Promise<Limits> {
  return document(client.PATCH("/api/v1/queue/limits", { body: limits }));
}
