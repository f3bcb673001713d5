/** Deciding about an import. Pure. */
import { baseName } from "./format";
import type { ImportDone, Inspected, Placement, SecurityTier } from "./types/shapes";

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

/** Bytes that an import may need in the library. */
export function spaceFor(place: Placement, models: readonly Inspected[]): number {
  return place === "reference" ? 0 : sizeOf(models);
}

/** The paths of what failed, to be tried again. */
export function failedPaths(done: ImportDone): string[] {
  return [
    ...new Set(done.failed.flatMap(({ path, paths }) => (paths.length > 0 ? paths : [path]))),
  ];
}
