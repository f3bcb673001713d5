/** What every page says. */
export const common = {
  app: "Model Library",
  loading: "Loading",
  retry: "Try again",
  cancel: "Cancel",
  close: "Close",
  done: "Done",
  undo: "Undo",
  none: "None",

  pages: {
    library: "Library",
    import: "Import",
    downloads: "Downloads",
    apps: "Apps",
    health: "Health",
    storage: "Storage",
    trash: "Trash",
    settings: "Settings",
  },
  navigation: "Pages",
  skip: "Skip to content",

  errors: {
    title: "That did not work",
    noServer: "The server does not answer",
    noServerHint: "It may have been stopped. Start it again with `model-library serve`.",
    unexpected: (status: number) => `The server answered with ${status}`,
    unexpectedHint: "Try again; if it stays like this, look into the logs of the library.",
    details: (code: string) => `Code: ${code}`,
    crashed: "This page met a fault of the program",
    crashedHint: "Nothing in your library was changed by it. Load the page again.",
    reload: "Load again",
  },

  session: {
    title: "This browser is not connected to the server",
    why: "Every start of the server makes a new key, and only a browser that has it may see your library.",
    steps: "Open the address that `model-library serve` printed last. It ends with a token.",
    again: "I opened it: try again",
  },

  connection: {
    lost: "Reconnecting…",
    lostHint: "The server does not answer. What you see is from before; it goes on by itself.",
    offline: "Offline",
    offlineHint: "No provider is asked. Everything about your own files works.",
    hostDown: (host: string) => `${host} does not answer`,
  },

  theme: {
    label: "Theme",
    system: "Like the system",
    light: "Light",
    dark: "Dark",
  },

  status: {
    healthy: "Healthy",
    warnings: (count: number) => (count === 1 ? "1 warning" : `${count} warnings`),
    errors: (count: number) => (count === 1 ? "1 problem" : `${count} problems`),
    checking: "Checking…",
    notChecked: "Health could not be checked",
    jobs: (count: number) => (count === 1 ? "1 job running" : `${count} jobs running`),
    noJobs: "No jobs",
    readOnly: "Read-only",
  },

  toasts: {
    label: "Messages",
    dismiss: "Dismiss",
    dismissAll: "Dismiss all",
    older: (count: number) => (count === 1 ? "and 1 older message" : `and ${count} older messages`),
  },
} as const;
