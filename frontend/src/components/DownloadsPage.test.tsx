import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { later, Refusal, type Routes, serve, show } from "@/test/server";
import type { RemoteModel } from "@/types/shapes";
import { DownloadsPage } from "./DownloadsPage";
import { Toasts } from "./Toasts";

const remote = (repo: string, more: Partial<RemoteModel> = {}): RemoteModel => ({
  provider: "huggingface",
  repo,
  url: `https://huggingface.co/${repo}`,
  revision: null,
  author: null,
  gated: null,
  private: false,
  license: "mit",
  tags: [],
  pipeline_tag: null,
  library_name: null,
  base_models: [],
  downloads: 120_000,
  likes: 3,
  updated: null,
  parameters: null,
  architecture: null,
  ...more,
});

const LIVE = { freshness: "live", age: 0, took_ms: 1 };
const file = (path: string, size: number) => ({ path, size, sha256: null });

function hub(more: Routes = {}, models = [remote("me/llama-gguf")]) {
  return serve({
    "GET /api/v1/jobs": () => ({ jobs: [], counts: {} }),
    "GET /api/v1/status": () => ({ network: { token: false, endpoint: "https://hub.example" } }),
    "GET /api/v1/queue/limits": () => ({ at_once: 2, bandwidth: null }),
    "GET /api/v1/hub/search": ({ query }) => ({ ...LIVE, query: query.get("query"), models }),
    "GET /api/v1/hub/repository": () => ({
      ...LIVE,
      model: models[0],
      refused: [],
      files: [
        file("llama.Q4_K_M.gguf", 4e9),
        file("llama.Q8_0.gguf", 8e9),
        file("extra.ckpt", 1e6),
      ],
      choices: [
        { name: "Q4_K_M", size: 4e9, files: ["llama.Q4_K_M.gguf"] },
        { name: "Q8_0", size: 8e9, files: ["llama.Q8_0.gguf"] },
      ],
    }),
    "POST /api/v1/downloads": () => ({
      job_id: "d",
      kind: "download",
      title: "llama",
      state: "queued",
    }),
    ...more,
  });
}

const WAITING = {
  job_id: "d",
  kind: "download",
  title: "llama",
  state: "queued",
  request: null,
  priority: 0,
  parameters: { repo: "me/llama" },
  progress: { fraction: null, bytes_done: 0, bytes_total: null, models_done: 0 },
  result: null,
  error: null,
  ended: null,
};

const page = () =>
  show(
    <>
      <DownloadsPage />
      <Toasts />
    </>,
  );

