import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { later, Refusal, type Routes, serve, show } from "@/test/server";
import type { Inspected, Matched } from "@/types/shapes";
import { ImportReview } from "./ImportReview";

const found = (name: string, more: Partial<Inspected> = {}): Inspected => ({
  paths: [`/in/${name}.safetensors`],
  valid: true,
  name,
  official_name: name,
  form: "single-file",
  kind: "checkpoint",
  family: "sd1",
  size: 1000,
  files: [{ name: `${name}.safetensors`, size: 1000, sha256: "0".repeat(64) }],
  security: { tier: "safe-format", findings: [] },
  ...more,
});

const matched = (more: Partial<Matched> = {}): Matched => ({
  match: { method: "hash", modified: false, confidence: 1, pending: false, match_source: "auto" },
  repo: "o/dream",
  revision: "abc",
  url: null,
  proposed: {},
  related: [],
  missing: [],
  calls: 1,
  asked: 1,
  ...more,
});

const EMPTY = {
  imported: [],
  duplicates: [],
  skipped: [],
  failed: [],
  dry_run: true,
  took_ms: 1,
};

function review(models: Inspected[], more: Routes = {}) {
  const log = serve({
    "GET /api/v1/status": () => ({ roots: [], network: { offline: false } }),
    "POST /api/v1/inspections": () => ({ models, skipped: [] }),
    "POST /api/v1/imports/preview": () => ({ ...EMPTY, would_import: models }),
    "POST /api/v1/hub/matches": () => matched(),
    ...more,
  });
  const begun = vi.fn();
  show(
    <ImportReview
      paths={["/in"]}
      sent={false}
      isBeginning={false}
      onBegin={begun}
      onBack={() => {}}
    />,
  );
  return { log, begun };
}

const begin = (count: string) => userEvent.click(screen.getByRole("button", { name: count }));

