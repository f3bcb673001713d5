import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { App } from "@/App";
import { standInForEvents } from "@/test/events";
import { Refusal, type Routes, serve, show } from "@/test/server";

const PLACE = {
  path: "/home/me/models",
  state: "new",
  problem: "",
  warning: "",
  free: 72e9,
  filesystem: "ext4",
};
const NONE = { code: "no-library", detail: "There is no library yet" };
const STATUS = {
  models: 0,
  bytes: 0,
  read_only: false,
  network: { offline: false, hosts: [] },
  roots: [],
};

/** A server that has a library once one was begun. */
function fresh(more: Routes = {}, missing: string | null = null) {
  let open: string | null = null;
  const when = (document: unknown) => (open ? document : new Refusal(409, NONE));
  return serve({
    "GET /api/v1/first-run": () => ({ open, missing, proposed: PLACE }),
    "GET /api/v1/first-run/place": ({ query }) => ({ ...PLACE, path: query.get("path") }),
    "POST /api/v1/first-run": ({ body }) => {
      open = (body as { path: string }).path;
      return { open, missing: null, proposed: PLACE };
    },
    "GET /api/v1/first-run/folders": () => [
      {
        program: "LM Studio",
        path: "/home/me/.lmstudio/models",
        files: 3,
        bytes: 9e9,
        complete: true,
      },
    ],
    "POST /api/v1/samples": () => ({
      job_id: "s",
      kind: "import",
      title: "sample models",
      state: "queued",
    }),
    "GET /api/v1/status": () => when(STATUS),
    "GET /api/v1/health": () => when({ status: "healthy", findings: [] }),
    "GET /api/v1/jobs": () => when({ jobs: [], counts: {} }),
    "GET /api/v1/search": () =>
      when({ total: 0, total_is_exact: true, took_ms: 1, models: [], warnings: [], facets: {} }),
    ...more,
  });
}

beforeEach(standInForEvents);

describe("the first start", () => {
  it("asks where the library shall live, and goes on with what can be put into it", async () => {
    const log = fresh();
    show(<App />);
    const field = await screen.findByRole("textbox", { name: "Folder of the library" });
    expect(field).toHaveValue("/home/me/models");
    expect(await screen.findByText("72.0 GB free (ext4)")).toBeInTheDocument();
    await userEvent.clear(field);
    expect(screen.getByRole("status")).toHaveTextContent("Type the path of a folder");
    expect(screen.queryByText(/ free \(/)).toBeNull();
    await userEvent.type(field, "/big/models");
    await userEvent.click(await screen.findByRole("button", { name: "Create the library" }));
    expect(await screen.findByText("Your library is empty")).toBeInTheDocument();
    expect(log.find(({ method }) => method === "POST")?.body).toEqual({ path: "/big/models" });
    expect(await screen.findByText("3 files · 9.00 GB")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Add sample models" }));
    await waitFor(() => expect(log.some(({ path }) => path === "/api/v1/samples")).toBe(true));
  });

  it("refuses a place that cannot be, and says why", async () => {
    const problem = "The directory is no library and not empty";
    fresh({ "GET /api/v1/first-run/place": () => ({ ...PLACE, state: "refused", problem }) });
    show(<App />);
    expect(await screen.findByText(problem)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Create the library" })).toBeDisabled();
    expect(screen.getByRole("textbox", { name: "Folder of the library" })).toBeInvalid();
  });

  it("says that a library which was chosen before is away", async () => {
    fresh({}, "/drive/library");
    show(<App />);
    expect(await screen.findByText(/It was at \/drive\/library/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Look again" })).toBeInTheDocument();
  });

  it("opens a library that is there already", async () => {
    fresh({ "GET /api/v1/first-run/place": () => ({ ...PLACE, state: "library" }) });
    show(<App />);
    expect(await screen.findByRole("button", { name: "Open this library" })).toBeEnabled();
  });
});
