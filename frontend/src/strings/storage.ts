/** Storage. */
import { models } from "./counts";

const copies = (count: number) => (count === 1 ? "1 copy" : `${count.toLocaleString("en")} copies`);

export const storage = {
  storage: {
    total: (count: number, size: string) => `${models(count)}, ${size}`,
    by: { kind: "Kind", family: "Family", root: "Folder" },
    byLabel: "Grouped by",
    usage: "What takes the space",
    treemap: "The shares as areas",
    share: "Share",
    models: "Models",
    size: "Size",
    unknown: "Unknown",
    show: (what: string, size: string) => `${what} ${size}: show in the library`,
    nothing: "Nothing takes space yet",
    nothingHint: "Import models, and this page shows where the space goes.",
    trash: (size: string) => `${size} are in the trash.`,
    toTrash: "Look at the trash",

    drives: "Drives",
    used: (size: string) => `${size} by models of the library`,
    free: (free: string, total: string) => `${free} of ${total} free`,
    meter: (drive: string) => `Space taken on ${drive}`,

    copies: "Copies outside the library",
    copiesHint:
      "Files in the folders of applications, the Hugging Face cache and other programs that the library holds too. Nothing is changed by looking.",
    look: "Look for copies",
    again: "Look again",
    looking: "Looking…",
    none: (size: string) => `No copy of ${size} or more was found`,
    noneHint: (folders: number) =>
      folders === 1 ? "1 folder was looked through." : `${folders} folders were looked through.`,
    found: (count: number, linkable: number, size: string) =>
      linkable === 0
        ? copies(count)
        : `${copies(count)}; linking ${linkable === count ? "instead" : `${linkable.toLocaleString("en")} of them`} would free up to ${size}`,
    onlyShown: (count: number) =>
      `${count === 1 ? "1 is" : `${count.toLocaleString("en")} are`} only shown: no app would have a link of that name there. You can delete such a copy yourself once “Compare” has proved it the same.`,
    yoursToDelete:
      "The library holds every byte of it: you can delete it yourself, if the program that it belongs to does not need it.",
    smallest: (size: string) => `Files below ${size} are not looked at.`,
    same: (model: string) => `Same as ${model}`,
    certain: "By hash",
    certainHint: "Its name is its hash, and the library holds a file with that hash.",
    likely: "By sample",
    likelyHint: "Size and a few blocks agree. “Compare” reads all of it.",
    proven: "Compared",
    provenHint: "Every byte agrees with the file in the library.",
    differs: "Differs",
    differsHint: "It has another content: keep it.",
    compare: "Compare",
    compareOf: (path: string) => `Compare ${path}`,
    comparing: "Reading…",
    comparingOf: (path: string) => `Reading… ${path}`,
    link: "Link in the app…",
    linkOf: (path: string) => `Link in the app instead of ${path}`,
    more: (count: number) => `and ${count.toLocaleString("en")} more`,
  },
} as const;
