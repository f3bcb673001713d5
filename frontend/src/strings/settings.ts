/** Settings. */
export const settings = {
  settings: {
    library: "Library",
    libraryHint: "The catalog lives here. It belongs on a local drive.",

    roots: "Folders with models",
    addRoot: "Add a folder…",
    home: "Home",
    managed: "Managed",
    managedHint: "Imports and downloads may be placed here.",
    referenced: "Only read",
    referencedHint: "Files stay where they are; nothing is moved, renamed or deleted here.",
    offline: "Offline",
    free: (size: string) => `${size} free`,
    relocate: "It is elsewhere now…",
    relocateOf: (path: string) => `${path} is elsewhere now…`,
    remove: "Remove",
    removeOf: (path: string) => `Remove ${path}`,
    removeTitle: "Remove this folder from the library?",
    removeText: (path: string) =>
      `The models in ${path} leave the catalog. Its files stay as they are; adding the folder again brings them back.`,
    rootRemoved: (path: string) => `${path} is no longer part of the library`,
    rootMoved: (path: string, links: number) =>
      links === 0
        ? `Found at ${path}`
        : `Found at ${path}; ${links === 1 ? "1 link follows" : `${links} links follow`}`,
    addTitle: "Add this folder?",
    addConfirm: "Add the folder",
    mode: "What may happen in it",
    marker: "Write a small file (.root.json) into it",
    markerHint: "By it the folder is known again when its drive gets another path.",

    imports: "Imports",

    drives: "Drives",
    drivesHint: "How many files are read or written on a drive at the same time.",
    kinds: { hdd: "Hard disk", ssd: "SSD", unknown: "Kind unknown" },
    atOnceOf: (drive: string) => `Files at once on ${drive}`,
    noDrives: "No drive could be looked at.",

    network: "Network",
    goOffline: "Work offline",
    offlineHint: "No provider is asked. Everything about your own files works as always.",
    offlineBy: (variable: string) =>
      `The network is switched off by ${variable} in the environment.`,
    downloads: "Downloads at once",
    bandwidth: "Limit for all downloads",
    bandwidthHint: "In MB a second; empty for none.",
    noLimit: "No limit",

    token: "Access token",
    tokenHint: (host: string) =>
      `It is sent to ${host} alone, for gated and private repositories, and never shown.`,
    sources: {
      environment: (where: string) => `The variable ${where} is used.`,
      keyring: (where: string) => `A token in the keyring (${where}) is used.`,
      file: (where: string) => `The token of the login file is used: ${where}`,
      none: () => "There is no token: public repositories only.",
    },
    behind: "The one in the keyring waits behind it.",
    unread: "There is one in the keyring too, which could not be read: it may be locked.",
    keptIn: (keyring: string) =>
      `A new one is kept in the keyring of the system (${keyring}), and in no file of the library.`,
    noKeyring: (file: string) =>
      `This system has no keyring that could keep a token, and it is not written to a file in its place. Set HF_TOKEN, or run “hf auth login”, which keeps it in ${file}.`,
    newToken: "New token",
    keep: "Keep in the keyring",
    replace: "Replace the one in the keyring",
    kept: "The token is in the keyring",
    forget: "Remove from the keyring",
    forgotten: "The token was removed from the keyring",

    theme: "Theme",
    increase: "More",
    decrease: "Less",
  },
} as const;
