import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { hearWorking } from "@/hooks/useWorking";
import { APP, link, PREVIEW } from "@/test/apps";
import { type Asked, folder, later, Refusal, type Routes, serve, show } from "@/test/server";
import { AppsPage } from "./AppsPage";
import { Toasts } from "./Toasts";

const SYNCED = {
  made: [link("new")],
  kept: 0,
  removed: [],
  left: [],
  resolved: [],
  conflicts: [],
  failed: [],
  accepted: [],
};
const HEALTH = {
  status: "errors",
  findings: [
    {
      code: "broken-link",
      severity: "error",
      message: "The file of the link is gone",
      action: "It is looked for.",
      fixable: true,
      app: "comfyui",
      model_id: "lost",
      path: "/comfy/models/loras/lost.safetensors",
    },
  ],
};

const COMFYUI = {
  name: "comfyui",
  app: "comfyui",
  display: "ComfyUI",
  variant: "",
  version: "",
  error: null,
  hidden: false,
  repository: "https://github.com/Comfy-Org/ComfyUI",
};
const INSTALLING = {
  job_id: "i",
  kind: "install",
  title: "ComfyUI v0.6.0",
  state: "running",
  request: null,
  error: null,
  ended: null,
  result: null,
  parameters: {},
  progress: {
    stage: "objects",
    bytes_done: 0,
    bytes_total: null,
    models_done: 30,
    models_total: 120,
    fraction: 0.25,
    rate: null,
    seconds_left: null,
    detail: "",
  },
};

function library(more: Routes = {}) {
  return serve({
    "GET /api/v1/apps": () => [APP],
    "GET /api/v1/apps/comfyui/preview": () => PREVIEW,
    "GET /api/v1/apps/comfyui/replaced": () => [],
    "GET /api/v1/health": () => HEALTH,
    "GET /api/v1/profiles": () => [],
    "GET /api/v1/jobs": () => ({ jobs: [], counts: {} }),
    "POST /api/v1/apps/comfyui/sync": () => SYNCED,
    ...more,
  });
}

const page = () =>
  show(
    <>
      <AppsPage />
      <Toasts />
    </>,
  );

const button = (name: string | RegExp) => screen.findByRole("button", { name });

/** The body of what was sent to be done. */
const posted = (log: readonly Asked[]) => log.find(({ method }) => method === "POST")?.body;

