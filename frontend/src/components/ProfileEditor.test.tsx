import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { navigate } from "@/hooks/useLocation";
import { APP, link, PREVIEW } from "@/test/apps";
import { type Asked, Refusal, type Routes, serve, show } from "@/test/server";
import type { ProfileDetail, Rule } from "@/types/shapes";
import { ProfileEditor } from "./ProfileEditor";
import { Toasts } from "./Toasts";
import { VersionRanges } from "./VersionRanges";

const rule = (target: string, more: Partial<Rule> = {}): Rule => ({
  target,
  kinds: ["adapter"],
  asks: {},
  extensions: [],
  requires: [],
  if_exists: false,
  layout: "files",
  method: "auto",
  priority: 0,
  own: false,
  off: false,
  off_here: false,
  ...more,
});

const DETAIL: ProfileDetail = {
  name: "comfyui",
  app: "comfyui",
  display: "ComfyUI",
  version: null,
  variant: "",
  path: "/library/profiles/comfyui.toml",
  own: true,
  built_in: true,
  text: "schema = 1\n",
  revision: "r1",
  rules: [
    rule("models/loras", { asks: { families: "@diffusion" } }),
    rule("models/vae", { off: true, off_here: true }),
    rule("models/mine", { own: true }),
  ],
  conditions: { max_size: "8GB" },
  inherited: [],
  error: null,
};
const TRIED = { ...PREVIEW, remove: [{ ...link("old"), why: "unwanted" }] };

function editor(more: Routes = {}) {
  const log = serve({
    "GET /api/v1/profiles/comfyui": () => DETAIL,
    "GET /api/v1/profiles": () => [],
    "POST /api/v1/profiles/comfyui/preview": () => ({
      profile: { ...DETAIL, text: "tried\n" },
      preview: TRIED,
      saved: false,
    }),
    "PATCH /api/v1/profiles/comfyui": () => ({ profile: DETAIL, preview: null, saved: true }),
    "POST /api/v1/apps/comfyui/sync": () => ({ made: [], removed: [], failed: [] }),
    ...more,
  });
  show(
    <>
      <ProfileEditor app={APP} preview={PREVIEW} />
      <Toasts />
    </>,
  );
  return log;
}

const sent = (log: readonly Asked[], method: string) =>
  log.filter((asked) => asked.method === method).at(-1)?.body;

