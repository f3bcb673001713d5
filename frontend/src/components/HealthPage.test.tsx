import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { model, serve, show } from "@/test/server";
import { HealthPage } from "./HealthPage";
import { Toasts } from "./Toasts";

const finding = {
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
const trashed = { ...model("gone"), path: "/trash/gone", deleted: "2026-11-20" };

function library() {
  let trash = [trashed];
  return serve({
    "GET /api/v1/health": () => HEALTH,
    "POST /api/v1/health/fix": () => ({ ...WELL, repair: { repaired: [{}] } }),
    "GET /api/v1/trash": () => trash,
    "POST /api/v1/trash/*/restore": () => {
      trash = [];
      return model("gone");
    },
    "DELETE /api/v1/trash": () => {
      trash = [];
      return [{ model_id: "gone", trash: null, freed: 2e9 }];
    },
    "POST /api/v1/verifications": () => ({
      job_id: "v",
      kind: "verify",
      title: "all",
      state: "queued",
    }),
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
    await userEvent.click(screen.getByRole("button", { name: "Fix what can be fixed" }));
    expect(await screen.findByText("Nothing is wrong")).toBeInTheDocument();
    expect(screen.getByText("4 of 4 links work in 1 app")).toBeInTheDocument();
  });

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

  it("begins to verify everything", async () => {
    const log = library();
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Begin: Verify all files" }));
    await waitFor(() => expect(log.at(-1)?.path).toBe("/api/v1/verifications"));
    expect(log.at(-1)?.body).toEqual({ model_ids: [] });
  });
});