describe("the review of an import", () => {
  it("shows what the headers tell before everything was read", async () => {
    const reading = later<unknown>();
    const models = [found("dream"), found("other")];
    review(models, { "POST /api/v1/imports/preview": () => reading.promise });
    expect(await screen.findByText("dream")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Import 2 models" })).toBeEnabled();
    reading.give({
      ...EMPTY,
      would_import: [models[1]],
      duplicates: [{ path: models[0]?.paths[0], paths: models[0]?.paths, model_id: "dream-1" }],
    });
    expect(await screen.findByText("Already in the library")).toBeInTheDocument();
    expect(screen.getByRole("checkbox", { name: "Import dream" })).toBeDisabled();
  });

  it("says so when all of it is in the library", async () => {
    const same = found("dream");
    review([same], {
      "POST /api/v1/imports/preview": () => ({
        ...EMPTY,
        would_import: [],
        duplicates: [{ path: same.paths[0], paths: same.paths, model_id: "dream-1" }],
      }),
    });
    expect(await screen.findByText("1 already in the library")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Import/ })).toBeNull();
  });

  it("says how sure it is which published model each one is", async () => {
    const answers: Record<string, Matched> = {
      one: matched(),
      two: matched({ match: { ...matched().match, method: "none", modified: true } }),
      three: matched({ repo: null, match: { ...matched().match, method: "none" } }),
      model: matched({ repo: null, asked: 0, match: { ...matched().match, method: "none" } }),
    };
    review(
      Object.keys(answers).map((name) => found(name)),
      {
        "POST /api/v1/hub/matches": ({ body }) => answers[(body as { name: string }).name],
      },
    );
    expect(await screen.findByText("Verified")).toBeInTheDocument();
    expect(await screen.findByText("Modified")).toBeInTheDocument();
    expect(await screen.findByText("No match")).toBeInTheDocument();
    expect(await screen.findByText("Not looked up")).toBeInTheDocument();
  });

  it("keeps a person's word, and a name of the file when they say so", async () => {
    const { begun } = review([found("dream"), found("other")], {
      "POST /api/v1/hub/matches": ({ body }) =>
        (body as { name: string }).name === "dream"
          ? matched({ proposed: { official_name: "Dream XL" } })
          : matched(),
    });
    await screen.findByText("Dream XL");
    await userEvent.click(screen.getByRole("button", { name: "Edit Dream XL" }));
    await userEvent.click(screen.getByRole("button", { name: "Keep mine: Name" }));
    const family = screen.getByRole("textbox", { name: "Family" });
    await userEvent.clear(family);
    await userEvent.type(family, "sdxl");
    await userEvent.click(screen.getByRole("button", { name: "Take back: Family" }));
    expect(family).toHaveFocus(); // the button is gone
    await userEvent.clear(family);
    await userEvent.type(family, "sdxl");
    await begin("Import 2 models");
    expect(begun.mock.calls[0]?.[0]).toMatchObject({
      paths: ["/in"],
      edits: { "/in/dream.safetensors": ["official_name=dream", "family=sdxl"] },
    });
  });

  it("fetches missing shards afterwards, when that was asked for", async () => {
    const set = found("llm", { form: "sharded-set", missing_files: ["llm-00002-of-00002"] });
    const { begun } = review([set], {
      "POST /api/v1/hub/matches": () =>
        matched({ missing: [{ path: "llm-00002-of-00002.safetensors", size: 5e9, sha256: null }] }),
    });
    await userEvent.click(
      await screen.findByRole("checkbox", {
        name: "Download the missing shard afterwards, 5.00 GB",
      }),
    );
    await begin("Import 1 model");
    expect(begun.mock.calls[0]?.[1]).toEqual([
      {
        asked: { repo: "o/dream", revision: "abc", files: ["llm-00002-of-00002.safetensors"] },
      },
    ]);
  });

  it("fetches what goes with a model afterwards, pickles only by a person's own choice", async () => {
    const related = ["README.md", "vae.safetensors", "vae.pt"].map((path) => ({
      path,
      size: 1000,
      sha256: null,
    }));
    const { begun } = review([found("dream")], {
      "POST /api/v1/hub/matches": () => matched({ related }),
    });
    const name = "Also fetch 2 files that go with it, 2.00 KB";
    await userEvent.click(await screen.findByRole("checkbox", { name }));
    await begin("Import 1 model");
    expect(begun.mock.calls[0]?.[1]).toEqual([
      {
        asked: { repo: "o/dream", revision: "abc", files: ["README.md", "vae.safetensors"] },
        beside: "/in/dream.safetensors",
      },
    ]);
  });

  it("says of how many files the size of a model is", async () => {
    const beside = ["/in/dream.safetensors", "/in/dream.json"];
    review([found("dream", { paths: beside, size: 1020 }), found("alone")]);
    expect(await screen.findByText(/ · 1.02 KB in 2 files/)).toBeInTheDocument();
    expect(screen.getByText(/ · 1.00 KB$/)).toBeInTheDocument();
  });

  it("offers nothing to be put beside a model that is left in its place", async () => {
    review([found("dream")], {
      "GET /api/v1/settings": () => ({ place: "reference" }),
      "POST /api/v1/hub/matches": () =>
        matched({ related: [{ path: "README.md", size: 1, sha256: null }] }),
    });
    expect(await screen.findByText("1 more file in its repository")).toBeInTheDocument();
    expect(screen.queryByRole("checkbox", { name: /Also fetch/ })).toBeNull();
  });

  it("asks once, says why, and goes on when the Hub is not there", async () => {
    const { log } = review(
      ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => found(name)),
      {
        "GET /api/v1/status": () => ({ roots: [], network: { offline: true } }),
        "POST /api/v1/hub/matches": () =>
          new Refusal(503, { code: "offline", detail: "No network" }),
      },
    );
    expect(await screen.findByText(/Offline: the Hub is not asked/)).toBeInTheDocument();
    expect(log.filter(({ path }) => path === "/api/v1/hub/matches").length).toBeLessThanOrEqual(3);
    expect(screen.getByRole("button", { name: "Import 8 models" })).toBeEnabled();
  });

  it("says that the Hub does not answer when nobody switched the network off", async () => {
    review([found("dream")], {
      "POST /api/v1/hub/matches": () =>
        new Refusal(503, { code: "offline", detail: "hub.test is left in peace" }),
    });
    expect(
      await screen.findByText("Not looked up on the Hub: hub.test is left in peace"),
    ).toBeInTheDocument();
    expect(screen.queryByText(/No match/)).toBeNull();
  });

  it("says which program a move takes files away from, before anything is moved", async () => {
    const models = [found("dream"), found("other")];
    const files = models.flatMap(({ paths }) => paths);
    const studio = { program: "LM Studio", folder: "/in", app: null, kind: "lmstudio" };
    const reading = later<unknown>();
    const { begun } = review(models, {
      "POST /api/v1/imports/preview": () => reading.promise,
    });
    await userEvent.click(await screen.findByRole("radio", { name: /^Move/ }));
    expect(screen.getByText(/^Moving waits/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Import 2 models" })).toBeDisabled();
    const losses = [{ ...studio, files, linked: files }];
    reading.give({ ...EMPTY, would_import: models, losses });
    expect(
      await screen.findByText("LM Studio will no longer find these 2 files"),
    ).toBeInTheDocument();
    expect(screen.getByText(/add LM Studio under Apps first: then links take/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("checkbox", { name: "Import other" }));
    expect(screen.getByText("LM Studio will no longer find this file")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Copy instead" }));
    expect(screen.queryByText(/LM Studio/)).toBeNull();
    await begin("Import 1 model");
    expect(begun.mock.calls[0]?.[0]).toMatchObject({ place: "copy" });
  });

  it("shows hostile names as text", async () => {
    const name = "<img src=x onerror=alert(1)>\u202egpj.exe";
    review([found(name)]);
    const shown = await screen.findByText(/^<img src=x/);
    expect(shown).toHaveTextContent("<img src=x onerror=alert(1)>\ufffdgpj.exe");
    const row = shown.closest("li") as HTMLElement;
    expect(within(row).queryByRole("img")).toBeNull();
    await waitFor(() => expect(within(row).getByText("Verified")).toBeInTheDocument());
  });
});