describe("downloads", () => {
  it("asks the Hub once for a burst of keys", async () => {
    const log = hub();
    page();
    await userEvent.type(screen.getByRole("searchbox"), "llama");
    expect(await screen.findByText("me/llama-gguf")).toBeInTheDocument();
    const asked = log.filter(({ path }) => path === "/api/v1/hub/search");
    expect(asked.map(({ query }) => query.get("query"))).toEqual(["llama"]);
  });

  it("fetches the quantization that was chosen", async () => {
    const log = hub();
    page();
    await userEvent.type(screen.getByRole("searchbox"), "llama");
    await userEvent.click(await screen.findByText("me/llama-gguf"));
    await userEvent.click(await screen.findByRole("radio", { name: /Q8_0/ }));
    await userEvent.click(screen.getByRole("button", { name: "Download 8.00 GB" }));
    expect(await screen.findByText("llama will be downloaded")).toBeInTheDocument();
    expect(log.at(-1)?.body).toEqual({ repo: "me/llama-gguf", quant: "Q8_0" });
  });

  it("fetches single files, and asks before it fetches a pickle", async () => {
    const log = hub();
    window.history.replaceState(null, "", "/downloads?q=llama&repo=me/llama-gguf");
    page();
    await userEvent.click(await screen.findByText(/Choose from 3 files/));
    await userEvent.click(screen.getByRole("checkbox", { name: /extra.ckpt/ }));
    const button = screen.getByRole("button", { name: "Download 1.00 MB" });
    expect(button).toBeDisabled();
    await userEvent.click(screen.getByRole("checkbox", { name: /I trust their author/ }));
    await userEvent.click(button);
    await waitFor(() =>
      expect(log.at(-1)?.body).toEqual({
        repo: "me/llama-gguf",
        files: ["extra.ckpt"],
        accept_pickle: true,
      }),
    );
  });

  it("explains a gate", async () => {
    hub({}, [remote("me/gated", { gated: "manual" })]);
    window.history.replaceState(null, "", "/downloads?q=gated&repo=me/gated");
    page();
    expect(await screen.findByText(/its authors decide/)).toBeInTheDocument();
  });

  it("says what to do when a gate was closed, with the page to open", async () => {
    const failed = {
      ...WAITING,
      state: "failed",
      error: { code: "license-not-accepted", message: "It is gated", hint: "accept them" },
    };
    hub({ "GET /api/v1/jobs": () => ({ jobs: [failed], counts: {} }) });
    page();
    expect(await screen.findByText("The licence is not accepted yet")).toBeInTheDocument();
    expect(await screen.findByRole("link", { name: "Open its page" })).toHaveAttribute(
      "href",
      "https://hub.example/me/llama",
    );
  });

  it("lets a waiting download begin next, and limits them all", async () => {
    const log = hub({
      "GET /api/v1/jobs": () => ({ jobs: [WAITING, { ...WAITING, job_id: "e", priority: 4 }] }),
      "PUT /api/v1/jobs/*/priority": () => ({ ...WAITING, priority: 5 }),
      "PATCH /api/v1/queue/limits": () => ({ at_once: 2, bandwidth: 5_000_000 }),
    });
    page();
    const [first] = await screen.findAllByRole("button", { name: "Begin next llama" });
    await userEvent.click(first as HTMLElement);
    await waitFor(() => expect(log.at(-1)?.body).toEqual({ priority: 5 }));
    await userEvent.click(screen.getByRole("button", { name: /Speed/ }));
    await userEvent.click(await screen.findByRole("option", { name: "at most 5.00 MB/s" }));
    await waitFor(() => expect(log.at(-1)?.body).toEqual({ bandwidth: 5_000_000 }));
    expect(await screen.findByRole("button", { name: /at most 5.00 MB\/s/ })).toBeInTheDocument();
  });

  it("says that an answer is from before, and why there is none", async () => {
    hub({
      "GET /api/v1/hub/search": () => ({
        freshness: "stale",
        age: 7200,
        took_ms: 1,
        query: "",
        models: [remote("me/old")],
      }),
      "GET /api/v1/hub/repository": () =>
        new Refusal(503, { code: "offline", detail: "There is no network", hint: "Try later." }),
    });
    window.history.replaceState(null, "", "/downloads?q=old&repo=me/old");
    page();
    expect(await screen.findByText("Using cached data · 2 h ago")).toBeInTheDocument();
    expect(await screen.findByText("There is no network")).toBeInTheDocument();
    expect(screen.getByText(/It is asked again by itself, every minute/)).toBeInTheDocument();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it.each([
    ["connection-failed", "hub.example: the connection was refused"],
    ["offline", "hub.example does not answer; it is left in peace"],
  ])("asks at once when a person wants it, after %s", async (code, detail) => {
    const answer = later<unknown>();
    let asked = 0;
    const log = hub({
      "GET /api/v1/hub/search": () =>
        asked++ ? answer.promise : new Refusal(503, { code, detail }),
    });
    window.history.replaceState(null, "", "/downloads?q=old");
    page();
    expect(await screen.findByText(detail)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("status", { name: "Loading" })).toBeInTheDocument();
    answer.give({ ...LIVE, query: "old", models: [remote("me/old")] });
    expect(await screen.findByText("me/old")).toBeInTheDocument();
    const tries = log.filter(({ path }) => /hub.search|ask-again/.test(path));
    expect(tries.map(({ method }) => method)).toEqual(["GET", "POST", "GET"]);
  });

  it("asks a host that is left in peace again by itself", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let isBack = false;
    hub({
      "GET /api/v1/hub/search": () =>
        isBack
          ? { ...LIVE, query: "old", models: [remote("me/old")] }
          : new Refusal(503, { code: "offline", detail: "It does not answer" }),
    });
    window.history.replaceState(null, "", "/downloads?q=old");
    page();
    expect(await screen.findByText("It does not answer")).toBeInTheDocument();
    isBack = true;
    await act(() => vi.advanceTimersByTimeAsync(62_000));
    vi.useRealTimers();
    expect(await screen.findByText("me/old")).toBeInTheDocument();
  });

  it.each([
    [{ stored: true, variable: null }, "Work offline is switched on in Settings."],
    [{ stored: false, variable: "HF_HUB_OFFLINE" }, /switched off by HF_HUB_OFFLINE/],
    [{ stored: false, variable: null }, /switched off when the program was started/],
  ])("says calmly which switch keeps it from asking, and leads to it: %o", async (by, said) => {
    const hint = "`model-library status` shows it.";
    hub({
      "GET /api/v1/status": () => ({ network: { offline: true, hosts: [] } }),
      "GET /api/v1/settings": () => ({ offline: { on: true, ...by } }),
      "GET /api/v1/hub/search": () => new Refusal(503, { code: "offline", detail: "off", hint }),
    });
    window.history.replaceState(null, "", "/downloads?q=old");
    page();
    expect(await screen.findByText(said)).toBeInTheDocument();
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByText(/model-library status/)).toBeNull();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Open Settings" }));
    expect(window.location.pathname).toBe("/settings");
  });
});
