/** Whether the import is open, and at which step: said from anywhere, shown by its dialog. */
import { useSyncExternalStore } from "react";
import type { Given, LocalFile } from "@/api/import";

export type Step =
  | { name: "choose"; chosen?: string[] }
  | { name: "send"; files: LocalFile[] }
  /** `sent`: the paths are those of an upload, which the library may take as they are. */
  | { name: "review"; paths: string[]; sent: boolean }
  | { name: "watch"; jobId: string };

export function firstStep(given: Given | null): Step {
  if (given === null) return { name: "choose" };
  if ("files" in given) return { name: "send", files: given.files };
  return { name: "review", paths: given.paths, sent: false };
}

type Opened = { step: Step } | null;

let opened: Opened = null;
const watchers = new Set<() => void>();

function setOpened(next: Opened): void {
  opened = next;
  for (const watcher of watchers) watcher();
}

/** Open the import, with what was already given or without. */
export function openImport(given: Given | null = null): void {
  setOpened({ step: firstStep(given) });
}

/** Show an import that was begun before, or what became of it. */
export function watchImport(jobId: string): void {
  setOpened({ step: { name: "watch", jobId } });
}

export function closeImport(): void {
  setOpened(null);
}

export function useOpened(): Opened {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => opened,
  );
}
