/** Health. */
import { models } from "./counts";

export const health = {
  health: {
    findings: "Findings",
    nothing: "Nothing is wrong",
    summary: (working: number, links: number, apps: number) =>
      apps === 0
        ? "No app was added yet; links are looked after once one is"
        : `${working} of ${links} links work in ${apps === 1 ? "1 app" : `${apps} apps`}`,
    again: "Look again",
    fix: "Fix all that is safe",
    fixed: (links: { repaired: number; made: number; removed: number; failed: number }) => {
      const done = Object.entries(links).filter(([, count]) => count > 0);
      return done.length > 0
        ? `Links: ${done.map(([what, count]) => `${count} ${what}`).join(", ")}`
        : "Nothing could be changed";
    },
    notFixed: (count: number, why: string | undefined) =>
      (count === 1 ? "One link stays as it is" : `${count} links stay as they are`) +
      (why ? `: ${why}` : ""),
    changed: "This has changed meanwhile; the list was loaded again",
    show: "Show the model",
    fixOne: "Fix",
    isElsewhere: "It moved…",
    importIt: "Import it",
    importAgain: "Import again",
    verifyOne: "Verify again",
    forget: "Forget",
    forgotten: "It is not missed any more",
    openApp: "Open the app",
    notShown: (count: number) => `${count} more are not shown. Fix these first.`,
    elsewhere:
      "Leave it to that one. “Repair” on the page of the app makes all such links lead here.",
    does: {
      "outdated-link": "Fix makes it lead to its file again.",
      "link-elsewhere":
        "Fix makes it lead to the library's own. Leave it if another library made it.",
      "broken-link":
        "Fix looks for its content in the whole library. If it is nowhere, import the file again.",
      "missing-link": "Fix makes it again.",
      "foreign-file": "It is yours and stays as it is. The page of the app lets you decide.",
      "foreign-link": "It is not ours and stays as it is. The page of the app lets you decide.",
      "orphaned-link": "It stays as it is. Delete it if it is of no use, or sync the app.",
      "only-copy":
        "Import it before you do anything else. If you removed it from another program on purpose, delete it here too.",
      "forgotten-root": "Add the root again, or sync the app: that takes the link away.",
      "unfinished-work": "If no other command is at work, Fix settles it.",
      "root-offline": "Connect its drive. If it is at another place now, say where.",
      "app-gone": "Connect its drive. If it is at another place now, say where.",
      "app-moved": "Fix notes its new place and mends its links.",
      "links-waiting":
        "Fix links those whose names are free; about the others you decide on the page of the app.",
      "links-off": "It was asked for. Sync the app to link the models into it again.",
      "model-gone":
        "It was deleted or moved by hand. If it was moved, Look for changes finds it. Otherwise import it again, or forget it.",
      "model-gone-restorable": "It was deleted by hand or by another program.",
      "model-missing-files": "Import the missing files again: they take their places.",
      "model-changed": "Import the original again: it takes the place of the changed one.",
      "model-damaged": "Import it again from its source, then verify it.",
    } as Record<string, string>,
    relocateTitle: (name: string) => `Where is ${name} now?`,
    relocateHint:
      "Open the folder where it is now. Nothing is changed before you have seen what would be.",
    itIsHere: "It is here",
    relocate: "Relocate",
    relocated: (place: string) => `It is known at ${place} now`,
    was: "Was",
    isNow: "Is now",
    follows: (count: number | null, links: number) => {
      const follow = links === 1 ? "1 link follows" : `${links} links follow`;
      return count === null ? `${follow}.` : `${models(count)} found there; ${follow}.`;
    },
    absent: (count: number) => `Of ${models(count)} there are files missing at the new place.`,
    untouched: (count: number) =>
      count === 1 ? "1 link stays as it is" : `${count} links stay as they are`,
    last: (what: string) => `Last time: ${what}`,
    checks: "Checks",
    begin: "Begin",
    beginOf: (check: string) => `Begin: ${check}`,
    verify: "Verify all files",
    verifyHint: "Reads every file again and compares it with its checksum. It can be paused.",
    scan: "Look for changes",
    scanHint: "Brings the index up to date with what changed on the drives.",
    rebuild: "Rebuild the index",
    rebuildHint: "Makes the index anew from the metadata beside the models. Nothing is lost by it.",
    restore: "Restore",
  },
} as const;
