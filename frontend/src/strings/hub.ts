/** The Hub and downloads. */
import { files } from "./counts";

export const hub = {
  hub: {
    label: "Search the Hugging Face Hub",
    placeholder: "Search the Hugging Face Hub",
    results: "Found on the Hub",
    below: "On the Hugging Face Hub",
    notAsked: "Offline: the Hub is not asked. What is in your library is all above.",
    off: "Working offline: the Hub is not asked",
    offBySetting: "Work offline is switched on in Settings.",
    offByOption: "The network was switched off when the program was started.",
    toSettings: "Open Settings",
    awayHint:
      "Everything in your library works without it. It is asked again by itself, every minute.",
    queue: "Downloads",
    nothing: "Nothing is being downloaded",
    nothingHint: "Search the Hub above; what you fetch comes straight into the library.",
    noResults: (text: string) => `The Hub has nothing for “${text}”`,
    noResultsHint: "Fewer or other words find more.",
    gated: "Gated",
    private: "Private",
    downloads: "Downloads",
    likes: "Likes",
    cached: "Using cached data",
    ago: (time: string) => `${time} ago`,
    cachedHint: "An answer from less than a day ago.",
    staleHint: "The Hub does not answer now; this is what it said before.",
    repository: "Repository",
    choices: "What to download",
    files,
    single: (count: number) =>
      count === 1 ? "Choose the file yourself" : `Choose from ${count} files yourself`,
    refused: (count: number) =>
      count === 1
        ? "1 file has a name that is not safe and is left out"
        : `${files(count)} have names that are not safe and are left out`,
    download: "Download what the model needs",
    downloadSize: (size: string) => `Download ${size}`,
    queued: (title: string) => `${title} will be downloaded`,
    openPage: "Open its page",
    gatedTitle: "This repository is gated",
    gatedAuto: "Open its page and accept the conditions there; access is given at once.",
    gatedManual: "Open its page and ask for access there; its authors decide.",
    gatedNoToken:
      "Model Library has no token of your account yet. Make one at the Hub, under Settings, Access Tokens, and set it in Settings or as HF_TOKEN.",
    gatedToken: "Model Library has a token; the account it belongs to needs the access.",
    queueHint: "Waiting downloads begin by priority, then in their order.",
    first: "Begin next",
    limits: "Limits of downloads",
    atOnce: "At once",
    bandwidth: "Speed",
    noLimit: "No limit",
    atOnceCount: (count: number) => (count === 1 ? "1 download" : `${count} downloads`),
    perSecond: (size: string) => `at most ${size}/s`,
    pickle: "Some of these files can hold code",
    acceptPickle: "I trust their author; download them",
  },

  gates: {
    "token-needed": [
      "It needs a token of your account",
      "Make one at the Hub, under Settings, Access Tokens, and set it in Settings or as HF_TOKEN. Then try again.",
    ],
    "token-invalid": [
      "The token is not accepted",
      "It was withdrawn or mistyped. Make a new one at the Hub and set it in Settings or as HF_TOKEN.",
    ],
    "license-not-accepted": [
      "The licence is not accepted yet",
      "Open the page with the account of your token, accept the conditions, then try again.",
    ],
    "access-denied": [
      "Your account has no access",
      "Ask for it on the page; only the authors can give it. Then try again.",
    ],
  },
} as const;
