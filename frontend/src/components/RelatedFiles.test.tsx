import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { model, Refusal, type Routes, serve, show } from "@/test/server";
import type { Model } from "@/types/shapes";
import { RelatedFiles } from "./RelatedFiles";

const FOUND = {
  repo: "o/alpha",
  revision: "abc",
  url: null,
  freshness: "live",
  age: 0,
  missing: [],
  related: ["README.md", "alpha-vae.pt", "alpha-vae.safetensors", "config.json"].map((path) => ({
    path,
    size: 1_000_000,
    sha256: null,
  })),
};
const JOB = { job_id: "1", kind: "download", title: "o/alpha", state: "waiting" };

function related(more: Partial<Model> = {}, routes: Routes = {}) {
  const log = serve({
    "GET /api/v1/models/*/related": () => FOUND,
    "POST /api/v1/downloads": () => JOB,
    ...routes,
  });
  const one = model("alpha", more);
  show(<RelatedFiles model={one} />);
  return { log, id: one.model_id };
}

const sent = (log: { path: string; body: unknown }[]) =>
  log.filter(({ path }) => path === "/api/v1/downloads").map(({ body }) => body);

describe("what the repository of a model has besides", () => {
  it("is fetched in one go and comes to the model; a pickle waits for a person's word", async () => {
    const { log, id } = related();
    await userEvent.click(await screen.findByRole("button", { name: "Download all 3, 3.00 MB" }));
    expect(sent(log)).toEqual([
      {
        repo: "o/alpha",
        revision: "abc",
        files: ["README.md", "alpha-vae.safetensors", "config.json"],
        beside: id,
      },
    ]);
    expect(screen.queryByRole("button", { name: /^Download/ })).toBeNull();
  });

  it("is fetched one by one", async () => {
    const { log } = related();
    await userEvent.click(await screen.findByRole("button", { name: "Download config.json" }));
    expect(sent(log)).toMatchObject([{ files: ["config.json"] }]);
    expect(screen.getByRole("button", { name: "Download all 2, 2.00 MB" })).toBeInTheDocument();
  });

  it("is offered again when it could not be asked for", async () => {
    related({}, { "POST /api/v1/downloads": () => new Refusal(409, { code: "x", detail: "No" }) });
    await userEvent.click(await screen.findByRole("button", { name: "Download config.json" }));
    expect(await screen.findByRole("button", { name: "Download config.json" })).toBeInTheDocument();
  });

  it("is only other weights for a model that stays where it is", async () => {
    const { log } = related({ reference: { path: "in" } as Model["reference"] });
    await userEvent.click(
      await screen.findByRole("button", { name: "Download alpha-vae.safetensors" }),
    );
    expect(screen.queryByRole("button", { name: "Download config.json" })).toBeNull();
    expect(sent(log)).toEqual([
      { repo: "o/alpha", revision: "abc", files: ["alpha-vae.safetensors"] },
    ]);
  });

  it("leads to the repository with its other quantizations", async () => {
    related();
    await userEvent.click(
      await screen.findByRole("button", { name: "Other quantizations and files…" }),
    );
    expect(window.location.search).toContain("repo=o%2Falpha");
  });
});
