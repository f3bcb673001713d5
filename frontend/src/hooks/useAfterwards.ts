/** What is to be done when a job has ended well, also when the page that asked for it is closed by then. */
import type { Job } from "@/types/shapes";

const wishes = new Map<string, () => void>();
const ends = new Map<string, () => void>();

export function whenDone(jobId: string, act: () => void): void {
  wishes.set(jobId, act);
}

/** The same however the job ends. */
export function whenOver(jobId: string, act: () => void): void {
  ends.set(jobId, act);
}

export function hearEnd(job: Job): void {
  ends.get(job.job_id)?.();
  ends.delete(job.job_id);
  const act = wishes.get(job.job_id);
  wishes.delete(job.job_id);
  if (job.state === "done") act?.();
}
