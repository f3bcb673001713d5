/** Deciding about an import. Pure. */
import { baseName } from "./format";
import type {
  DownloadArguments,
  ImportDone,
  Inspected,
  Loss,
  Matched,
  Placement,
  RemoteFile,
  SecurityTier,
} from "./types/shapes";

const RISKY: ReadonlySet<SecurityTier> = new Set([
  "pickle-unknown",
  "pickle-dangerous",
  "executable",
]);

export function isRisky(model: Inspected): boolean {
  return model.security !== undefined && RISKY.has(model.security.tier);
}

export function nameOf(model: Inspected): string {
  return model.official_name ?? model.name ?? baseName(model.paths[0] ?? "");
}

/** What tells one model of a preview from another. */
export function keyOf(model: Inspected): string {
  return model.paths.join("\n");
}

export function sizeOf(models: readonly Inspected[]): number {
  return models.reduce((sum, model) => sum + (model.size ?? 0), 0);
}

/**
 * The paths to import. All that was given while nothing is left out: what is beside the models comes along. Else
 * the files of the chosen ones; of a folder that is one model its folder, because its files say nothing alone.
 */
export function pathsToImport(
  given: readonly string[],
  all: readonly Inspected[],
  chosen: readonly Inspected[],
): string[] {
  if (chosen.length === all.length) return [...given];
  return [
    ...new Set(
      chosen.flatMap((model) => (isFolder(model) ? [folderOf(model.paths)] : model.paths)),
    ),
  ];
}

function isFolder(model: Inspected): boolean {
  return model.form === "diffusers-folder" || model.form === "transformers-folder";
}

/** The deepest folder that holds all of them. */
function folderOf(paths: readonly string[]): string {
  const folders = paths.map((path) => path.split("/").slice(0, -1));
  const first = folders[0] ?? [];
  const split = first.findIndex((part, index) => folders.some((other) => other[index] !== part));
  return first.slice(0, split < 0 ? undefined : split).join("/") || "/";
}

/** What a move takes away from one program. */
export interface Lost {
  program: string;
  folder: string;
  app: string | null;
  kind: string | null;
  /** What it does not find any more; none when links take the place of all of it. */
  files: readonly string[];
  /** How many files in its folder are moved, and how many of them get a link, or would if it were an app. */
  all: number;
  linked: number;
}

/**
 * By program, of the models that are chosen. `isChanged`: a person says something else of the model than what was
 * recognised, and nobody knows before whether it is linked then.
 */
export function lostByMove(
  losses: readonly Loss[],
  chosen: readonly Inspected[],
  isChanged: (model: Inspected) => boolean,
): Lost[] {
  const models = new Map(chosen.flatMap((model) => model.paths.map((path) => [path, model])));
  return losses.flatMap(({ program, folder, app, kind, ...loss }) => {
    const moved = loss.files.filter((path) => models.has(path));
    const linked = loss.linked.filter((path) => {
      const model = models.get(path);
      return model !== undefined && !isChanged(model);
    });
    const files = app === null ? moved : moved.filter((path) => !linked.includes(path));
    const counts = { all: moved.length, linked: linked.length };
    return moved.length > 0 ? [{ program, folder, app, kind, files, ...counts }] : [];
  });
}

/** Bytes that an import may need in the library. */
export function spaceFor(place: Placement, models: readonly Inspected[]): number {
  return place === "reference" ? 0 : sizeOf(models);
}

/** Errors that pass without the file being another one: its drive is back, there is space, others are done. */
const PASSING: ReadonlySet<string> = new Set([
  "connection-failed",
  "library-busy",
  "library-read-only",
  "offline",
  "rate-limited",
  "record-changed",
  "root-offline",
  "server-failed",
  "source-changed",
  "source-not-found",
  "source-unreadable",
  "target-full",
  "target-read-only",
  "timed-out",
  "write-failed",
]);

