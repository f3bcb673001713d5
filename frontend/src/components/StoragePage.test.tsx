import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { type Routes, serve, show } from "@/test/server";
import type { Copy, Storage, Usage } from "@/types/shapes";
import { StoragePage } from "./StoragePage";

const group = (more: Partial<Usage>): Usage => ({
  kind: "checkpoint",
  adapter_type: null,
  family: "sdxl",
  root_id: "home",
  models: 2,
  bytes: 6e9,
  ...more,
});
const STORAGE: Storage = {
  models: 5,
  bytes: 1e10,
  groups: [
    group({}),
    group({
      kind: "adapter",
      adapter_type: "lora",
      family: "<b>evil</b>",
      bytes: 4e9,
      models: 3,
      root_id: "drive",
    }),
  ],
  roots: { home: "/lib/models", drive: "/drive/models" },
  volumes: [
    {
      mount_point: "/",
      filesystem: "ext4",
      free: 2e9,
      total: 1e11,
      used: 1e10,
      roots: ["/lib/models"],
    },
  ],
  trash: 3e9,
  took_ms: 1,
};
const copy = (more: Partial<Copy>): Copy => ({
  path: "/comfy/models/a.safetensors",
  program: "ComfyUI",
  app_id: "comfyui",
  target: "models/loras/a.safetensors",
  size: 6e9,
  model_id: "a-0ac3165b",
  official_name: "Alpha",
  file: "a.safetensors",
  certain: false,
  compared: null,
  ...more,
});

const compared = (same: boolean, state = "done") => ({
  job_id: "c",
  kind: "compare",
  title: "a.safetensors",
  state,
  request: null,
  error: null,
  ended: null,
  parameters: {},
  result: state === "done" ? { same } : null,
  progress: { stage: "compare", bytes_done: 3e9, bytes_total: 6e9, fraction: 0.5, detail: "" },
});

function library(more: Routes = {}) {
  return serve({
    "GET /api/v1/storage": () => STORAGE,
    "GET /api/v1/storage/copies": () => ({
      copies: [copy({}), copy({ path: "/hf/b", app_id: null, target: null, certain: true })],
      bytes: 6e9,
      smallest: 1e6,
      folders: ["/comfy", "/hf"],
      took_ms: 1,
    }),
    "POST /api/v1/storage/compare": () => compared(true),
    "GET /api/v1/jobs": () => ({ jobs: [], counts: {} }),
    ...more,
  });
}

