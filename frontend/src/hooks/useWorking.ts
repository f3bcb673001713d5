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

/** Whether something is being done to an application. */
export function useIsWorkedOn(app: string): boolean {
  return useSyncExternalStore(subscribe, () => running.some((one) => one.app === app));
}
