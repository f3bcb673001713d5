/** Health. */
import { models } from "./counts";

export const health = {
  health: {
    findings: "Findings",
    nothing: "Nothing is wrong",
    summary: (working: number, links: number, apps: number) =>
      `${working} of ${links} links work in ${apps === 1 ? "1 app" : `${apps} apps`}`,
    again: "Look again",
    fix: "Fix what can be fixed",
    fixed: (count: number) =>
      count === 1 ? "1 link was repaired" : `${count} links were repaired`,
    show: "Show the model",
    checks: "Checks",
    begin: "Begin",
    beginOf: (check: string) => `Begin: ${check}`,
    verify: "Verify all files",
    verifyHint: "Reads every file again and compares it with its checksum. It can be paused.",
    scan: "Look for changes",
    scanHint: "Brings the index up to date with what changed on the drives.",
    rebuild: "Rebuild the index",
    rebuildHint: "Makes the index anew from the metadata beside the models. Nothing is lost by it.",
    trash: "Trash",
    noTrash: "The trash is empty",
    restore: "Restore",
    restoreOf: (name: string) => `Restore ${name}`,
    restored: (name: string) => `${name} is back`,
    empty: (size: string) => `Empty, frees ${size}`,
    emptyTitle: "Empty the trash?",
    emptyText: (count: number, size: string) =>
      `${models(count)} (${size}) will be deleted for good. This cannot be undone.`,
    emptyConfirm: "Delete for good",
    freed: (size: string) => `${size} are free again`,
  },
} as const;
