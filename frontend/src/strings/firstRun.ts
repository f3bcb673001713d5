/** The first start. */
export const firstRun = {
  firstRun: {
    title: "Welcome to Model Library",
    intro:
      "It keeps every model file once, knows what it is, and links it into the programs that use it.",
    where: "Where shall your library live?",
    path: "Folder of the library",
    whereHint:
      "It holds the catalog, and the models that you move or copy into it. Other drives can be added later.",
    choose: "Choose a folder…",
    free: (size: string, filesystem: string) => `${size} free (${filesystem})`,
    isLibrary: "There is a library already: it will be opened as it is.",
    begin: "Create the library",
    open: "Open this library",
    missing: "Your library is not there",
    missingHint: (path: string) =>
      `It was at ${path}. Connect its drive and look again, or choose another place.`,
    again: "Look again",
    checking: "Looking at the folder…",

    started: "Your library is empty",
    startedHint: "Drop model files or folders anywhere in this window, or begin with one of these.",
    found: "On this computer",
    foundHint: "Nothing is moved or copied until you have seen what is there and said so.",
    none: "No folder of another program was found in the usual places.",
    looking: "Looking in the usual places…",
    files: (count: number, complete: boolean) =>
      `${complete ? "" : "over "}${count.toLocaleString("en")} ${count === 1 ? "file" : "files"}`,
    look: "Look inside",
    lookOf: (program: string) => `Look inside ${program}`,
    own: "Your own files",
    ownHint: "Files and folders of any model format, from any drive.",
    ownAction: "Choose files…",
    samples: "Just look around",
    samplesHint:
      "Seven small sample models in real formats. The tag “sample” finds and removes them.",
    samplesAction: "Add sample models",
    samplesBegun: "Making the samples…",
  },
  folder: {
    title: "Choose a folder",
    choose: "Choose this folder",
    empty: "There is no folder in here",
    list: "Folders",
  },
} as const;
