/** The trash. */
import { models } from "./counts";

/** "2 models and 1 app". */
function what(count: number, apps: number): string {
  const removed = apps === 1 ? "1 removed app" : `${apps} removed apps`;
  return [count > 0 && models(count), apps > 0 && removed].filter(Boolean).join(" and ");
}

export const trash = {
  trash: {
    open: "Open the trash",
    count: (count: number) => `${models(count)} in the trash`,
    nothing: "The trash is empty",
    nothingHint: "What you delete waits here until you bring it back or free its space.",
    models: "Models",
    apps: {
      title: "Removed apps",
      name: (app: string, version: string) => `${app} ${version}`,
      purgeText: (size: string) =>
        `Its folder with everything in it (${size}) will be deleted for good. This cannot be undone.`,
    },
    deleted: (day: string) => `deleted ${day}`,
    notShown: (count: number) => `${count.toLocaleString("en")} more are not shown`,
    restore: "Restore",
    restoreOf: (name: string) => `Restore ${name}`,
    restored: (name: string) => `${name} is back`,
    purgeOf: (name: string) => `Delete ${name} for good`,
    purgeTitle: (name: string) => `Delete ${name} for good?`,
    empty: (size: string) => `Empty, frees ${size}`,
    emptyTitle: "Empty the trash?",
    emptyText: (count: number, apps: number, size: string) =>
      `${what(count, apps)} (${size}) will be deleted for good. This cannot be undone.`,
    emptyConfirm: "Delete for good",
    freed: (size: string) => `${size} are free again`,
  },
} as const;
