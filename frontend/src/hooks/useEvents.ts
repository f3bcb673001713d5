/** Keeps everything on the screen up to date by the events of the server. Used once, by the application. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { adviceOf } from "@/advice";
import { listen } from "@/api/events";
import { hubKeys, isSwitchedOff } from "@/api/hub";
import { jobKeys } from "@/api/jobs";
import { libraryKeys } from "@/api/library";
import * as format from "@/format";
import { isDoneInPart, isOver, isStillWaiting, resultWords } from "@/progress";
import { S } from "@/strings";
import type { Job, Jobs, Network, Status } from "@/types/shapes";
import { hearEnd } from "./useAfterwards";
import { watchImport } from "./useOpenedImport";
import { hearProgress } from "./useProgress";
import { toast } from "./useToasts";
import { hearWorking } from "./useWorking";

/** Milliseconds: a burst of changes loads everything once. */
const GATHER = 250;

const AREAS: Record<string, readonly string[]> = {
  models: ["models", "storage"],
  links: ["links", "health", "apps"],
  trash: ["trash", "storage"],
  status: ["status"],
  roots: ["roots", "drives", "status"],
  drives: ["drives"],
  apps: ["apps"],
  jobs: ["jobs"],
  settings: ["settings", ...jobKeys.limits],
};

let connected = true;
const watchers = new Set<() => void>();

function setConnected(now: boolean): void {
  connected = now;
  for (const watcher of watchers) watcher();
}

/** Whether events arrive. */
export function useConnection(): boolean {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => connected,
  );
}

export function useEvents(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const stale = gathering(queries);
    const stop = listen({
      job: (job) => takeJob(queries, job),
      progress: hearProgress,
      changed: (areas) => stale.add(areas.flatMap((area) => AREAS[area] ?? [area])),
      working: hearWorking,
      network: (network) => takeNetwork(queries, network),
      notice: (one) => toast({ tone: "info", text: one.message, hint: adviceOf(one) }),
      reset: () => queries.invalidateQueries(),
      connection: setConnected,
      refused: () => queries.invalidateQueries({ queryKey: libraryKeys.status }),
    });
    return () => {
      stop();
      stale.stop();
    };
  }, [queries]);
}

/** Collects what is out of date and loads it together. */
function gathering(queries: QueryClient) {
  const names = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    for (const name of names) queries.invalidateQueries({ queryKey: [name] });
    names.clear();
  };
  return {
    add: (more: readonly string[]) => {
      for (const name of more) names.add(name);
      timer ??= setTimeout(flush, GATHER);
    },
    stop: () => clearTimeout(timer),
  };
}

export function takeJob(queries: QueryClient, job: Job): void {
  const before = queries
    .getQueryData<Jobs>(jobKeys.all)
    ?.jobs.find((one) => one.job_id === job.job_id);
  queries.setQueryData<Jobs>(jobKeys.all, (now) => now && { ...now, jobs: merged(now.jobs, job) });
  if (isOver(job) && before && !isOver(before)) {
    tellEnd(job);
    hearEnd(job);
  }
}

function merged(jobs: readonly Job[], job: Job): Job[] {
  const known = jobs.some((one) => one.job_id === job.job_id);
  return known ? jobs.map((one) => (one.job_id === job.job_id ? job : one)) : [job, ...jobs];
}

function tellEnd(job: Job): void {
  const kind = S.jobs.kinds[job.kind] ?? job.kind;
  if (isDoneInPart(job)) {
    const words = resultWords(job).join(", ");
    if (isStillWaiting(job)) {
      toast({ tone: "warn", text: S.jobs.notAsked(kind), hint: words });
      return;
    }
    const text = S.jobs.finished(kind, words);
    const action = { label: S.jobs.show, run: () => watchImport(job.job_id) };
    toast({ tone: "warn", text, hint: job.title, ...(job.kind === "import" && { action }) });
  } else if (job.state === "done") {
    toast({ tone: "good", text: S.jobs.finished(kind, job.title) });
  }
  if (job.state === "failed") {
    const hint = job.error ? format.sentences(job.error.message, adviceOf(job.error)) : "";
    toast({ tone: "bad", text: S.jobs.failedToast(kind, job.title), hint });
  }
}

function takeNetwork(queries: QueryClient, network: Network): void {
  queries.setQueryData<Status>(libraryKeys.status, (now) => now && { ...now, network });
  if (network.offline) return;
  // Whoever switched it on, here or at a terminal: what was refused for the switch alone can be asked now.
  queries.invalidateQueries({
    queryKey: hubKeys.all,
    predicate: ({ state }) => isSwitchedOff(state.error),
  });
}
