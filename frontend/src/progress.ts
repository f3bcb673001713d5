/** How far a job is, in words. Pure. */
import * as format from "./format";
import { S } from "./strings";
import type { Job, JobProgress } from "./types/shapes";

export function amounts(progress: JobProgress): string[] {
  const parts: string[] = [];
  const counted = S.jobs.counted[progress.stage];
  if (progress.bytes_total) {
    parts.push(S.jobs.of(format.bytes(progress.bytes_done), format.bytes(progress.bytes_total)));
  } else if (counted && progress.models_total) {
    parts.push(counted(progress.models_done, progress.models_total));
  } else if (progress.models_done > 0 || progress.models_total) {
    parts.push(S.jobs.modelsDone(progress.models_done, progress.models_total));
  }
  return parts;
}

export function speed(progress: JobProgress): string {
  const parts: string[] = [];
  if (progress.rate) parts.push(S.jobs.rate(format.bytes(progress.rate)));
  if (progress.seconds_left !== null)
    parts.push(S.jobs.left(format.duration(progress.seconds_left)));
  return parts.join(" · ");
}

const OVER: ReadonlySet<Job["state"]> = new Set(["done", "failed", "cancelled"] as const);

/** Whether nothing more becomes of a job by itself. */
export const isOver = (job: Job) => OVER.has(job.state);

const TROUBLES = ["failed", "damaged", "problems", "waiting"];

/** Whether a job that is done could not do all of it: something failed, is damaged, or still waits. */
export function isDoneInPart(job: Job): boolean {
  return job.state === "done" && TROUBLES.some((name) => countOf(job, name) > 0);
}

/** Whether a look-up ended without anybody having been asked: then nothing was done. */
export function isStillWaiting(job: Job): boolean {
  const others = countOf(job, "looked_up") + countOf(job, "failed");
  return job.state === "done" && countOf(job, "waiting") > 0 && others === 0;
}

/** What became of a job, where it says so in counts: `12 imported`, `1 damaged`. */
export function resultWords(job: Job): string[] {
  return Object.entries(S.jobs.results).flatMap(([name, words]) => {
    const count = countOf(job, name);
    const isMissed = name === "imported" && name in (job.result ?? {}) && isDoneInPart(job);
    return count > 0 || isMissed ? [words(count, String(job.result?.waiting_for ?? ""))] : [];
  });
}

function countOf(job: Job, name: string): number {
  const value = job.result?.[name];
  return typeof value === "number" ? value : 0;
}