describe("the profile editor", () => {
  it("shows what a sync would do with a change, and saves it against what was read", async () => {
    const log = editor();
    await userEvent.click(await screen.findByLabelText("Link into models/loras"));
    await userEvent.click(screen.getByLabelText("Link into models/vae"));
    const change = { off: ["models/loras"], on: ["models/vae"] };
    await waitFor(() => expect(sent(log, "POST")).toEqual({ ...change, app: "comfyui" }));
    expect(await screen.findByText("1 new · 1 taken away · 1 left out")).toBeInTheDocument();
    expect(sent(log, "PATCH")).toBeUndefined();
    await userEvent.click(screen.getByText("Save"));
    await waitFor(() => expect(sent(log, "PATCH")).toEqual({ ...change, revision: "r1" }));
    expect(await screen.findByText("The profile comfyui was saved")).toBeInTheDocument();
  });

  it("changes filters, offers folders that are there, and takes rules away", async () => {
    const log = editor();
    fireEvent.change(await screen.findByLabelText("are at most"), { target: { value: "" } });
    fireEvent.change(screen.getByLabelText("have none of the tags"), { target: { value: "a, b" } });
    await userEvent.click(screen.getByLabelText("Add the folder models/facedetection"));
    await userEvent.click(screen.getByLabelText("Take your rule for models/mine away"));
    await waitFor(() =>
      expect(sent(log, "POST")).toEqual({
        conditions: { max_size: "", exclude_tags: "a, b" },
        rules: ["models/facedetection=detector"],
        drop: ["models/mine"],
        app: "comfyui",
      }),
    );
    await userEvent.click(screen.getByText("Discard"));
    expect(screen.getByText(/Change something/)).toBeInTheDocument();
  });

  it("takes the names that people know, and says beside the field what cannot be", async () => {
    const detail = "line 7: filter.families has 'no such', which is no family and no group";
    const log = editor({
      "POST /api/v1/profiles/comfyui/preview": ({ body }) =>
        JSON.stringify(body).includes("no such")
          ? new Refusal(422, { code: "profile-invalid", detail })
          : { profile: DETAIL, preview: TRIED, saved: false },
    });
    const families = await screen.findByLabelText("are of the families");
    fireEvent.change(families, { target: { value: "SDXL, flux.1" } });
    await waitFor(() =>
      expect(sent(log, "POST")).toEqual({
        conditions: { families: "sdxl, flux1" },
        app: "comfyui",
      }),
    );
    expect(families).toHaveValue("SDXL, flux.1");
    fireEvent.change(families, { target: { value: "no such" } });
    expect(await screen.findByText(/“no such” is not known here.*no spaces/)).toBeInTheDocument();
    expect(families).toBeInvalid();
    expect(screen.queryByText(detail)).toBeNull();
    await userEvent.click(screen.getByText("Discard"));
    expect(families).toHaveValue("");
    expect(families).toBeValid();
  });

  it("warns beside the field of a family that no model has", async () => {
    const doubt = (family: string, hint: string) => ({
      code: "unknown-family",
      message: `The profile comfyui names the family '${family}', which no model has`,
      hint,
      path: DETAIL.path,
    });
    const warnings = [doubt("sdlx", "Did you mean 'sdxl'?"), doubt("zzz", "It counts once.")];
    editor({
      "POST /api/v1/profiles/comfyui/preview": () => ({
        profile: DETAIL,
        preview: { ...TRIED, warnings },
        saved: false,
      }),
    });
    const field = await screen.findByLabelText("are not of the families");
    fireEvent.change(field, { target: { value: "SDLX, zzz" } });
    await screen.findByText("No model is of the family “sdlx”. Did you mean SDXL?");
    expect(field).toHaveAccessibleDescription(/“sdlx”.*“zzz”.*once a model has it/);
    expect(field).toBeValid();
    const other = screen.getByLabelText("are of the families");
    expect(other).not.toHaveAccessibleDescription(/sdlx/);
    fireEvent.change(field, { target: { value: "zzz" } });
    expect(field).not.toHaveAccessibleDescription(/sdlx/);
  });

  it("asks before changes are left behind", async () => {
    editor();
    await userEvent.click(await screen.findByLabelText("Link into models/loras"));
    const before = window.location.href;
    act(() => navigate("/health"));
    let asked = await screen.findByRole("alertdialog");
    await userEvent.click(within(asked).getByText("Cancel"));
    expect(window.location.href).toBe(before);
    act(() => navigate("/health"));
    asked = await screen.findByRole("alertdialog");
    await userEvent.click(within(asked).getByText("Discard them"));
    expect(window.location.pathname).toBe("/health");
    window.history.replaceState(null, "", "/");
  });

  it("makes a profile of the name that was said, as files can have it", async () => {
    const log = editor({
      "PATCH /api/v1/profiles/comfyui%2Bmy-laptop": () => ({ profile: DETAIL, saved: true }),
      "PATCH /api/v1/apps/comfyui": () => ({ ...APP, variant: "my-laptop" }),
    });
    await userEvent.click(await screen.findByText("New profile"));
    const asked = await screen.findByRole("alertdialog");
    expect(within(asked).getByText("Create").closest("button")).toBeDisabled();
    await userEvent.type(within(asked).getByLabelText("Its name"), "My laptop{Enter}");
    await waitFor(() => expect(sent(log, "PATCH")).toEqual({ variant: "my-laptop" }));
  });

  it("edits the text, says what is wrong with it and does not save that", async () => {
    const problem = { code: "profile-invalid", detail: "line 2: maxsize is no key here" };
    const log = editor({
      "POST /api/v1/profiles/comfyui/preview": () => new Refusal(422, problem),
    });
    await userEvent.click(await screen.findByText("Edit as text"));
    const text = screen.getByLabelText("Text of the profile");
    expect(screen.getByText(/Change something/)).toBeInTheDocument();
    fireEvent.change(text, { target: { value: "schema = 1\nmaxsize = 3\n" } });
    expect(await screen.findByText(problem.detail)).toBeInTheDocument();
    expect(sent(log, "POST")).toEqual({ text: "schema = 1\nmaxsize = 3\n", app: "comfyui" });
    expect(screen.getByText("Save").closest("button")).toBeDisabled();
  });

  it("shows one that is not valid as text, with its error", async () => {
    const error = { code: "profile-invalid", message: "line 1: no", hint: "", path: null };
    editor({ "GET /api/v1/profiles/comfyui": () => ({ ...DETAIL, rules: [], error }) });
    expect(await screen.findByText("line 1: no")).toBeInTheDocument();
    expect(screen.getByLabelText("Text of the profile")).toHaveValue("schema = 1\n");
  });

  it("takes the user's profile away only after it was asked", async () => {
    const log = editor({ "DELETE /api/v1/profiles/comfyui": () => DETAIL });
    await userEvent.click(await screen.findByText("Back to what is built in"));
    expect(sent(log, "DELETE")).toBeUndefined();
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByText("Take it away"));
    expect(await screen.findByText(/was taken away and is kept/)).toBeInTheDocument();
  });
});

describe("the versions of apps that a model is for", () => {
  const found = {
    model_id: "a",
    path: "/a/overrides.json",
    ranges: { comfyui: ">=0.7" },
    apps: [
      {
        app_id: "comfyui",
        kind: "comfyui",
        version: "0.6.0",
        allowed: false,
        reason: "this is 0.6.0",
      },
    ],
    error: null,
  };

  it("are shown with what they mean, and changed", async () => {
    let now: unknown = found;
    const log = serve({
      "GET /api/v1/profiles": () => [{ app: "comfyui", display: "ComfyUI", variant: "" }],
      "GET /api/v1/models/a/versions": () => now,
      "PUT /api/v1/models/a/versions": ({ body }) => {
        if (JSON.stringify(body).includes("abc")) {
          return new Refusal(422, { code: "invalid-value", detail: "'abc' is no specifier" });
        }
        const [app] = found.apps;
        now = {
          ...found,
          ranges: { comfyui: ">=0.5" },
          apps: [{ ...app, allowed: true, reason: "" }],
        };
        return now;
      },
    });
    show(<VersionRanges id="a" />);
    expect(await screen.findByText("ComfyUI 0.6.0: this is 0.6.0")).toBeInTheDocument();
    await userEvent.click(screen.getByText(">=0.7"));
    await userEvent.clear(screen.getByLabelText("Versions of ComfyUI"));
    await userEvent.type(screen.getByLabelText("Versions of ComfyUI"), "abc{Enter}");
    expect(await screen.findByText(/Write versions such as/)).toBeInTheDocument();
    await userEvent.click(screen.getByText(">=0.7"));
    await userEvent.clear(screen.getByLabelText("Versions of ComfyUI"));
    await userEvent.type(screen.getByLabelText("Versions of ComfyUI"), ">=0.5{Enter}");
    expect(await screen.findByText(">=0.5")).toBeInTheDocument();
    expect(sent(log, "PUT")).toEqual({ ranges: { comfyui: ">=0.5" } });
    expect(screen.queryByText("ComfyUI 0.6.0: this is 0.6.0")).not.toBeInTheDocument();
  });
});
