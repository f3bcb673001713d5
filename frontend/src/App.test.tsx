import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Job } from "@/types/shapes";
import { App } from "./App";
import { S } from "./strings";
import { connection, FakeEvents, standInForEvents } from "./test/events";
import { entry, folder, model, page, Refusal, type Routes, serve, show } from "./test/server";

const STATUS = {
  models: 2,
  bytes: 4_000_000_000,
  read_only: false,
  network: { offline: false, hosts: [] },
  roots: [
    { root_id: "r", mode: "managed", path: "/lib/models", home: true, online: true, free: 9e12 },
  ],
};

const job = (more: Partial<Job> = {}): Job => ({
  job_id: "j1",
  kind: "import",
  title: "a.gguf",
  state: "running",
  request: null,
  owner: 1,
  priority: 0,
  parameters: {},
  progress: {
    stage: "",
    bytes_done: 0,
    bytes_total: null,
    models_done: 0,
    models_total: null,
    fraction: null,
    rate: null,
    seconds_left: null,
    detail: "",
  },
  result: null,
  error: null,
  created: "",
  started: null,
  ended: null,
  ...more,
});

function application(more: Routes = {}) {
  return serve({
    "GET /api/v1/status": () => STATUS,
    "GET /api/v1/health": () => ({ status: "healthy", findings: [] }),
    "GET /api/v1/jobs": () => ({ jobs: [], counts: {} }),
    "GET /api/v1/search": (asked) => page([model("alpha"), model("beta")], asked),
    ...more,
  });
}

beforeEach(standInForEvents);

describe("the application", () => {
  it("says how to come in when the server does not know this browser", async () => {
    serve({
      "GET /api/v1/status": () => new Refusal(401, { code: "token-missing", detail: "no" }),
      "GET /api/v1/search": () => new Refusal(401, { code: "token-missing", detail: "no" }),
      "GET /api/v1/health": () => new Refusal(401, { code: "token-missing", detail: "no" }),
      "GET /api/v1/jobs": () => new Refusal(401, { code: "token-missing", detail: "no" }),
    });
    show(<App />);
    expect(await screen.findByText(/not connected to the server/)).toBeInTheDocument();
  });

  it("shows how the library stands, and loads again what changed", async () => {
    let models = [model("alpha")];
    application({ "GET /api/v1/search": (asked) => page(models, asked) });
    show(<App />);
    await screen.findByText("alpha");
    expect(screen.getByText(/2 models · 4.00 GB/)).toBeInTheDocument();
    models = [model("alpha"), model("gamma")];
    connection().tell("changed", { areas: ["models", "status"] });
    expect(await screen.findByText("gamma")).toBeInTheDocument();
  });

  it("tells once for a burst of changes", async () => {
    const log = application();
    show(<App />);
    await screen.findByText("alpha");
    const before = log.filter(({ path }) => path === "/api/v1/search").length;
    for (let time = 0; time < 500; time += 1) connection().tell("changed", { areas: ["models"] });
    await waitFor(() =>
      expect(log.filter(({ path }) => path === "/api/v1/search").length).toBeGreaterThan(before),
    );
    expect(log.filter(({ path }) => path === "/api/v1/search").length).toBe(before + 1);
  });

  it("loads everything again after events were missed", async () => {
    const log = application();
    show(<App />);
    await screen.findByText("alpha");
    const before = log.length;
    connection().tell("reset", {});
    await waitFor(() => expect(log.length).toBeGreaterThanOrEqual(before + 4));
  });

  it("connects anew when the browser gave up", async () => {
    application();
    show(<App />);
    await screen.findByText("alpha");
    const first = connection();
    first.readyState = FakeEvents.CLOSED;
    act(() => first.onerror());
    expect(screen.getByText("Reconnecting…")).toBeInTheDocument();
    await waitFor(() => expect(connection()).not.toBe(first), { timeout: 4000 });
    act(() => connection().onopen());
    expect(screen.queryByText("Reconnecting…")).not.toBeInTheDocument();
  });

  it("shows the progress of a job, and asks to pause it", async () => {
    const running = job({ state: "running" });
    const log = application({
      "GET /api/v1/jobs": () => ({ jobs: [running], counts: { running: 1 } }),
      "POST /api/v1/jobs/*/pause": () => job({ request: "pause" }),
    });
    show(<App />);
    await userEvent.click(await screen.findByRole("button", { name: /show jobs/ }));
    await screen.findByRole("dialog");
    connection().tell("progress", {
      job_id: "j1",
      kind: "import",
      progress: {
        ...running.progress,
        bytes_done: 5e8,
        bytes_total: 1e9,
        fraction: 0.5,
        rate: 1e8,
        seconds_left: 5,
      },
      finished: [],
    });
    expect(await screen.findByText("100 MB/s · 5 s left")).toBeInTheDocument();
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "50");
    await userEvent.click(screen.getByRole("button", { name: "Pause a.gguf" }));
    expect(await screen.findByText("Pausing…")).toBeInTheDocument();
    expect(log.at(-1)?.path).toBe("/api/v1/jobs/j1/pause");
    connection().tell("job", job({ state: "done" }));
    expect(await screen.findByText("Import finished: a.gguf")).toBeInTheDocument();
  });
});

