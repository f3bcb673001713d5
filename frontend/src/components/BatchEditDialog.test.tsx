import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { later, model, page, Refusal, type Routes, serve, show } from "@/test/server";
import { ModelManager } from "./ModelManager";
import { Toasts } from "./Toasts";

const MODELS = [model("alpha", { tags: ["old"], user_set: ["tags"] }), model("beta")];
const [ALPHA, BETA] = MODELS.map((one) => one.model_id);
const APP = { app_id: "comfyui", name: "ComfyUI" };

async function selectBoth(more: Routes = {}) {
  const log = serve({
    "GET /api/v1/search": (asked) => page(MODELS, asked),
    "GET /api/v1/apps": () => [APP],
    ...more,
  });
  show(
    <>
      <ModelManager />
      <Toasts />
    </>,
  );
  await screen.findByText("alpha");
  screen.getByRole("grid").focus();
  await userEvent.keyboard("{Control>}a{/Control}");
  await screen.findByText(/2 selected/);
  return log;
}

const openDialog = async () => {
  await userEvent.click(screen.getByRole("button", { name: "Edit…" }));
  return within(await screen.findByRole("dialog", { name: "Edit 2 models" }));
};

describe("editing many models", () => {
  it("sends only what was filled in, once for all of them", async () => {
    const log = await selectBoth({
      "PATCH /api/v1/models": () => ({ edited: MODELS, failed: [], undo: [] }),
    });
    const dialog = await openDialog();
    const apply = dialog.getByRole("button", { name: "Edit 2 models" });
    expect(apply).toBeDisabled();
    await userEvent.type(dialog.getByRole("textbox", { name: "Add tags" }), "new, mine");
    await userEvent.click(dialog.getByRole("button", { name: /^old/ }));
    await userEvent.type(dialog.getByRole("combobox", { name: "Family" }), "sdxl");
    await userEvent.keyboard("{Escape}");
    await userEvent.click(dialog.getByRole("button", { name: /Kind/ }));
    await userEvent.click(await screen.findByRole("option", { name: "LoRA" }));
    await userEvent.click(apply);
    expect(await screen.findByText("2 models edited")).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(log.find(({ method }) => method === "PATCH")?.body).toEqual({
      model_ids: [ALPHA, BETA],
      assignments: ["kind=lora", "family=sdxl"],
      add_tags: ["new", "mine"],
      remove_tags: ["old"],
    });
  });

  it("takes back what was set by hand where some of it was", async () => {
    const log = await selectBoth({
      "PATCH /api/v1/models": () => ({ edited: MODELS, failed: [], undo: [] }),
    });
    const dialog = await openDialog();
    await userEvent.click(
      dialog.getByRole("checkbox", { name: "Use what was found again (set by you on 1 model)" }),
    );
    expect(dialog.getByRole("textbox", { name: "Add tags" })).toBeDisabled();
    await userEvent.click(dialog.getByRole("button", { name: "Edit 2 models" }));
    await screen.findByText("2 models edited");
    expect(log.find(({ method }) => method === "PATCH")?.body).toEqual({
      model_ids: [ALPHA, BETA],
      unset: ["tags"],
    });
  });

  it("can be undone, with the words that each model needs", async () => {
    const undo = [
      { model_ids: [ALPHA], assignments: ["tags=old"], unset: [], as_left: ["tags=new"] },
      { model_ids: [BETA], assignments: [], unset: ["tags"], as_left: ["tags=new"] },
    ];
    const log = await selectBoth({
      "PATCH /api/v1/models": () => ({ edited: MODELS, failed: [], undo }),
    });
    const dialog = await openDialog();
    await userEvent.type(dialog.getByRole("textbox", { name: "Add tags" }), "new{Enter}");
    await screen.findByText("Tags");
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("2 models as before")).toBeInTheDocument();
    const sent = log.filter(({ method }) => method === "PATCH").map(({ body }) => body);
    expect(sent.slice(1)).toEqual(undo);
  });

  it("says what an undo leaves alone, because it was edited since", async () => {
    const undo = [{ model_ids: [BETA], assignments: [], unset: ["kind"], as_left: ["kind=vae"] }];
    const error = { code: "edited-since", message: "beta was edited since", hint: "", path: null };
    await selectBoth({
      "PATCH /api/v1/models": ({ body }) =>
        (body as { as_left?: string[] }).as_left
          ? { edited: [], failed: [{ model_id: BETA, error }], undo: [] }
          : { edited: MODELS, failed: [], undo },
    });
    const dialog = await openDialog();
    await userEvent.type(dialog.getByRole("textbox", { name: "Add tags" }), "new{Enter}");
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("1 model left as it is now")).toBeInTheDocument();
    expect(screen.getByText("beta was edited since")).toBeInTheDocument();
    expect(screen.queryByText("1 model as before")).toBeNull();
  });

  it("offers no undo when nothing was changed", async () => {
    await selectBoth({ "PATCH /api/v1/models": () => ({ edited: MODELS, failed: [], undo: [] }) });
    const dialog = await openDialog();
    await userEvent.type(dialog.getByRole("textbox", { name: "Add tags" }), "old{Enter}");
    await screen.findByText("2 models edited");
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  });

  it("names the models that could not be edited, and leaves only these selected", async () => {
    const error = { code: "root-offline", message: "The drive is away", hint: "", path: null };
    await selectBoth({
      "PATCH /api/v1/models": () => ({
        edited: [MODELS[0]],
        failed: [{ model_id: BETA, error }],
        undo: [],
      }),
    });
    const dialog = await openDialog();
    await userEvent.type(dialog.getByRole("textbox", { name: "Licence" }), "mit{Enter}");
    expect(await screen.findByText("1 model could not be edited")).toBeInTheDocument();
    expect(screen.getByText("beta: The drive is away")).toBeInTheDocument();
    expect(screen.getByText("1 model edited")).toBeInTheDocument();
    const [, first, second] = screen.getAllByRole("row");
    expect(first).toHaveAttribute("aria-selected", "false");
    expect(second).toHaveAttribute("aria-selected", "true");
  });

  it("says in the dialog what cannot be said, and keeps what was filled in", async () => {
    await selectBoth({
      "PATCH /api/v1/models": () =>
        new Refusal(422, { code: "usage", detail: "No family", hint: "Use lower-case letters." }),
    });
    const dialog = await openDialog();
    await userEvent.type(dialog.getByRole("combobox", { name: "Family" }), "No Family");
    await userEvent.click(dialog.getByRole("textbox", { name: "Licence" }));
    await userEvent.click(dialog.getByRole("button", { name: "Edit 2 models" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("No familyUse lower-case letters.");
    expect(dialog.getByRole("combobox", { name: "Family" })).toHaveValue("No Family");
  });

  it("tells how far it is, and stops after what is being done", async () => {
    const answer = later<unknown>();
    await selectBoth({ "PATCH /api/v1/models": () => answer.promise });
    const dialog = await openDialog();
    await userEvent.type(dialog.getByRole("textbox", { name: "Add tags" }), "a{Enter}");
    expect(await dialog.findByText("Editing: 0 of 2")).toBeInTheDocument();
    await userEvent.click(dialog.getByRole("button", { name: "Stop" }));
    answer.give({ edited: MODELS, failed: [], undo: [] });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});

describe("linking many models", () => {
  const done = { made: [], kept: 2, removed: [], failed: [], conflicts: [], excluded: 1 };

  it("asks one application for the links of the selected models", async () => {
    const log = await selectBoth({ "POST /api/v1/apps/*/sync": () => done });
    await userEvent.click(await screen.findByRole("button", { name: "Link into" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "ComfyUI" }));
    expect(await screen.findByText("2 links already there")).toBeInTheDocument();
    expect(screen.getByText("1 left out by the app's profile.")).toBeInTheDocument();
    expect(log.find(({ path }) => path.endsWith("/sync"))?.body).toEqual({ only: [ALPHA, BETA] });
    await userEvent.click(screen.getByRole("button", { name: "Show" }));
    expect(window.location.href).toContain("/apps?app=comfyui");
  });
});
