/** The import wizard. */
import { models } from "./counts";

export const importing = {
  import: {
    title: "Import models",
    drop: "Drop to import",
    dropHint: "Files and whole folders, of any model format",
    pageHint:
      "Drop files or folders anywhere in this window. Nothing happens to the originals until you have said where they go.",
    chooseHere: "Choose files and folders",
    chooseHereHint: "of the computer that Model Library runs on",
    chooseFiles: "Files…",
    chooseFolder: "Folder…",
    send: "Send from this browser",
    recent: "Imports",
    steps: { choose: "Choose", send: "Send", review: "Review", watch: "Import" },
    step: "Steps",
    choose: "Files and folders",
    chooseAll: "Choose all",
    chosen: (count: number) => (count === 1 ? "1 chosen" : `${count} chosen`),
    next: "Look at them",
    back: "Back",
    sendingAll: (count: number) => (count === 1 ? "Sending 1 file" : `Sending ${count} files`),
    sendingStopped: "Sending has stopped",
    sending: (finished: number, all: number) => `File ${finished} of ${all}`,
    stopSending: "Stop sending",
    looking: "Looking what these files are…",
    lookingHint: "Only their headers are read; nothing is copied yet.",
    reading: "Reading them to see which are in the library already…",
    asking: (done: number, total: number) => `Asking the Hub what they are: ${done} of ${total}`,
    skipAsking: "Skip",
    offline: "Offline: the Hub is not asked. They are looked up when there is a network again.",
    nothingToAsk: "Not looked up",
    nothingToAskWhy: "Neither its name nor what stands in it says what to look for on the Hub.",
    notAsked: (why: string) => `Not looked up on the Hub: ${why}`,
    alreadyHere: "Already in the library",
    unsure: "Kind is a guess",
    editOf: (name: string) => `Edit ${name}`,
    fetchMissing: (count: number, size: string) =>
      count === 1
        ? `Download the missing shard afterwards, ${size}`
        : `Download the ${count} missing shards afterwards, ${size}`,
    fetchRelated: (count: number, size: string) =>
      count === 1
        ? `Also fetch 1 file that goes with it, ${size}`
        : `Also fetch ${count} files that go with it, ${size}`,
    keepMine: "Keep mine",
    keepMineOf: (field: string) => `Keep mine: ${field}`,
    takeBack: "Take back",
    takeBackOf: (field: string) => `Take back: ${field}`,
    yours: (found: string) => `Yours; found: ${found}`,
    fromHub: (found: string) => `From the Hub; in the file: ${found}`,
    found: (count: number, size: string) => `${models(count)}, ${size}`,
    nothing: "No model was found there",
    nothingNew: "Nothing of it can come in",
    allHere: "The library has all of it",
    nothingHint:
      "Model Library looks for safetensors, GGUF, ONNX, PyTorch files and model folders.",
    include: (name: string) => `Import ${name}`,
    completes: "Completes a model you have",
    shards: (present: number, missing: number) =>
      present === 1
        ? `1 shard here, ${missing} missing`
        : `${present} shards here, ${missing} missing`,
    complete: (count: number) => `all ${count} shards`,
    duplicates: (count: number) => `${count} already in the library`,
    duplicateOf: (id: string) => `same content as ${id}`,
    skipped: (count: number) => `${count} left out: no models`,
    failed: (count: number) => `${count} cannot be imported`,
    place: "What happens to the originals",
    placings: {
      auto: [
        "Keep them",
        "Shares the space with the original where the drive can do that, else copies.",
      ],
      copy: ["Copy", "A second, independent copy in the library. The originals stay."],
      move: [
        "Move",
        "The originals go away, after the copy in the library is complete and checked.",
      ],
      reference: [
        "Leave in place",
        "The library only remembers where they are and never changes them.",
      ],
    },
    loses: (program: string, count: number, all: number) =>
      count < all
        ? `${program} will no longer find ${count} of these ${all} files`
        : count === 1
          ? `${program} will no longer find this file`
          : `${program} will no longer find these ${count} files`,
    moveWaits:
      "Moving waits until all of them are read: then it is known what other programs lose by it.",
    copyInstead: "Copy instead",
    addFirst: (program: string, linked: number, all: number) =>
      `Or add ${program} under Apps first: then links take the place of ${linked < all ? `${linked} of them` : all === 1 ? "it" : "them"}.`,
    linkedBack: (program: string, count: number) =>
      `${program} is one of your apps: links take the place of ${count === 1 ? "this file" : `these ${count} files`}.`,
    needs: (size: string, free: string) => `Needs up to ${size}; ${free} are free.`,
    tooLittle: (size: string, free: string) => `Needs ${size}, but only ${free} are free.`,
    root: "Into",
    kindOf: "Treat all as",
    kindAuto: "What was recognised",
    risky: (count: number) =>
      count === 1
        ? "1 of these files can run code when it is opened"
        : `${count} of these files can run code when they are opened`,
    riskyHint:
      "Importing them is harmless: Model Library never opens them. The programs that use them will.",
    accept: "I trust where they come from; import them",
    begin: (count: number) => `Import ${models(count)}`,
    background: "Go on in the background",
    running: "Importing…",
    waiting: "Waiting for its turn…",
    cancelled: "The import was cancelled",
    cancelledHint: "What had already come in stays; nothing is half there.",
    /** What became of an import: `1 imported, 2 already in the library, 1 failed`. */
    outcome: (imported: number, duplicates: number, failed: number) =>
      duplicates + failed === 0
        ? `${models(imported)} imported`
        : [
            `${imported === 0 ? "None" : imported} imported`,
            ...(duplicates > 0 ? [`${duplicates} already in the library`] : []),
            ...(failed > 0 ? [`${failed} failed`] : []),
          ].join(", "),
    retry: "Try the failed ones again",
    noResult: "The import is finished. What became of each file is no longer known.",
    outcomes: {
      imported: "Imported",
      duplicate: "Already there",
      duplicates: "Already there",
      failed: "Failed",
      skipped: "Left out",
    } as Record<string, string>,
    moved: "Some originals could not be removed and are still there",
  },
} as const;
