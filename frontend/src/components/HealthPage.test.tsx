import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { S } from "@/strings";
import { folder, model, Refusal, type Routes, serve, show } from "@/test/server";
import { HealthPage } from "./HealthPage";
import { Toasts } from "./Toasts";

const finding = {
  finding_id: "0badf00d",
  code: "link-broken",
  severity: "error",
  message: "A link leads nowhere",
  action: "It can be repaired.",
  fixable: true,
  app: "comfyui",
  model_id: "alpha-0ac3165b",
  path: "/comfy/models/alpha.safetensors",
};
const HEALTH = {
  status: "errors",
  findings: [finding],
  apps: 1,
  links: 4,
  working: 3,
  models: 9,
  took_ms: 1,
};
const WELL = { ...HEALTH, status: "healthy", findings: [], working: 4 };

function library(more: Routes = {}) {
  return serve({
    "GET /api/v1/jobs": () => ({ jobs: [], counts: {} }),
    "GET /api/v1/health": () => HEALTH,
    "POST /api/v1/health/fix": () => ({ ...WELL, repair: { repaired: [{}] } }),
    "POST /api/v1/trash/*/restore": () => model("gone"),
    "POST /api/v1/verifications": () => ({
      job_id: "v",
      kind: "verify",
      title: "all",
      state: "queued",
      parameters: { ids: [] },
      progress: { fraction: null },
    }),
    ...more,
  });
}

const page = () =>
  show(
    <>
      <HealthPage />
      <Toasts />
    </>,
  );