describe("apps", () => {
  it("shows what a sync would do, and why models are left out", async () => {
    library();
    page();
    expect(await screen.findByText("new.safetensors")).toBeInTheDocument();
    expect(screen.getByText("another file")).toBeInTheDocument();
    expect(screen.getByText("The app has no place for this kind · 1")).toBeInTheDocument();
    expect(screen.getByText("LLM", { selector: "bdi" })).toBeInTheDocument();
    expect(await screen.findByText("The file of the link is gone")).toBeInTheDocument();
  });

  it("shows that a sync runs until it is done", async () => {
    const answer = later<unknown>();
    const log = library({ "POST /api/v1/apps/comfyui/sync": () => answer.promise });
    page();
    await userEvent.click(await button("Sync"));
    expect(await screen.findByText("This goes on when you leave the page.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Syncing…" })).toBeDisabled();
    answer.give(SYNCED);
    expect(await screen.findByText("1 link made")).toBeInTheDocument();
    expect(posted(log)).toEqual({ prune: false });
  });

  it("knows of a sync that was begun on a page that is closed", async () => {
    library();
    page();
    await screen.findByText("new.safetensors");
    act(() => hearWorking([{ operation: "link_sync", app: "comfyui", done: 120, total: 480 }]));
    expect(screen.getByText("Syncing…", { selector: "button" })).toBeDisabled();
    expect(screen.getByText("120 of 480 links")).toBeInTheDocument();
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "25");
    act(() => hearWorking([]));
    expect(screen.getByText("Sync").closest("button")).toBeEnabled();
  });

  it("installs a version as a job, and shows how far it is", async () => {
    let jobs: unknown[] = [];
    const log = library({
      "GET /api/v1/jobs": () => ({ jobs, counts: {} }),
      "GET /api/v1/profiles": () => [COMFYUI],
      "POST /api/v1/apps/install": () => {
        jobs = [INSTALLING];
        return INSTALLING;
      },
    });
    page();
    await userEvent.click(await button("Install a version"));
    expect(await button("Install")).toBeDisabled();
    await userEvent.type(screen.getByLabelText("Version (tag)"), "v0.6.0");
    expect(screen.getByLabelText("From")).toHaveValue(COMFYUI.repository);
    await userEvent.clear(screen.getByLabelText("From"));
    await userEvent.type(screen.getByLabelText("From"), "/home/me/ComfyUI{Enter}");
    const list = await screen.findByRole("list", { name: "Installations" });
    expect(within(list).getByText("ComfyUI v0.6.0")).toBeInTheDocument();
    expect(within(list).getByText("Running · 30 of 120 objects received")).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).toBeNull();
    const body = { kind: "comfyui", version: "v0.6.0", source: "/home/me/ComfyUI", sync: true };
    expect(posted(log)).toEqual(body);
  });

  it("tries a failed installation again, lets it be corrected, and puts it away", async () => {
    const failed = {
      ...INSTALLING,
      state: "failed",
      parameters: { app_kind: "comfyui", version: "v9", source: "file:///my%20git", sync: false },
      error: { code: "install-failed", message: "There is no tag v9", hint: "", path: null },
    };
    const log = library({
      "GET /api/v1/jobs": () => ({ jobs: [failed], counts: {} }),
      "GET /api/v1/profiles": () => [COMFYUI],
      "POST /api/v1/jobs/i/resume": () => INSTALLING,
      "POST /api/v1/jobs/i/cancel": () => ({ ...failed, state: "cancelled" }),
    });
    page();
    const list = within(await screen.findByRole("list", { name: "Installations" }));
    await userEvent.click(list.getByRole("button", { name: "Change…" }));
    expect(screen.getByLabelText("Version (tag)")).toHaveValue("v9");
    expect(screen.getByLabelText("From")).toHaveValue("/my git");
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await userEvent.click(list.getByRole("button", { name: "Dismiss" }));
    await waitFor(() => expect(log.map(({ path }) => path)).toContain("/api/v1/jobs/i/cancel"));
  });

  it("puts away what is so of the machine, and brings it back", async () => {
    const warning = { code: "sandbox", message: "In a container", hint: "Mount it", path: null };
    library({ "GET /api/v1/apps/comfyui/preview": () => ({ ...PREVIEW, warnings: [warning] }) });
    page();
    await screen.findByText("In a container");
    expect(screen.queryByText("Mount it")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "More: In a container" }));
    expect(screen.getByText("Mount it")).toBeInTheDocument();
    await userEvent.click(screen.getByLabelText("Do not show this again"));
    expect(screen.queryByText("In a container")).toBeNull();
    await userEvent.click(screen.getByText("Show 1 notice that was put away"));
    expect(screen.getByText("In a container")).toBeInTheDocument();
  });

  it("offers to take away what no rule wants, and shows it before", async () => {
    const warning = { code: "unwanted-links", message: "2 links", hint: "", path: null };
    const log = library({
      "GET /api/v1/apps/comfyui/preview": ({ query }) =>
        query.get("prune") === "true"
          ? { ...PREVIEW, remove: [{ ...link("old"), why: "unwanted" }] }
          : { ...PREVIEW, warnings: [warning] },
    });
    page();
    await userEvent.click(await screen.findByRole("checkbox", { name: /no rule wants/ }));
    expect(await screen.findByText("no rule wants it any more")).toBeInTheDocument();
    await userEvent.click(await button("Sync"));
    await waitFor(() => expect(posted(log)).toEqual({ prune: true }));
  });

  const STILL = { ...PREVIEW, create: [], conflicts: [] };
  const settled = (preview: object) =>
    library({
      "GET /api/v1/apps/comfyui/preview": () => ({ ...STILL, ...preview }),
      "GET /api/v1/health": () => ({ ...HEALTH, findings: [] }),
    });

  it("says that all is linked when a sync would change nothing", async () => {
    settled({});
    page();
    expect(await screen.findByText("Everything is linked")).toBeInTheDocument();
  });

  it("says how many links no rule wants, and not that all is linked", async () => {
    const message = "2 links are there that no rule wants any more";
    settled({ warnings: [{ code: "unwanted-links", message, hint: "", path: null }] });
    page();
    expect(await screen.findByText(message)).toBeInTheDocument();
    expect(screen.queryByText("Everything is linked")).toBeNull();
  });

  it("says that nothing is linked when the profile leaves out every model", async () => {
    settled({ keep: [] });
    page();
    expect(await screen.findByText("Nothing is linked")).toBeInTheDocument();
    expect(screen.getByText(/^1 model is left out by the profile/)).toBeInTheDocument();
    expect(screen.queryByText("Everything is linked")).toBeNull();
  });

  it("does not blame the profile for models whose drive is away", async () => {
    const away = ["a", "b"].map((id) => ({
      ...PREVIEW.excluded[0],
      model_id: id,
      reason: "offline",
    }));
    settled({ keep: [], excluded: away });
    page();
    expect(await screen.findByText(/^2 models are left out\. /)).toBeInTheDocument();
  });

  it("says that the library has no model when there is none to link", async () => {
    settled({ keep: [], excluded: [] });
    page();
    expect(await screen.findByText("The library has no model yet.")).toBeInTheDocument();
  });

  it("accepts a folder whose name says what it holds", async () => {
    const log = library();
    page();
    await userEvent.click(await screen.findByLabelText("Accept models/facedetection"));
    const accept = ["models/facedetection"];
    await waitFor(() => expect(posted(log)).toEqual({ accept }));
  });

  it("accepts a folder by what it is said to hold", async () => {
    const log = library();
    page();
    await userEvent.click(await screen.findByText("It holds…"));
    await userEvent.click(await screen.findByText("VAE", { selector: "[role=option]" }));
    await waitFor(() => expect(posted(log)).toEqual({ accept: ["models/mystery=vae"] }));
  });

  it("removes an app only after it was asked", async () => {
    let apps: unknown[] = [APP];
    const log = library({
      "GET /api/v1/apps": () => apps,
      "DELETE /api/v1/apps/comfyui": () => {
        apps = [];
        return { removed: 3, left: [], replaced: [], trash: null };
      },
    });
    page();
    await userEvent.click(await button("More"));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Remove from the library" }));
    expect(log.some(({ method }) => method === "DELETE")).toBe(false);
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Remove" }));
    expect(await screen.findByText("No app was added yet")).toBeInTheDocument();
  });

  it("adds an app that was found, after it showed what would be linked", async () => {
    const found = { kind: "comfyui", name: "ComfyUI", path: "/comfy", version: "0.6.0" };
    let apps: unknown[] = [];
    const added = { app: APP, evidence: ["main.py"], was: null, preview: PREVIEW, sync: null };
    const log = library({
      "GET /api/v1/apps": () => apps,
      "GET /api/v1/installations": () => [{ ...found, app_id: null }],
      "GET /api/v1/files": () => folder("/"),
      "POST /api/v1/apps": ({ body }) => {
        if ((body as { dry_run?: boolean }).dry_run) return { ...added, dry_run: true };
        apps = [APP];
        return { ...added, sync: SYNCED, dry_run: false };
      },
    });
    page();
    await screen.findByText("No app was added yet");
    await userEvent.click(screen.getAllByRole("button", { name: "Add an app" })[0] as HTMLElement);
    await userEvent.click(await button("Add ComfyUI at /comfy"));
    expect(await screen.findByText("new.safetensors")).toBeInTheDocument();
    expect(screen.getByText("taken.safetensors")).toBeInTheDocument();
    expect(screen.getByText("Llama")).toBeInTheDocument();
    expect(screen.queryByLabelText("Show Llama in the library")).toBeNull();
    await userEvent.click(await button("Add and link"));
    expect(await screen.findByText("ComfyUI was added: 1 link made")).toBeInTheDocument();
    expect(
      log.filter(({ path }) => path === "/api/v1/apps").map(({ body }) => body),
    ).toContainEqual({ kind: "comfyui", path: "/comfy", sync: true });
  });

  it("says why an app cannot be shown and tries again", async () => {
    let fails = true;
    const problem = { code: "profile", detail: "line 3: rule.kinds has 'x'", hint: "Mend it." };
    library({
      "GET /api/v1/apps/comfyui/preview": () => (fails ? new Refusal(422, problem) : PREVIEW),
    });
    page();
    expect(await screen.findByText("line 3: rule.kinds has 'x'")).toBeInTheDocument();
    fails = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("new.safetensors")).toBeInTheDocument();
  });
});
