/** What the server does that somebody waits for, also on a page that was closed. */
import { useSyncExternalStore } from "react";
import type { Working } from "@/api/events";

let running: readonly Working[] = [];
const watchers = new Set<() => void>();

export function hearWorking(now: readonly Working[]): void {
  running = now;
  for (const watcher of watchers) watcher();
}

function subscribe(changed: () => void): () => void {
  watchers.add(changed);
  return () => watchers.delete(changed);
}

/** What is being done to an application. */
export function useWorkingOn(app: string): Working | undefined {
  return useSyncExternalStore(subscribe, () => running.find((one) => one.app === app));
}

/** An operation that is about no application that is known yet. */
export function useWorkingAs(operation: string): Working | undefined {
  return useSyncExternalStore(subscribe, () =>
    running.find((one) => one.app === null && one.operation === operation),
  );
}

/** How much of it is done, 0 to 1; null while nobody knows how much there is. */
export function fractionOf(one: Working | undefined): number | null {
  return one?.total ? Math.min(one.done / one.total, 1) : null;
}
