import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { model, type Routes, serve, show } from "@/test/server";
import { Toasts } from "./Toasts";
import { TrashPage } from "./TrashPage";

const trashed = {
  ...model("gone"),
  path: "/trash/gone",
  deleted: "2026-11-20",
  frees: model("gone").size,
};

function library(more: Routes = {}) {
  let trash = [trashed];
  return serve({
    "GET /api/v1/jobs": () => ({ jobs: [], counts: {} }),
    "GET /api/v1/trash": () => trash,
    "GET /api/v1/trashed-apps": () => [],
    "POST /api/v1/trash/*/restore": () => {
      trash = [];
      return model("gone");
    },
    "DELETE /api/v1/trash": () => {
      trash = [];
      return [{ model_id: "gone", trash: null, freed: 2e9 }];
    },
    ...more,
  });
}

const page = () =>
  show(
    <>
      <TrashPage />
      <Toasts />
    </>,
  );

describe("the trash", () => {
  it("brings back what was deleted", async () => {
    const log = library();
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Restore gone" }));
    expect(await screen.findByText("The trash is empty")).toBeInTheDocument();
    expect(log.some(({ path }) => path.endsWith("/trash/gone-0ac3165b/restore"))).toBe(true);
  });

  it("frees space only after it was asked", async () => {
    const log = library();
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Empty, frees 6.94 GB" }));
    expect(log.some(({ method }) => method === "DELETE")).toBe(false);
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
    expect(await screen.findByText("2.00 GB are free again")).toBeInTheDocument();
  });

  it("frees the space of one model after it was asked", async () => {
    const log = library({
      "DELETE /api/v1/models/*": () => ({ model_id: "gone", trash: null, freed: 1e9 }),
    });
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Delete gone for good" }));
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
    expect(await screen.findByText("1.00 GB are free again")).toBeInTheDocument();
    expect(log.find(({ method }) => method === "DELETE")?.query.get("from_trash")).toBe("true");
  });

  it("brings a removed app back, and frees its space only after it was asked", async () => {
    const app = {
      name: "2026-11-20/comfyui-v0.6.0",
      kind: "comfyui",
      display: "ComfyUI",
      version: "v0.6.0",
      path: "/library/apps/.trash/2026-11-20/comfyui-v0.6.0",
      restores_to: "/library/apps/comfyui/v0.6.0",
      size: 3e9,
      deleted: "2026-11-20",
    };
    const log = library({
      "GET /api/v1/trashed-apps": () => [app],
      "POST /api/v1/trashed-apps/restore": () => ({ app: { name: "ComfyUI" } }),
      "POST /api/v1/trashed-apps/purge": () => ({ purged: [app.name], freed: 3e9 }),
    });
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Restore ComfyUI v0.6.0" }));
    expect(await screen.findByText("ComfyUI is back")).toBeInTheDocument();
    await userEvent.click(
      await screen.findByRole("button", { name: "Delete ComfyUI v0.6.0 for good" }),
    );
    expect(log.some(({ path }) => path.endsWith("/purge"))).toBe(false);
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
    expect(await screen.findByText("3.00 GB are free again")).toBeInTheDocument();
    const sent = log.find(({ path }) => path.endsWith("/purge"));
    expect(sent?.body).toEqual({ names: ["2026-11-20/comfyui-v0.6.0"] });
  });

  it("is emptied of models and apps at once, and says how much that is", async () => {
    const app = { name: "2026-11-20/comfyui-v0.6.0", display: "ComfyUI", version: "v0.6.0" };
    const log = library({
      "GET /api/v1/trashed-apps": () => [{ ...app, size: 3e9, deleted: "2026-11-20" }],
      "POST /api/v1/trashed-apps/purge": () => ({ purged: [app.name], freed: 3e9 }),
    });
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Empty, frees 9.94 GB" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent(
      "1 model and 1 removed app (9.94 GB) will be deleted for good",
    );
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
    expect(await screen.findByText("3.00 GB are free again")).toBeInTheDocument();
    expect(log.some(({ method }) => method === "DELETE")).toBe(true);
    expect(log.find(({ path }) => path.endsWith("/purge"))?.body).toEqual({ names: [] });
  });
});
