import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { APP, conflict } from "@/test/apps";
import { serve, show } from "@/test/server";
import { AppDetail } from "./AppDetail";
import { ConflictDialog } from "./ConflictDialog";
import { Toasts } from "./Toasts";

const CONFLICTS = [conflict("one"), conflict("two", "same-content"), conflict("three")];
const target = (name: string) => `models/loras/${name}.safetensors`;

function dialog(conflicts = CONFLICTS, close = () => {}) {
  const resolve = vi.fn();
  show(<ConflictDialog isOpen conflicts={conflicts} onResolve={resolve} onClose={close} />);
  return resolve;
}

async function choose(name: string, way: string) {
  await userEvent.click(
    screen.getByLabelText(new RegExp(`What happens to ${name}`), { selector: "button" }),
  );
  await userEvent.click(await screen.findByText(way, { selector: "[role=option]" }));
}

describe("conflicts", () => {
  it("decides nothing by itself", () => {
    dialog();
    expect(screen.getByText("0 of 3 decided")).toBeInTheDocument();
    expect(screen.getByText("Decide and sync").closest("button")).toBeDisabled();
  });

  it("sends what was decided of each, and leaves the others alone", async () => {
    const resolve = dialog();
    await choose("one", "Rename yours");
    await userEvent.click(screen.getByText("Decide and sync"));
    expect(resolve).toHaveBeenCalledWith({ [target("one")]: "rename" });
  });

  it("says by name what becomes of each of the two files, and how to take it back", async () => {
    dialog();
    await choose("one", "Rename yours");
    const said = screen.getByText("Yours").closest("dl");
    expect(said).toHaveTextContent(
      "becomes one.safetensors.old (or .old2, .old3 …), which the app does not list",
    );
    expect(said).toHaveTextContent("is linked as one.safetensors");
    expect(said).toHaveTextContent("“Put back” on this page");
  });

  it("takes leaving it for a decision, after which there is nothing to sync", async () => {
    const close = vi.fn();
    const resolve = dialog([conflict("one")], close);
    expect(screen.queryByText("For all")).toBeNull();
    await choose("one", "Leave it");
    expect(screen.getByText("1 of 1 decided")).toBeInTheDocument();
    await userEvent.click(screen.getByText("Leave it as it is"));
    expect(close).toHaveBeenCalled();
    expect(resolve).not.toHaveBeenCalled();
  });

  it("applies one way to all, the library's own only where the content is the same", async () => {
    const resolve = dialog();
    await userEvent.click(screen.getByLabelText("For all: Set yours aside"));
    await userEvent.click(screen.getByLabelText("For all: Use the library's"));
    expect(screen.getByText("3 of 3 decided")).toBeInTheDocument();
    await userEvent.click(screen.getByText("Decide and sync"));
    expect(resolve).toHaveBeenCalledWith({
      [target("one")]: "overwrite",
      [target("two")]: "adopt",
      [target("three")]: "overwrite",
    });
  });
});

describe("what gave way", () => {
  const replaced = {
    app: "comfyui",
    target: target("mine"),
    kept: "/comfy/.model-library-trash/2026-11-20/mine.safetensors",
    reason: "overwrite",
    size: 2e9,
    sha256: null,
    date: "2026-11-20T10:00:00Z",
  };
  const done = { app: "comfyui", done: [replaced.target], freed: 2e9, failed: [] };

  function detail(kept: unknown = replaced) {
    const log = serve({
      "GET /api/v1/apps/comfyui/preview": () => ({ ...EMPTY }),
      "GET /api/v1/apps/comfyui/replaced": () => [kept],
      "GET /api/v1/health": () => ({ status: "healthy", findings: [] }),
      "POST /api/v1/apps/comfyui/replaced/put-back": () => done,
      "POST /api/v1/apps/comfyui/replaced/purge": () => done,
    });
    show(
      <>
        <AppDetail app={APP} />
        <Toasts />
      </>,
    );
    return log;
  }

  it("comes back", async () => {
    const log = detail();
    await userEvent.click(await screen.findByLabelText("Put back mine.safetensors"));
    expect(await screen.findByText("1 file is back")).toBeInTheDocument();
    expect(log.find(({ path }) => path.endsWith("put-back"))?.body).toEqual({
      targets: [replaced.kept],
    });
  });

  it("says where it is when it was only renamed, and offers no bin for it", async () => {
    const kept = "/comfy/models/loras/mine.safetensors.old";
    detail({ ...replaced, kept, reason: "rename" });
    expect(await screen.findByText(/beside the link as mine.safetensors.old/)).toBeInTheDocument();
    expect(screen.queryByLabelText("Free the space of mine.safetensors")).toBeNull();
    expect(screen.getByLabelText("Put back mine.safetensors")).toBeEnabled();
  });

  it("is deleted for good only after it was asked", async () => {
    const log = detail();
    await userEvent.click(await screen.findByLabelText("Free the space of mine.safetensors"));
    expect(log.some(({ path }) => path.endsWith("purge"))).toBe(false);
    const asked = await screen.findByRole("alertdialog");
    await userEvent.click(within(asked).getByText("Delete for good"));
    await waitFor(() =>
      expect(log.find(({ path }) => path.endsWith("purge"))?.body).toEqual({
        targets: [replaced.kept],
      }),
    );
    expect(await screen.findByText("2.00 GB are free again")).toBeInTheDocument();
  });
});

const EMPTY = {
  app: "comfyui",
  profile: "comfyui",
  create: [],
  keep: [],
  conflicts: [],
  remove: [],
  forget: [],
  excluded: [],
  warnings: [],
  discovered: [],
};