describe("a look-up", () => {
  const user = userEvent.setup();
  const press = async () => {
    window.history.replaceState(null, "", "/?model=alpha");
    show(<App />);
    await screen.findByText(/2 models · 4.00 GB/);
    await user.click((await screen.findAllByRole("button", { name: "Look up" }))[0] as Element);
  };

  it("that nobody could be asked for says so, in the place of what was promised", async () => {
    const asked = job({ kind: "lookup", title: "1 model", state: "queued" });
    application({
      "GET /api/v1/models/*": () => model("alpha"),
      "POST /api/v1/lookups": () => asked,
    });
    await press();
    expect(await screen.findByText("1 model will be looked up")).toBeInTheDocument();
    const result = { looked_up: 0, waiting: 1, waiting_for: "hub.example does not answer" };
    connection().tell("job", { ...asked, state: "done", result });
    expect(await screen.findByText("Look-up: nobody could be asked")).toBeInTheDocument();
    expect(
      screen.getByText("1 model still waits: hub.example does not answer"),
    ).toBeInTheDocument();
    expect(screen.queryByText("1 model will be looked up")).toBeNull();
    expect(screen.queryByText(/Look-up finished/)).toBeNull();
  });

  it("is not begun while working offline, and the way to Settings is shown", async () => {
    const log = application({
      "GET /api/v1/status": () => ({ ...STATUS, network: { offline: true, hosts: [] } }),
      "GET /api/v1/models/*": () => model("alpha"),
    });
    await press();
    await screen.findByText("Offline: 1 model cannot be looked up");
    expect(log.filter(({ path }) => path === "/api/v1/lookups")).toEqual([]);
    const said = screen.getByRole("region", { name: "Messages" });
    await user.click(within(said).getByRole("button", { name: "Settings" }));
    expect(window.location.pathname).toBe("/settings");
  });
});

describe("searching the Hub", () => {
  it("is asked again when somebody switches the network on", async () => {
    let network = { offline: true, hosts: [] };
    const off = {
      code: "offline",
      detail: "hub.example was not asked: the network is switched off",
    };
    const models = [{ provider: "huggingface", repo: "me/llama-gguf", tags: [], base_models: [] }];
    const found = { freshness: "live", age: 0, took_ms: 1, query: "llama", models };
    application({
      "GET /api/v1/status": () => ({ ...STATUS, network }),
      "GET /api/v1/settings": () => ({ offline: { stored: true, variable: null } }),
      "GET /api/v1/hub/search": () => (network.offline ? new Refusal(503, off) : found),
    });
    window.history.replaceState(null, "", "/downloads?q=llama");
    show(<App />);
    await screen.findByText(S.hub.off);
    network = { offline: false, hosts: [] };
    connection().tell("network", network);
    expect(await screen.findByText("me/llama-gguf")).toBeInTheDocument();
  });
});

