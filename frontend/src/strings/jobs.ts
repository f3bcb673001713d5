/** Running and finished jobs. */
import { models } from "./counts";

export const jobs = {
  jobs: {
    title: "Jobs",
    openFrom: (state: string) => `${state}: show jobs`,
    close: "Close jobs",
    none: "Nothing is running",
    noneHint: "Imports, downloads and verifications appear here with their progress.",
    forget: "Clear finished",
    pause: "Pause",
    resume: "Resume",
    cancel: "Cancel",
    dismiss: "Dismiss",
    actionOn: (action: string, title: string) => `${action} ${title}`,
    left: (time: string) => `${time} left`,
    rate: (size: string) => `${size}/s`,
    of: (done: string, total: string) => `${done} of ${total}`,
    modelsDone: (done: number, total: number | null) =>
      total === null ? models(done) : `${done} of ${models(total)}`,
    /** What is counted in the stages that count no models. */
    counted: {
      objects: (done, total) => `${done} of ${total} objects received`,
      deltas: (done, total) => `${done} of ${total} differences resolved`,
      files: (done, total) => `${done} of ${total} files unpacked`,
      link: (done, total) => `${done} of ${total} links made`,
    } as Record<string, (done: number, total: number) => string>,
    results: {
      imported: (count) => (count === 0 ? "none imported" : `${count} imported`),
      duplicates: (count) => `${count} already there`,
      failed: (count) => `${count} failed`,
      intact: (count) => `${count} intact`,
      damaged: (count) => `${count} damaged`,
      offline: (count) => `${count} offline`,
      links: (count) => (count === 1 ? "1 link made" : `${count} links made`),
      gone: (count) => (count === 1 ? "1 model is gone" : `${count} models are gone`),
      problems: (count) => (count === 1 ? "1 problem" : `${count} problems`),
      looked_up: (count) => `${count} looked up`,
      waiting: (count, why) =>
        `${models(count)} still ${count === 1 ? "waits" : "wait"}${why && `: ${why}`}`,
    } as Record<string, (count: number, why: string) => string>,
    show: "Show",
    pausing: "Pausing…",
    cancelling: "Cancelling…",
    kinds: {
      import: "Import",
      download: "Download",
      verify: "Verify",
      scan: "Scan",
      lookup: "Look-up",
      sync: "Sync",
      install: "Installation",
      compare: "Comparison",
    } as Record<string, string>,
    states: {
      queued: "Waiting",
      running: "Running",
      paused: "Paused",
      interrupted: "Interrupted",
      done: "Done",
      failed: "Failed",
      cancelled: "Cancelled",
    } as Record<string, string>,
    finished: (kind: string, title: string) => `${kind} finished: ${title}`,
    notAsked: (kind: string) => `${kind}: nobody could be asked`,
    failedToast: (kind: string, title: string) => `${kind} failed: ${title}`,
  },
} as const;
