/** Something else has the name of a link: what can be done, and what becomes of each of the two files then. */
const many = (count: number) => count.toLocaleString("en");

/** Where the backend keeps what was set aside, in the folder of the app. */
const TRASH = ".model-library-trash";
const BACK = "“Put back” on this page takes the link away and gives yours its name again.";

/** Of one way: what becomes of the user's file and of the model, and how it is taken back. */
interface Outcome {
  label: string;
  yours: (name: string) => string;
  model: (name: string) => string;
  undo: string;
}

const linked = (name: string) => `is linked as ${name}`;

export const conflicts = {
  conflicts: {
    title: (count: number) => (count === 1 ? "1 conflict" : `${many(count)} conflicts`),
    hint: "Something that is not ours has the name of a link. Nothing is deleted, whatever you choose.",
    forAll: "For all",
    choiceFor: (name: string) => `What happens to ${name}`,
    choose: "Choose…",
    yours: "Yours",
    model: "The model",
    undo: "To undo",
    ways: {
      skip: {
        label: "Leave it",
        yours: (name) => `stays ${name}`,
        model: () => "is not linked there",
        undo: "You can decide again at any time.",
      },
      rename: {
        label: "Rename yours",
        yours: (name) => `becomes ${name}.old (or .old2, .old3 …), which the app does not list`,
        model: linked,
        undo: BACK,
      },
      overwrite: {
        label: "Set yours aside",
        yours: () => `goes to ${TRASH} in the app's folder`,
        model: linked,
        undo: `${BACK} It is kept until you free its space.`,
      },
      adopt: {
        label: "Use the library's",
        yours: () =>
          `is compared byte by byte; if all is the same it goes to ${TRASH} in the app's folder, and its space can be freed`,
        model: linked,
        undo: BACK,
      },
    } satisfies Record<string, Outcome> as Record<
      "skip" | "rename" | "overwrite" | "adopt",
      Outcome
    >,
    onlySame: "Only where the content looks the same",
    whatIsThere: {
      "other-file": "A file with another content",
      "same-content": "A file that looks the same",
      "directory-in-the-way": "A folder",
    } as Record<string, string>,
    linkTo: (text: string) => `A link to ${text}`,
    isThere: (what: string, size: string) => `${what} (${size})`,
    ours: (size: string) => `the model: ${size}`,
    decided: (count: number, all: number) => `${many(count)} of ${many(all)} decided`,
    decideOne: "Choose what happens to it.",
    resolve: "Decide and sync",
    leave: (count: number) => (count === 1 ? "Leave it as it is" : "Leave them as they are"),
  },
} as const;