describe("an import", () => {
  const risky = {
    paths: ["/in/gift.ckpt"],
    valid: true,
    name: "gift",
    official_name: "gift",
    form: "single-file",
    kind: "checkpoint",
    size: 100,
    security: { tier: "pickle-dangerous", findings: [] },
  };
  const safe = {
    ...risky,
    paths: ["/in/good.safetensors"],
    name: "good",
    official_name: "good",
    security: { tier: "safe-format", findings: [] },
  };
  const nothing = {
    imported: [],
    duplicates: [],
    skipped: [],
    failed: [],
    dry_run: true,
    took_ms: 1,
  };

  it("goes from choosing to the summary, and tries again what failed", async () => {
    const user = userEvent.setup();
    const failure = (name: string, code: string, message: string) => ({
      path: `/in/${name}`,
      paths: [`/in/${name}`],
      error: { code, message, hint: "" },
    });
    const failed = [
      failure("gift.ckpt", "target-full", "It is full"),
      failure("junk.gguf", "not-a-model", "It is no model"),
    ];
    const log = application({
      "GET /api/v1/files": () => folder("/in", { entries: [entry("/in")] }),
      "POST /api/v1/inspections": () => ({ models: [safe, risky], skipped: [] }),
      "POST /api/v1/imports/preview": () => ({ ...nothing, would_import: [safe, risky] }),
      "POST /api/v1/hub/matches": () => new Refusal(503, { code: "offline", detail: "No network" }),
      "POST /api/v1/imports": () => job(),
      "GET /api/v1/jobs/*/result": () => ({
        job_id: "j1",
        kind: "import",
        document: { ...nothing, imported: [{ ...model("good"), left: [] }], failed },
      }),
    });
    window.history.replaceState(null, "", "/import");
    show(<App />);
    await user.click(await screen.findByRole("button", { name: "Choose files and folders" }));
    await user.click(await screen.findByRole("checkbox", { name: /in/ }));
    await user.click(screen.getByRole("button", { name: "Look at them" }));

    const begin = await screen.findByRole("button", { name: "Import 2 models" });
    expect(begin).toBeDisabled();
    await user.click(screen.getByRole("checkbox", { name: /I trust where they come from/ }));
    await user.click(screen.getByRole("radio", { name: /^Move/ }));
    await user.click(begin);
    await screen.findByText("Importing…");
    const asked = log.filter(({ path }) => path === "/api/v1/imports").map(({ body }) => body);
    expect(asked).toEqual([{ paths: ["/in"], place: "move", accept_pickle: true }]);

    const result = { imported: 1, failed: 2 };
    connection().tell("job", job({ state: "done", result, parameters: { place: "move" } }));
    const summary = await screen.findByRole("heading", { name: "1 imported, 2 failed" });
    expect(summary).toHaveFocus(); // the button that had it is gone
    expect(screen.getByText("Import finished: 1 imported, 2 failed")).toBeInTheDocument();
    expect(screen.getByText("It is full")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Try the failed ones again" }));
    await waitFor(() =>
      expect(log.filter(({ path }) => path === "/api/v1/imports").at(-1)?.body).toMatchObject({
        paths: ["/in/gift.ckpt"],
        place: "move",
      }),
    );
  });

  it("leaves out what a person leaves out, and then asks nothing about it", async () => {
    const log = application({
      "POST /api/v1/inspections": () => ({ models: [safe, risky], skipped: [] }),
      "POST /api/v1/imports/preview": () => ({ ...nothing, would_import: [safe, risky] }),
      "POST /api/v1/hub/matches": () => new Refusal(503, { code: "offline", detail: "No network" }),
      "POST /api/v1/imports": () => job(),
    });
    show(<App />);
    await screen.findByText("alpha");
    const drop = new Event("drop", { bubbles: true, cancelable: true });
    const data = { types: ["text/uri-list"], getData: () => "file:///in", items: [], files: [] };
    Object.defineProperty(drop, "dataTransfer", { value: data });
    act(() => void window.dispatchEvent(drop));
    await userEvent.click(await screen.findByRole("checkbox", { name: "Import gift" }));
    await userEvent.click(screen.getByRole("button", { name: "Import 1 model" }));
    await waitFor(() =>
      expect(log.find(({ path }) => path === "/api/v1/imports")?.body).toEqual({
        paths: ["/in/good.safetensors"],
        place: "auto",
        accept_pickle: false,
      }),
    );
  });
});
