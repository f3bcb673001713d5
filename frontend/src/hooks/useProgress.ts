/**
 * How far jobs are. Kept outside of React and told once a frame, so that a thousand events a second cost no
 * more than sixty.
 */
import { useSyncExternalStore } from "react";
import type { ProgressNews } from "@/api/events";
import type { JobProgress } from "@/types/shapes";

export interface Finished {
  stage: string;
  name: string;
  outcome: string;
}

interface Live {
  progress: JobProgress;
  finished: readonly Finished[];
}

/** Names of one job that are kept: more are rather counted than read. */
const MOST_FINISHED = 500;
const MOST_JOBS = 200;

const live = new Map<string, Live>();
const watchers = new Set<() => void>();
let frame = 0;

function tell(): void {
  frame = 0;
  for (const watcher of watchers) watcher();
}

export function hearProgress({ job_id, progress, finished }: ProgressNews): void {
  const before = live.get(job_id)?.finished ?? [];
  const all = finished.length > 0 ? [...before, ...finished].slice(-MOST_FINISHED) : before;
  live.set(job_id, { progress, finished: all });
  for (const oldest of live.keys()) {
    if (live.size <= MOST_JOBS) break;
    live.delete(oldest);
  }
  if (frame === 0) frame = requestAnimationFrame(tell);
}

function subscribe(changed: () => void): () => void {
  watchers.add(changed);
  return () => watchers.delete(changed);
}

export function useProgress(jobId: string): Live | undefined {
  return useSyncExternalStore(subscribe, () => live.get(jobId));
}