describe("storage", () => {
  it("shows the shares as areas and as a table, and leads to the models of one", async () => {
    library();
    show(<StoragePage />);
    const table = await screen.findByRole("table");
    const rows = within(table)
      .getAllByRole("row")
      .map((row) => row.textContent);
    expect(rows).toEqual(["KindModelsSizeShare", "Checkpoint26.00 GB60%", "LoRA34.00 GB40%"]);
    await userEvent.click(
      screen.getByRole("button", { name: "LoRA 4.00 GB: show in the library" }),
    );
    expect(window.location.search).toBe("?adapter_type=lora");
  });

  it("groups by family and by folder; names are text", async () => {
    library();
    show(<StoragePage />);
    await userEvent.click(await screen.findByRole("radio", { name: "Family" }));
    expect(within(screen.getByRole("table")).getByText("<b>evil</b>")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("radio", { name: "Folder" }));
    const table = screen.getByRole("table");
    await userEvent.click(within(table).getByRole("button", { name: "/drive/models" }));
    expect(new URLSearchParams(window.location.search).get("q")).toBe("root:drive");
  });

  it("tells what is free, and what is in the trash", async () => {
    library();
    show(<StoragePage />);
    expect(await screen.findByText("2.00 GB of 100 GB free")).toBeInTheDocument();
    expect(screen.getByRole("progressbar", { name: "Space taken on /" })).toHaveAttribute(
      "aria-valuenow",
      "98",
    );
    expect(screen.getByText("3.00 GB are in the trash.")).toBeInTheDocument();
  });

  it("looks for copies when it is asked, and proves one by reading it", async () => {
    const log = library();
    show(<StoragePage />);
    await screen.findByRole("table");
    expect(log.some(({ path }) => path.endsWith("/copies"))).toBe(false);
    await userEvent.click(screen.getByRole("button", { name: "Look for copies" }));
    expect(
      await screen.findByText("2 copies; linking 1 of them would free up to 6.00 GB"),
    ).toBeInTheDocument();
    expect(screen.getByText("By hash")).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole("button", { name: "Compare /comfy/models/a.safetensors" }),
    );
    expect(await screen.findByText("Compared")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: /^Link in the app/ }));
    await waitFor(() => expect(window.location.pathname).toBe("/apps"));
    expect(window.location.search).toBe("?app=comfyui&conflict=models%2Floras%2Fa.safetensors");
  });

  it("offers no link for a copy that none could replace, and says what can be done about it", async () => {
    library();
    show(<StoragePage />);
    await userEvent.click(await screen.findByRole("button", { name: "Look for copies" }));
    expect(await screen.findByText(/^1 is only shown/)).toBeInTheDocument();
    expect(screen.getByText("Files below 1.00 MB are not looked at.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Link .* \/hf\/b/ })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Compare /hf/b" }));
    expect(await screen.findByText(/you can delete it yourself, if/)).toBeInTheDocument();
  });

  it("keeps what a comparison told when it looks again, until the file is another", async () => {
    let told: boolean | null = null;
    library({
      "GET /api/v1/storage/copies": () => ({
        copies: [copy({ compared: told })],
        bytes: 6e9,
        smallest: 1e6,
        folders: ["/comfy"],
        took_ms: 1,
      }),
    });
    show(<StoragePage />);
    await userEvent.click(await screen.findByRole("button", { name: "Look for copies" }));
    await userEvent.click(await screen.findByRole("button", { name: /^Compare/ }));
    expect(await screen.findByText("Compared")).toBeInTheDocument();
    told = true;
    await userEvent.click(screen.getByRole("button", { name: "Look again" }));
    expect(await screen.findByText("Compared")).toBeInTheDocument();
    told = null;
    await userEvent.click(screen.getByRole("button", { name: "Look again" }));
    expect(await screen.findByRole("button", { name: /^Compare/ })).toBeEnabled();
  });

  it("says what was not looked at when no copy was found", async () => {
    library({
      "GET /api/v1/storage/copies": () => ({
        copies: [],
        bytes: 0,
        smallest: 1e6,
        folders: ["/comfy"],
        took_ms: 1,
      }),
    });
    show(<StoragePage />);
    await userEvent.click(await screen.findByRole("button", { name: "Look for copies" }));
    expect(await screen.findByText("No copy of 1.00 MB or more was found")).toBeInTheDocument();
  });

  it("warns of a file that only looks the same", async () => {
    library({
      "POST /api/v1/storage/compare": () => compared(false),
    });
    show(<StoragePage />);
    await userEvent.click(await screen.findByRole("button", { name: "Look for copies" }));
    await userEvent.click(await screen.findByRole("button", { name: /^Compare \/comfy/ }));
    expect(await screen.findByText("Differs")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Link in the app/ })).not.toBeInTheDocument();
  });

  it("shows how far a comparison is, and lets it be cancelled", async () => {
    let jobs: unknown[] = [];
    const log = library({
      "GET /api/v1/jobs": () => ({ jobs, counts: {} }),
      "POST /api/v1/storage/compare": () => {
        jobs = [compared(true, "running")];
        return jobs[0];
      },
      "POST /api/v1/jobs/c/cancel": () => {
        jobs = [compared(true, "cancelled")];
        return jobs[0];
      },
    });
    show(<StoragePage />);
    await userEvent.click(await screen.findByRole("button", { name: "Look for copies" }));
    await userEvent.click(await screen.findByRole("button", { name: /^Compare \/comfy/ }));
    expect(await screen.findByText("Running · 3.00 GB of 6.00 GB")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Cancel a.safetensors" }));
    expect(await screen.findByRole("button", { name: /^Compare \/comfy/ })).toBeEnabled();
    expect(log.some(({ path }) => path.endsWith("/jobs/c/cancel"))).toBe(true);
  });

  it("says so when there is nothing", async () => {
    library({
      "GET /api/v1/storage": () => ({ ...STORAGE, groups: [], models: 0, bytes: 0, trash: 0 }),
    });
    show(<StoragePage />);
    expect(await screen.findByText("Nothing takes space yet")).toBeInTheDocument();
  });
});
