/** Apps. */
const links = (count: number) => (count === 1 ? "1 link" : `${count.toLocaleString("en")} links`);
const many = (count: number) => count.toLocaleString("en");

export const apps = {
  apps: {
    list: "Apps",
    add: "Add an app",
    install: {
      open: "Install a version",
      title: "Install a version",
      hint: "It is fetched with git into the library's own apps folder, beside the versions that are there. Nothing is run.",
      kind: "App",
      version: "Version (tag)",
      source: "From",
      versionHint: "A tag of the repository, such as v0.6.0.",
      sourceHint: "The address or the folder of the app's git repository.",
      sourceKnown: (app: string) =>
        `The repository of ${app}. It can be another address, or a folder.`,
      change: "Change…",
      folder: "Folder…",
      sync: "Link the models into it",
      begin: "Install",
      list: "Installations",
    },
    none: "No app was added yet",
    noneHint:
      "An app is a ComfyUI, a Forge, a llama.cpp folder … Your models are linked into it, each where it lists its kind. No file is copied.",
    version: (version: string | null) => version ?? "unknown version",
    links,
    states: { online: "Online", offline: "Offline" } as Record<string, string>,
    offlineHint:
      "Its folder is not there now. Its links stay noted and are right again when it is.",
    linksOff: "No links",
    linksOffHint: "You left it without links. Imports leave it alone until you sync it.",
    gone: "There is no such app",
    goneHint: "It was removed, or the address is an old one.",
    profileOf: (profile: string) => `Profile ${profile}`,

    sync: "Sync",
    syncing: "Syncing…",
    busy: "This goes on when you leave the page.",
    linksDone: (done: number, total: number) =>
      `${done} of ${total === 1 ? "1 link" : `${total} links`}`,
    refresh: "Look again",
    more: "More",
    clean: "Take all links away",
    cleanTitle: (name: string) => `Take all links out of ${name}?`,
    cleanText: (count: number) =>
      `${links(count)} will be taken away. The models stay in the library, and nothing else in the app is touched. No links are made there again before you sync it.`,
    cleanConfirm: "Take them away",
    cleaned: (count: number) => `${links(count)} taken away`,
    remove: "Remove from the library",
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText: (count: number) =>
      `Its ${links(count)} will be taken away and the library forgets it. Nothing else in its folder is touched.`,
    removeKept: (count: number) =>
      `${count === 1 ? "1 file of yours that gave way to a link stays where it is kept" : `${many(count)} files of yours that gave way to links stay where they are kept`}, in its folder. Put back first what is to have its name again; when the app is added again, they are known again.`,
    removeTrash: "Move its folder to the trash of the library too",
    removeConfirm: "Remove",
    removed: (count: number) => `The app was removed, and ${links(count)} with it`,
    removedLeft: (count: number) =>
      count === 1
        ? "1 link stayed: it is not what was made there."
        : `${many(count)} links stayed: they are not what was made there.`,
    repair: "Repair",
    repaired: (count: number, left: number) =>
      left > 0
        ? `${links(count)} repaired, ${many(left)} could not be. The page says why.`
        : `${links(count)} repaired`,
    synced: (made: number, removed: number, failed: number) =>
      [
        made > 0 && `${links(made)} made`,
        removed > 0 && (made > 0 ? `${many(removed)} taken away` : `${links(removed)} taken away`),
        failed > 0 && `${many(failed)} failed`,
      ]
        .filter(Boolean)
        .join(", ") || "No link had to be changed",

    linked: (made: number, kept: number, removed: number, failed: number) =>
      [
        made > 0 && `${links(made)} made`,
        kept > 0 && `${made > 0 ? many(kept) : links(kept)} already there`,
        removed > 0 && `${many(removed)} taken away`,
        failed > 0 && `${many(failed)} failed`,
      ]
        .filter(Boolean)
        .join(", ") || "No link made",
    leftOf: (conflicts: number, excluded: number) =>
      [
        conflicts > 0 && `${many(conflicts)} not linked, because something has the name.`,
        excluded > 0 && `${many(excluded)} left out by the app's profile.`,
      ]
        .filter(Boolean)
        .join(" "),
    show: "Show",

    moreOf: "More",
    lessOf: "Less",
    dismiss: "Do not show this again",
    bringBack: (count: number) =>
      count === 1
        ? "Show 1 notice that was put away"
        : `Show ${many(count)} notices that were put away`,

    unwanted: "Also take away links that no rule wants any more",
    brokenHints: {
      "outdated-link": "Repair makes it lead to its file again.",
      "link-elsewhere":
        "It works. Leave it if another library made it; Repair makes all such links lead here.",
      "broken-link":
        "Repair looks for its content in the whole library. If it is nowhere, import the file again or delete the model.",
      "missing-link": "Sync makes it again.",
      "detached-hard-link": "Delete it in the app if you do not need the old bytes, then sync.",
      "only-copy":
        "Import it before you do anything else. If you removed it from another program on purpose, delete it here too.",
      "forgotten-root": "Add the root again, or sync to take the link away.",
      "unfinished-work": "If nothing else is at work, Repair settles it.",
      "unseen-link": "Make every folder on the way a real one that you may read.",
    } as Record<string, string>,
    showModel: (name: string) => `Show ${name} in the library`,
    groups: {
      conflicts: [
        "Conflicts",
        "Something else has the name of a link. It is left alone until you decide.",
      ],
      broken: ["Broken", "Links that do not lead to their files."],
      failed: ["Failed", "What the last sync could not do."],
      create: ["New", "Links that a sync makes."],
      remove: ["To be taken away", "Links of ours that a sync removes."],
      forget: [
        "No longer ours",
        "Links that somebody removed or replaced. Nothing is left to remove.",
      ],
      discovered: [
        "Folders without a rule",
        "The app has them, and the profile says nothing of them. Nothing is put there unless you accept one.",
      ],
      gaveWay: [
        "Gave way",
        "Files of yours that made room for links. “Put back” takes the link away and gives yours its name again.",
      ],
      keep: ["Kept", "Links that are right as they are."],
      excluded: ["Left out", "Models that this app does not get, and why."],
    },
    nothing: "Everything is linked",
    nothingHint: "A sync would change nothing.",
    noLink: "Nothing is linked",
    noModel: "The library has no model yet.",
    leftOut: (count: number, byProfile: boolean) =>
      `${count === 1 ? "1 model is" : `${many(count)} models are`} left out${byProfile ? " by the profile" : ""}. It is said below why.`,
    summary: "What a sync would do",
    showMore: (count: number) => `Show ${many(count)} more`,
    acceptAll: "Accept",
    acceptOf: (directory: string) => `Accept ${directory}`,
    kindFor: (directory: string) => `What ${directory} holds`,
    chooseKind: "It holds…",

    why: {
      deleted: "its model was deleted",
      place: "its file has another place now",
      moved: "its root has another place now",
      method: "it is made in another way now",
      unwanted: "no rule wants it any more",
      missing: "its file is gone",
      version: "not for this version",
      overrides: "its version ranges cannot be read",
      "pickle-dangerous": "it is known to run code",
    } as Record<string, string>,
    reasons: {
      "rule-off": "Its folder is switched off in the profile",
      kind: "The app has no place for this kind",
      "adapter-type": "Not this type of adapter",
      variant: "Not this variant",
      family: "Not this family",
      task: "Not for this task",
      tag: "Tags",
      form: "Not in this form",
      container: "Not in this format",
      size: "Size",
      shards: "The app loads only single files",
      requires: "The app lacks what is needed for it",
      "filter-kind": "The profile's filter: kind",
      "filter-family": "The profile's filter: family",
      "filter-tag": "The profile's filter: tags",
      "filter-size": "The profile's filter: size",
      "filter-container": "The profile's filter: format",
      "filter-form": "The profile's filter: form",
      "filter-variant": "The profile's filter: variant",
      "filter-task": "The profile's filter: task",
      "filter-adapter-type": "The profile's filter: adapter type",
      offline: "Its drive is away",
      missing: "Its files are missing",
      absent: "Its files are not where they were",
      "no-links": "No link can be made between the drives",
      name: "No free name",
      "target-replaced": "The folder is not what it should be",
      version: "Not for this version",
      overrides: "Its version ranges cannot be read",
      "pickle-dangerous": "It is known to run code",
      unreadable: "It could not be examined",
    } as Record<string, string>,
    conflictReasons: {
      "other-link": "another link",
      "other-file": "another file",
      "same-content": "the same file",
      "directory-in-the-way": "a folder",
    } as Record<string, string>,

    decide: "Decide…",

    putBack: "Put back",
    putBackOf: (name: string) => `Put back ${name}`,
    putAllBack: "Put all back",
    isBack: (count: number) => (count === 1 ? "1 file is back" : `${many(count)} files are back`),
    purge: "Free its space",
    purgeOf: (name: string) => `Free the space of ${name}`,
    purgeTitle: (name: string) => `Delete your ${name} for good?`,
    purgeText: (size: string) =>
      `This frees ${size} and cannot be undone. The link, and the model in the library, stay.`,
    purgeConfirm: "Delete for good",
    freed: (size: string) => `${size} are free again`,
    notReturned: (count: number) =>
      count === 1
        ? "1 file stays where it is kept"
        : `${many(count)} files stay where they are kept`,
    keptAs: {
      rename: "renamed",
      overwrite: "set aside",
      adopt: "the same file, set aside",
    } as Record<string, string>,
    renamedHint: (name: string) =>
      `It lies beside the link as ${name}, which the app does not list. Delete it there if you do not need it.`,

    added: (name: string, made: number | null) =>
      made === null ? `${name} was added, without links` : `${name} was added: ${links(made)} made`,
    addTitle: "Add an app",
    onThisComputer: "Found on this computer",
    looking: "Looking in the usual places…",
    nothingFound: "No app was found in the usual places.",
    isAdded: "added",
    choose: "Add",
    chooseOf: (name: string, path: string) => `Add ${name} at ${path}`,
    otherFolder: "Another folder",
    foundHere: "In this folder",
    notRecognised:
      "Nothing here is recognised. A folder for llama.cpp or an app of your own can be added as what you say it is.",
    asKind: "Add this folder as",
    back: "Back",
    variant: "Profile",
    usualVariant: "Standard",
    willLink: "What will be linked",
    conflictsLater:
      "Conflicts are left alone when the app is added. You decide about them afterwards.",
    knownBy: (evidence: string) => `Known by ${evidence}`,
    addAndLink: "Add and link",
    addOnly: "Add without links",
    adding: "Adding…",
  },
} as const;
