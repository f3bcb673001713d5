import { describe, expect, it } from "vitest";
import { isRisky, lostByMove, pathsToImport, pathsToRetry, spaceFor } from "./importing";
import type { Inspected } from "./types/shapes";

const found = (paths: string[], more: Partial<Inspected> = {}): Inspected => ({
  paths,
  valid: true,
  form: "single-file",
  size: 100,
  ...more,
});

const single = found(["/d/a.gguf"]);
const folder = found(["/d/sd/model_index.json", "/d/sd/unet/x.safetensors"], {
  form: "diffusers-folder",
});

describe("deciding about an import", () => {
  it("takes what was given while nothing is left out", () => {
    expect(pathsToImport(["/d"], [single, folder], [folder, single])).toEqual(["/d"]);
  });

  it("takes the files of a model, and the folder of a model that is one", () => {
    const other = found(["/d/b.gguf"]);
    expect(pathsToImport(["/d"], [single, folder, other], [single, folder])).toEqual([
      "/d/a.gguf",
      "/d/sd",
    ]);
  });

  it("asks about what can run code", () => {
    const of = (tier: never) => isRisky(found([], { security: { tier, findings: [] } }));
    expect(["safe-format", "pickle-allowlisted"].map((tier) => of(tier as never))).toEqual([
      false,
      false,
    ]);
    expect(
      ["pickle-unknown", "pickle-dangerous", "executable"].map((tier) => of(tier as never)),
    ).toEqual([true, true, true]);
  });

  it("says what a move takes away from a program, of the chosen models alone", () => {
    const loss = { program: "ComfyUI", folder: "/d", kind: "comfyui" };
    const paths = [...single.paths, ...folder.paths];
    const added = [{ ...loss, app: "comfyui", files: paths, linked: single.paths }];
    const lost = (chosen: Inspected[], isChanged = false) =>
      lostByMove(added, chosen, () => isChanged).map(({ files, all }) => [files, all]);
    expect(lost([single, folder])).toEqual([[folder.paths, 3]]);
    expect(lost([single])).toEqual([[[], 1]]);
    expect(lost([single], true)).toEqual([[single.paths, 1]]);
    expect(lost([])).toEqual([]);
    const foreign = [{ ...loss, app: null, files: paths, linked: single.paths }];
    expect(lostByMove(foreign, [single, folder], () => false)).toMatchObject([
      { files: paths, all: 3, linked: 1 },
    ]);
  });

  it("needs no space for what stays in place", () => {
    expect(spaceFor("reference", [single, folder])).toBe(0);
    expect(spaceFor("copy", [single, folder])).toBe(200);
  });

  it("tries again every file of what may come in then, and nothing that is refused every time", () => {
    const failed = (code: string, path: string, paths: string[] = []) => ({
      path,
      paths,
      error: { code, message: "", hint: "" },
    });
    const done = {
      failed: [
        failed("source-unreadable", "/a", ["/a", "/b"]),
        failed("target-full", "/c"),
        failed("not-a-model", "/junk"),
        failed("pickle-not-accepted", "/gift"),
        failed("incomplete-model", "/half"),
      ],
    };
    expect(pathsToRetry(done as never)).toEqual(["/a", "/b", "/c"]);
  });
});