describe("health", () => {
  it("says what is broken and what can be done, and mends it with one click", async () => {
    library();
    page();
    expect(await screen.findByText("A link leads nowhere")).toBeInTheDocument();
    expect(screen.getByText("It can be repaired.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Fix all that is safe" }));
    expect(await screen.findByText("Nothing is wrong")).toBeInTheDocument();
    expect(screen.getByText("4 of 4 links work in 1 app")).toBeInTheDocument();
  });

  it("fixes one finding and leaves the others", async () => {
    const other = { ...finding, finding_id: "feedbead", message: "Another link leads nowhere" };
    const log = library({
      "GET /api/v1/health": () => ({ ...HEALTH, findings: [finding, other] }),
      "POST /api/v1/health/fix": () => ({ ...HEALTH, findings: [other] }),
    });
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Fix: A link leads nowhere" }));
    await waitFor(() => expect(screen.queryByText("A link leads nowhere")).toBeNull());
    expect(screen.getByText("Another link leads nowhere")).toBeInTheDocument();
    const sent = log.find(({ method }) => method === "POST");
    expect(sent?.body).toEqual({ findings: ["0badf00d"] });
  });

  it("loads the list again when what is to be fixed has changed meanwhile", async () => {
    let findings = [finding];
    library({
      "GET /api/v1/health": () => ({ ...HEALTH, findings }),
      "POST /api/v1/health/fix": () => {
        findings = [{ ...finding, finding_id: "feedbead", message: "It has another trouble now" }];
        return new Refusal(400, {
          code: "finding-not-found",
          detail: "No finding is named '0badf00d'",
          hint: "`model-library health` shows those that stand.",
        });
      },
    });
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Fix: A link leads nowhere" }));
    expect(await screen.findByText(S.health.changed)).toBeInTheDocument();
    expect(await screen.findByText("It has another trouble now")).toBeInTheDocument();
    expect(screen.queryByText("A link leads nowhere")).toBeNull();
    expect(screen.queryByText(/0badf00d|model-library/)).toBeNull();
  });

  it("lets a person restore or forget a model whose folder was deleted by hand", async () => {
    const gone = { ...finding, code: "model-gone", severity: "warning", fixable: false, app: null };
    const kept = {
      ...gone,
      finding_id: "feedbead",
      code: "model-gone-restorable",
      message: "The trash has a copy",
      model_id: "gone-0ac3165b",
    };
    const log = library({
      "GET /api/v1/health": () => ({ ...HEALTH, findings: [gone, kept] }),
      "DELETE /api/v1/models/*": () => ({ model_id: "alpha", trash: null, freed: 0 }),
    });
    page();
    await userEvent.click(await screen.findByRole("button", { name: /^Forget: A link/ }));
    expect(await screen.findByText("It is not missed any more")).toBeInTheDocument();
    expect(log.find(({ method }) => method === "DELETE")?.path).toMatch(/alpha-0ac3165b$/);
    await userEvent.click(screen.getByRole("button", { name: "Restore: The trash has a copy" }));
    expect(await screen.findByText("gone is back")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Show the model/ })).toBeNull();
  });

  it("names what can be done here, and a path only once", async () => {
    const path = "/apps/ComfyUI";
    const twin = {
      ...finding,
      code: "link-elsewhere",
      fixable: false,
      action: "`model-library link repair` makes all such links lead here.",
    };
    const off = {
      ...finding,
      finding_id: "feedbead",
      code: "links-off",
      message: `ComfyUI at ${path} is left without links`,
      path,
    };
    library({ "GET /api/v1/health": () => ({ ...HEALTH, findings: [twin, off] }) });
    page();
    expect(await screen.findByText(/“Repair” on the page of the app/)).toBeInTheDocument();
    expect(screen.queryByText(/model-library link/)).toBeNull();
    expect(screen.getByText(off.message)).toBeInTheDocument();
    expect(screen.queryByText(path)).toBeNull();
  });

  it("says what a fix did to the links", () => {
    const nothing = { repaired: 0, made: 0, removed: 0, failed: 0 };
    expect(S.health.fixed({ ...nothing, repaired: 1, removed: 2 })).toBe(
      "Links: 1 repaired, 2 removed",
    );
    expect(S.health.fixed(nothing)).toBe("Nothing could be changed");
  });

  it("says how the last verification ended, and how far one is that runs", async () => {
    const progress = { bytes_done: 5e8, bytes_total: 1e9, fraction: 0.5, rate: null };
    const verify = { kind: "verify", title: "all models", request: null, error: null, ended: null };
    const job = {
      ...verify,
      job_id: "v",
      state: "done",
      parameters: { ids: [] },
      progress: { ...progress, models_done: 0, models_total: null, seconds_left: null },
      result: { intact: 8, damaged: 1, offline: 0 },
    };
    let jobs = [job];
    library({ "GET /api/v1/jobs": () => ({ jobs, counts: {} }) });
    const { queries } = page();
    expect(await screen.findByText("Last time: Done · 8 intact · 1 damaged")).toBeInTheDocument();
    jobs = [{ ...job, state: "running" }];
    await queries.invalidateQueries({ queryKey: ["jobs"] });
    expect(await screen.findByRole("progressbar")).toHaveAttribute("aria-valuenow", "50");
    expect(screen.getByRole("button", { name: "Begin: Verify all files" })).toBeDisabled();
  });

  it("lets a root that moved be found again, after it was shown what follows", async () => {
    const offline = {
      ...finding,
      code: "root-offline",
      severity: "warning",
      message: "A root is offline",
      fixable: false,
      app: null,
      model_id: null,
      path: "/mnt/old",
    };
    const log = library({
      "GET /api/v1/health": () => ({ ...HEALTH, status: "warnings", findings: [offline] }),
      "GET /api/v1/files": ({ query }) =>
        folder(query.get("path") || "/home/me", { places: ["/home/me", "/mnt/new"] }),
      "POST /api/v1/roots/relocate": ({ body }) => ({
        root_id: "r",
        path: "/mnt/new",
        old_path: "/mnt/old",
        models: 2,
        absent: 1,
        rewritten: [{ app: "comfyui", model_id: "a", path: "/c/a", old_text: "x", new_text: "y" }],
        left: [],
        dry_run: (body as { dry_run: boolean }).dry_run,
      }),
    });
    page();
    await userEvent.click(await screen.findByRole("button", { name: /^It moved/ }));
    await userEvent.click(await screen.findByRole("button", { name: "new /mnt/new" }));
    await userEvent.click(screen.getByRole("button", { name: "It is here" }));
    expect(await screen.findByText("2 models found there; 1 link follows.")).toBeInTheDocument();
    expect(screen.getByText("Of 1 model there are files missing at the new place.")).toBeVisible();
    const moved = () => log.filter(({ path }) => path === "/api/v1/roots/relocate");
    expect(moved().map(({ body }) => body)).toEqual([
      { old: "/mnt/old", new: "/mnt/new", dry_run: true },
    ]);
    await userEvent.click(screen.getByRole("button", { name: "Relocate" }));
    expect(await screen.findByText("It is known at /mnt/new now")).toBeInTheDocument();
    expect(moved().at(-1)?.body).toMatchObject({ dry_run: false });
  });

  it("begins to verify everything", async () => {
    const log = library();
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Begin: Verify all files" }));
    await waitFor(() => expect(log.at(-1)?.path).toBe("/api/v1/verifications"));
    expect(log.at(-1)?.body).toEqual({ model_ids: [] });
  });
});