/** Whether trying again can mend it. A file that is no model is refused every time. */
export function isPassing(error: { code: string } | null | undefined): boolean {
  return error != null && PASSING.has(error.code);
}

/** The paths of what failed and may come in when it is tried again. */
export function pathsToRetry(done: ImportDone): string[] {
  const passing = done.failed.filter(({ error }) => isPassing(error));
  return [...new Set(passing.flatMap(({ path, paths }) => (paths.length > 0 ? paths : [path])))];
}

// --- what a person says of single models -----------------------------------------------------------------

export const EDITED = ["official_name", "kind", "family"] as const;
export type EditedField = (typeof EDITED)[number];
export type Edits = Partial<Record<EditedField, string>>;

/** What was found in the file. */
export function foundValue(model: Inspected, field: EditedField): string {
  if (field === "official_name") return nameOf(model);
  if (field === "kind") return model.adapter_type ?? model.kind ?? "unknown";
  return model.family ?? "unknown";
}

/** What the Hub would put there, where it says something else. */
export function hubValue(
  model: Inspected,
  match: Matched | undefined,
  field: EditedField,
): string | null {
  const said = match?.proposed[field];
  return typeof said === "string" && said !== foundValue(model, field) ? said : null;
}

/** What it will be: a person's word before the Hub's, and that before what is in the file. */
export function shownValue(
  model: Inspected,
  match: Matched | undefined,
  edits: Edits,
  field: EditedField,
): string {
  return edits[field] ?? hubValue(model, match, field) ?? foundValue(model, field);
}

/** The edits of all chosen models as an import takes them. */
export function editsToSend(
  chosen: readonly Inspected[],
  edits: ReadonlyMap<string, Edits>,
): Record<string, string[]> {
  const sent: Record<string, string[]> = {};
  for (const model of chosen) {
    const said = edits.get(keyOf(model)) ?? {};
    const texts = EDITED.flatMap((field) => {
      const text = said[field]?.trim();
      return text ? [`${field}=${text}`] : [];
    });
    const [path] = model.paths;
    if (texts.length > 0 && path !== undefined) sent[path] = texts;
  }
  return sent;
}

/** What fetches the shards that a model lacks. */
export function missingDownload(
  published: Pick<Matched, "repo" | "revision" | "missing">,
): DownloadArguments | null {
  if (published.repo === null || published.missing.length === 0) return null;
  return {
    repo: published.repo,
    revision: published.revision,
    files: published.missing.map((file) => file.path),
  };
}

const PICKLE = /\.(?:ckpt|pt|pth|bin|pkl)$/i;
const WEIGHTS = /\.(?:safetensors|sft|gguf|onnx|ckpt|pt|pth|bin|pkl)$/i;

/** Whether a file of this name is likely to be a pickle, which is fetched only when a person accepts that. */
export function isPickleName(path: string): boolean {
  return PICKLE.test(path);
}

/**
 * Of what goes with a model what can be fetched without a question: weights become models of their own, the rest
 * comes to the model, unless that is only referenced and stays as it is.
 */
export function fetchable(related: readonly RemoteFile[], isReferenced: boolean): RemoteFile[] {
  return related.filter(
    ({ path }) => !isPickleName(path) && !(isReferenced && !WEIGHTS.test(path)),
  );
}

/** What fetches files that go with a model; `beside` is its id, none of one that is only referenced. */
export function relatedDownload(
  published: Pick<Matched, "repo" | "revision">,
  files: readonly RemoteFile[],
  beside: string | null,
): DownloadArguments | null {
  if (published.repo === null || files.length === 0) return null;
  return {
    repo: published.repo,
    revision: published.revision,
    files: files.map((file) => file.path),
    ...(beside !== null && { beside }),
  };
}

export function bytesOf(files: readonly { size: number | null }[]): number {
  return files.reduce((sum, file) => sum + (file.size ?? 0), 0);
}
