import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { model, page, Refusal, type Routes, serve, show } from "@/test/server";
import type { Model } from "@/types/shapes";
import { ModelManager } from "./ModelManager";
import { Toasts } from "./Toasts";

function library(models: Model[], more: Routes = {}) {
  const held = [...models];
  const at = (path: string) => held.findIndex((one) => path.endsWith(one.model_id));
  return serve({
    "GET /api/v1/search": (asked) => {
      const text = asked.query.get("query") ?? "";
      return page(
        held.filter((one) => one.official_name.includes(text)),
        asked,
      );
    },
    "GET /api/v1/models/*": ({ path }) => held[at(path)],
    "GET /api/v1/links": () => [],
    "DELETE /api/v1/models/*": ({ path }) => {
      const [gone] = held.splice(at(path), 1);
      return { model_id: gone?.model_id, trash: "/trash", freed: 0 };
    },
    "POST /api/v1/trash/*/restore": ({ path }) => {
      const back = models.find((one) => path.includes(one.model_id)) as Model;
      held.push(back);
      return back;
    },
    ...more,
  });
}

const rows = () => screen.getAllByRole("row").slice(1);
const name = (row: HTMLElement | undefined) =>
  within(row as HTMLElement).getAllByRole("gridcell")[1];

describe("ModelManager", () => {
  it("lists what there is, and what a search finds", async () => {
    library([model("alpha"), model("beta")]);
    show(<ModelManager />);
    await screen.findByText("alpha");
    expect(rows()).toHaveLength(2);
    await userEvent.type(screen.getByRole("searchbox"), "bet");
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(rows()[0]).toHaveTextContent("beta");
    expect(window.location.search).toContain("q=bet");
  });

  it("says what to do when nothing matches, and does it", async () => {
    library([model("alpha")]);
    show(<ModelManager />);
    await userEvent.type(await screen.findByRole("searchbox"), "zzz");
    await userEvent.click(await screen.findByRole("button", { name: "Clear search and filters" }));
    expect(await screen.findByText("alpha")).toBeInTheDocument();
  });

  it("says what of a search it did not understand, also where something was found", async () => {
    const warning = { code: "unknown-value", message: "'>abc' is no size.", hint: "Write >4GB." };
    library([model("alpha")], {
      "GET /api/v1/search": (asked) => {
        const text = asked.query.get("query") ?? "";
        const found = text.includes("alpha") || text === "" ? [model("alpha")] : [];
        return { ...page(found, asked), warnings: text.includes("size") ? [warning] : [] };
      },
    });
    show(<ModelManager />);
    await userEvent.type(await screen.findByRole("searchbox"), "size:>abc");
    expect(await screen.findByText("'>abc' is no size. Write >4GB.")).toBeInTheDocument();
    await userEvent.type(screen.getByRole("searchbox"), " alpha");
    expect(await screen.findByText("alpha")).toBeInTheDocument();
    expect(screen.getByText("'>abc' is no size.")).toBeInTheDocument();
  });

  it("narrows by a facet and keeps that in its address", async () => {
    const log = library([model("alpha"), model("beta")], {
      "GET /api/v1/search": (asked) => ({
        ...page([model("alpha")], asked),
        facets: { kind: { checkpoint: 1, vae: 1 } },
      }),
    });
    show(<ModelManager />);
    await userEvent.click(await screen.findByRole("checkbox", { name: /VAE/ }));
    await waitFor(() => expect(log.at(-1)?.query.get("kind")).toBe('"vae"'));
    expect(window.location.search).toBe("?kind=vae");
  });

  it("selects with Ctrl and Shift, deletes, and brings back", async () => {
    const log = library(["a", "b", "c", "d"].map((letter) => model(`model-${letter}`)));
    show(
      <>
        <ModelManager />
        <Toasts />
      </>,
    );
    await screen.findByText("model-a");
    const user = userEvent.setup();
    await user.keyboard("{Control>}");
    await user.click(name(rows()[0]) as HTMLElement);
    await user.keyboard("{/Control}{Shift>}");
    await user.click(name(rows()[2]) as HTMLElement);
    await user.keyboard("{/Shift}");
    await screen.findByText(/3 selected/);
    await user.keyboard("{Control>}");
    await user.click(name(rows()[1]) as HTMLElement);
    await user.keyboard("{/Control}");
    await screen.findByText(/2 selected/);

    const bar = screen.getByRole("toolbar");
    await user.click(within(bar).getByRole("button", { name: "Delete" }));
    await user.click(await screen.findByRole("button", { name: "Move to the trash" }));
    await waitFor(() => expect(rows()).toHaveLength(2));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(rows()).toHaveLength(4));
    const paths = log.filter(({ method }) => method === "POST").map(({ path }) => path);
    expect(paths).toEqual([
      "/api/v1/trash/model-a-0ac3165b/restore",
      "/api/v1/trash/model-c-0ac3165b/restore",
    ]);
  });

  it.each(["table", "grid"])("opens by a click and selects by the tick (%s)", async (view) => {
    window.history.replaceState(null, "", `/?view=${view}`);
    library([model("alpha"), model("beta")]);
    show(<ModelManager />);
    const role = view === "grid" ? "option" : "row";
    const item = (text: string) => screen.findByRole(role, { name: new RegExp(text) });
    await userEvent.click(await screen.findByText("alpha"));
    const details = await screen.findByRole("complementary", { name: "Model" });
    expect(await item("alpha")).toHaveAttribute("aria-current", "true");
    expect(await item("alpha")).toHaveAttribute("aria-selected", "false");
    expect(screen.queryByRole("toolbar")).toBeNull();

    const tick = (await item("beta")).querySelector("[data-tick]") as HTMLElement;
    await userEvent.click(tick);
    expect(await screen.findByText(/1 selected/)).toBeInTheDocument();
    expect(
      within(screen.getByRole("toolbar")).getByRole("button", { name: "Verify" }),
    ).toBeVisible();
    expect(await item("beta")).toHaveAttribute("aria-selected", "true");
    expect(await item("beta")).not.toHaveAttribute("aria-current");
    expect(await within(details).findByRole("heading", { level: 2 })).toHaveTextContent("alpha");
  });

  it("goes from the search to the list, into the details and back, by keys", async () => {
    library([model("alpha"), model("beta")]);
    show(<ModelManager />);
    await screen.findByText("alpha");
    const grid = screen.getByRole("grid");
    screen.getByRole("searchbox").focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(grid).toHaveFocus();
    screen.getByRole("searchbox").focus();
    await userEvent.keyboard("{Enter}");
    expect(grid).toHaveFocus();

    await userEvent.keyboard("{ArrowDown}{Enter}");
    const details = await screen.findByRole("complementary", { name: "Model" });
    expect(grid).toHaveFocus();
    await userEvent.keyboard("{Control>}a{/Control}{Enter}");
    expect(details).toHaveFocus();
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("complementary", { name: "Model" })).toBeNull();
    await waitFor(() => expect(grid).toHaveFocus());
    expect(screen.getByText(/2 selected/)).toBeInTheDocument();
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByText(/selected/)).toBeNull();
  });

  it("names what would be deleted, the apps that lose by it, and the way back", async () => {
    const link = { app: "comfyui", model_id: "model-a-0ac3165b" };
    library(
      ["a", "b", "c", "d", "e", "f", "g"].map((letter) => model(`model-${letter}`)),
      {
        "GET /api/v1/links": ({ query }) =>
          [link].filter(({ model_id }) => [null, model_id].includes(query.get("model"))),
        "GET /api/v1/apps": () => [{ app_id: "comfyui", name: "ComfyUI" }],
      },
    );
    show(<ModelManager />);
    await userEvent.click(await screen.findByText("model-b"));
    await userEvent.keyboard("{Delete}");
    const alone = await screen.findByRole("alertdialog", { name: "Delete 1 model?" });
    expect(within(alone).getByText("model-b")).toBeInTheDocument();
    expect(await within(alone).findByText("No app has a link to it.")).toBeInTheDocument();
    expect(
      within(alone).getByText(/until you empty it. To bring it back: the page Trash/),
    ).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(screen.getByRole("grid")).toHaveFocus());
    await userEvent.keyboard("{Control>}a{/Control}");
    await screen.findByText(/7 selected/);
    await userEvent.keyboard("{Delete}");
    const many = await screen.findByRole("alertdialog", { name: "Delete 7 models?" });
    expect(await within(many).findByText("ComfyUI loses its links to them.")).toBeInTheDocument();
    expect(within(many).getByText("model-e")).toBeInTheDocument();
    expect(within(many).queryByText("model-f")).toBeNull();
    expect(within(many).getByText("And 2 more")).toBeInTheDocument();
  });

  it("offers a filter also where every model has its value", async () => {
    library([model("alpha", { tags: ["sample"] })], {
      "GET /api/v1/search": (asked) => ({
        ...page([model("alpha")], asked),
        facets: { tags: { sample: 1 } },
      }),
    });
    show(<ModelManager />);
    expect(await screen.findByRole("checkbox", { name: /sample/ })).toBeInTheDocument();
  });

  it("goes through the list by keys and opens the current one", async () => {
    library(["a", "b", "c"].map((letter) => model(`model-${letter}`)));
    show(<ModelManager />);
    await screen.findByText("model-a");
    screen.getByRole("grid").focus();
    await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(await screen.findByRole("complementary", { name: "Model" })).toHaveTextContent(
      "model-c",
    );
    await userEvent.keyboard("{Control>}a{/Control}");
    expect(await screen.findByText(/3 selected/)).toBeInTheDocument();
  });

  it("says why it thinks what a model is, and what opening it can do", async () => {
    library([
      model("alpha", {
        security: { tier: "pickle-dangerous", findings: ["os.system"], scanner: "", date: "" },
      }),
    ]);
    window.history.replaceState(null, "", "/?model=alpha-0ac3165b");
    show(<ModelManager />);
    const detail = await screen.findByRole("complementary", { name: "Model" });
    expect(await within(detail).findByText(/the tensors in the file/)).toBeInTheDocument();
    expect(within(detail).getByText(/95%/)).toBeInTheDocument();
    expect(within(detail).getByText("os.system")).toBeInTheDocument();
    expect(within(detail).getByText(/Do not open it/)).toBeInTheDocument();
  });

  it.each([
    ["registry.ollama.ai/library/tiny:1b", "tiny:1b"],
    ["registry.ollama.ai/me/tiny:latest", "me/tiny:latest"],
    ["hf.co/owner/Tiny-GGUF:Q4_K_M", "hf.co/owner/Tiny-GGUF:Q4_K_M"],
  ])("says what Ollama calls a model of its store: %s", async (name, listed) => {
    library([model("alpha", { source_labels: { "ollama.name": name } })]);
    window.history.replaceState(null, "", "/?model=alpha-0ac3165b");
    show(<ModelManager />);
    const detail = await screen.findByRole("complementary", { name: "Model" });
    expect(await within(detail).findByText(listed)).toBeInTheDocument();
  });

  it("says what was found in the words that people know, and takes them", async () => {
    const log = library(
      [
        model("alpha", {
          family: "sdxl",
          user_set: ["kind", "family"],
          automatic: {
            kind: { value: "upscaler", evidence: null },
            family: { value: "sd1", evidence: null },
          },
        }),
      ],
      { "PATCH /api/v1/models/*": () => model("alpha", { family: "flux1" }) },
    );
    window.history.replaceState(null, "", "/?model=alpha-0ac3165b");
    show(<ModelManager />);
    expect(await screen.findByText("Found: Upscaler")).toBeInTheDocument();
    expect(screen.getByText("Found: SD 1.x")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: /^Edit Family/ }));
    const field = screen.getByRole("textbox", { name: "Family" });
    expect(field).toHaveValue("SDXL");
    await userEvent.clear(field);
    await userEvent.type(field, "flux.1{Enter}");
    await waitFor(() =>
      expect(log.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toEqual([
        { assignments: ["family=flux1"] },
      ]),
    );
  });

  it("edits tags where they stand, marks them, and takes that back", async () => {
    const before = model("alpha", { tags: ["old"] });
    const after = model("alpha", { tags: ["old", "new"], user_set: ["tags"] });
    const log = library([before], {
      "PATCH /api/v1/models/*": ({ body }) => ("unset" in (body as object) ? before : after),
    });
    window.history.replaceState(null, "", "/?model=alpha-0ac3165b");
    show(<ModelManager />);
    await userEvent.type(await screen.findByRole("textbox", { name: "Add a tag" }), "new{Enter}");
    expect(await screen.findByText("Set by you")).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole("button", { name: "Use what was found for Tags again" }),
    );
    await waitFor(() => expect(screen.queryByText("Set by you")).not.toBeInTheDocument());
    expect(log.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toEqual([
      { assignments: ["tags=old", "tags=new"] },
      { unset: ["tags"] },
    ]);
  });

  it("shows names from strangers as text", async () => {
    library([model("<img src=x onerror=alert(1)>")]);
    const { container } = show(<ModelManager />);
    expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeInTheDocument();
    expect(container.querySelector("img")).toBeNull();
  });

  it("says what went wrong and tries again", async () => {
    let broken = true;
    library([], {
      "GET /api/v1/search": (asked) =>
        broken
          ? new Refusal(409, { code: "library-busy", detail: "Busy", hint: "Wait a moment." })
          : page([model("alpha")], asked),
    });
    show(<ModelManager />);
    expect(await screen.findByRole("alert")).toHaveTextContent("Wait a moment.");
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("alpha")).toBeInTheDocument();
  });

  it("puts what the Hub has below what is here, asked once and with the plain words", async () => {
    const remote = { repo: "o/alpha-xl", gated: null, downloads: 5, likes: 1, updated: null };
    const log = library([model("alpha")], {
      "GET /api/v1/hub/search": () => ({
        freshness: "stale",
        age: 7200,
        took_ms: 1,
        query: "",
        models: [{ ...remote, pipeline_tag: null, library_name: null, parameters: null }],
      }),
    });
    show(<ModelManager />);
    await screen.findByText("alpha");
    await userEvent.type(screen.getByRole("searchbox"), "alpha");
    const found = await screen.findByText("o/alpha-xl");
    const row = screen.getByText("alpha");
    expect(row.compareDocumentPosition(found) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    expect(screen.getByText("Using cached data · 2 h ago")).toBeInTheDocument();
    expect(screen.getByRole("grid")).not.toContainElement(found);
    const asked = log.filter(({ path }) => path === "/api/v1/hub/search");
    expect(asked.map(({ query }) => query.get("query"))).toEqual(["alpha"]);
    await userEvent.click(found);
    expect(window.location.search).toContain("repo=o%2Falpha-xl");
  });

  it("asks the Hub nothing for filters alone, and says calmly that it is not there", async () => {
    const log = library([model("alpha")], {
      "GET /api/v1/status": () => ({ network: { offline: true, hosts: [] } }),
      "GET /api/v1/hub/search": () => new Refusal(503, { code: "offline", detail: "switched off" }),
    });
    show(<ModelManager />);
    await userEvent.type(await screen.findByRole("searchbox"), "kind:lora");
    await screen.findByText("Nothing in your library matches");
    expect(screen.queryByText("On the Hugging Face Hub")).toBeNull();
    await userEvent.type(screen.getByRole("searchbox"), " alpha");
    expect(await screen.findByText(/Offline: the Hub is not asked/)).toBeInTheDocument();
    expect(await screen.findByRole("button", { name: "Open Settings" })).toBeInTheDocument();
    expect(log.filter(({ path }) => path === "/api/v1/hub/search")).toHaveLength(1);
  });

  it("shows neither filters nor a count while there is nothing", async () => {
    library([], { "GET /api/v1/first-run/folders": () => [] });
    show(<ModelManager />);
    expect(await screen.findByText("Your library is empty")).toBeInTheDocument();
    expect(screen.queryByRole("heading", { name: "Filters" })).not.toBeInTheDocument();
    expect(screen.getByRole("button", { name: /filters/i })).toBeDisabled();
    expect(screen.queryByText(/0 models/)).not.toBeInTheDocument();
  });
});
