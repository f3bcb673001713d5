import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { Refusal, type Routes, serve, show } from "@/test/server";
import type { Settings } from "@/types/shapes";
import { SettingsPage } from "./SettingsPage";
import { Toasts } from "./Toasts";

const SETTINGS: Settings = {
  library: "/home/me/models",
  place: "auto",
  offline: { on: false, stored: false, variable: null },
  token: {
    source: "none",
    where: "",
    stored: false,
    keyring: "Secret Service",
    file: "/hf/token",
    problem: "",
  },
  endpoint: "https://huggingface.co",
};
const ROOTS = [
  {
    root_id: "h",
    mode: "managed",
    path: "/home/me/models/models",
    home: true,
    online: true,
    problem: null,
    free: 9e9,
  },
  {
    root_id: "d",
    mode: "referenced",
    path: "/drive/models",
    home: false,
    online: false,
    problem: "The directory is not there",
    free: null,
  },
];

function library(settings: Settings = SETTINGS, more: Routes = {}) {
  let now = settings;
  let roots = ROOTS;
  return serve({
    "GET /api/v1/settings": () => now,
    "PATCH /api/v1/settings": ({ body }) => {
      const { offline = now.offline.on, place = now.place } = body as {
        offline?: boolean;
        place?: Settings["place"];
      };
      now = { ...now, place, offline: { ...now.offline, on: offline, stored: offline } };
      return now;
    },
    "PUT /api/v1/settings/token": () => {
      now = {
        ...now,
        token: { ...now.token, source: "keyring", where: "Secret Service", stored: true },
      };
      return now;
    },
    "DELETE /api/v1/settings/token": () => {
      now = { ...now, token: { ...now.token, source: "none", stored: false } };
      return now;
    },
    "GET /api/v1/roots": () => roots,
    "DELETE /api/v1/roots/*": () => {
      const gone = roots[1];
      roots = roots.slice(0, 1);
      return gone;
    },
    "GET /api/v1/drives": () => [{ key: "sda", rotational: true, at_once: 1, roots: ["/home"] }],
    "PUT /api/v1/drives": () => [{ key: "sda", rotational: true, at_once: 2, roots: ["/home"] }],
    "GET /api/v1/queue/limits": () => ({ at_once: 2, bandwidth: null }),
    "PATCH /api/v1/queue/limits": ({ body }) => ({
      at_once: 2,
      bandwidth: null,
      ...(body as object),
    }),
    ...more,
  });
}

const page = () =>
  show(
    <>
      <SettingsPage />
      <Toasts />
    </>,
  );

describe("settings", () => {
  it("says what is set, and changes it", async () => {
    const log = library();
    page();
    expect(await screen.findByText("The directory is not there")).toBeInTheDocument();
    await userEvent.click(await screen.findByRole("radio", { name: /Move/ }));
    await userEvent.click(screen.getByText("Work offline"));
    await waitFor(() => expect(screen.getByRole("switch", { name: "Work offline" })).toBeChecked());
    expect(log.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toEqual([
      { place: "move" },
      { offline: true },
    ]);
  });

  it("keeps a token in the keyring, and nothing of it stays on the page", async () => {
    const log = library();
    page();
    const field = await screen.findByLabelText("New token");
    await userEvent.type(field, "hf_secret");
    await userEvent.click(screen.getByRole("button", { name: "Keep in the keyring" }));
    expect(
      await screen.findByText("A token in the keyring (Secret Service) is used."),
    ).toBeInTheDocument();
    expect(log.find(({ method }) => method === "PUT")?.body).toEqual({ token: "hf_secret" });
    expect(field).toHaveValue("");
    expect(field).toHaveAttribute("type", "password");
    expect(screen.getByRole("button", { name: "Replace the one in the keyring" })).toBeDisabled();
    await userEvent.click(screen.getByRole("button", { name: "Remove from the keyring" }));
    expect(await screen.findByText(/There is no token/)).toBeInTheDocument();
    expect(screen.getByText("The token was removed from the keyring")).toBeInTheDocument();
  });

  it("says why a token is not taken", async () => {
    const refusal = new Refusal(422, { code: "invalid-value", detail: "The token has a space" });
    library(SETTINGS, { "PUT /api/v1/settings/token": () => refusal });
    page();
    await userEvent.type(await screen.findByLabelText("New token"), "two words{Enter}");
    expect(await screen.findByText("The token has a space")).toBeInTheDocument();
  });

  it("names where a token is from when there is no keyring, and who switched the network off", async () => {
    const token = { ...SETTINGS.token, source: "file", where: "/hf/token", keyring: null } as const;
    library({
      ...SETTINGS,
      token,
      offline: { on: true, stored: false, variable: "HF_HUB_OFFLINE" },
    });
    page();
    expect(
      await screen.findByText("The token of the login file is used: /hf/token"),
    ).toBeInTheDocument();
    expect(screen.getByText(/no keyring that could keep a token/)).toBeInTheDocument();
    expect(screen.queryByLabelText("New token")).not.toBeInTheDocument();
    expect(screen.getByRole("switch", { name: "Work offline" })).toBeDisabled();
  });

  it("removes a folder only after it was asked", async () => {
    const log = library();
    page();
    await userEvent.click(await screen.findByRole("button", { name: "Remove /drive/models" }));
    expect(log.some(({ method }) => method === "DELETE")).toBe(false);
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Remove" }));
    expect(
      await screen.findByText("/drive/models is no longer part of the library"),
    ).toBeInTheDocument();
  });

  it("limits downloads and drives", async () => {
    const log = library();
    page();
    const rate = await screen.findByRole("textbox", { name: "Limit for all downloads" });
    await userEvent.type(rate, "5");
    await userEvent.tab();
    await waitFor(() => expect(log.at(-1)?.body).toEqual({ bandwidth: 5_000_000 }));
    const drive = screen.getByRole("textbox", { name: "Files at once on sda" });
    await userEvent.clear(drive);
    await userEvent.type(drive, "2");
    await userEvent.tab();
    await waitFor(() => expect(log.at(-1)?.body).toEqual({ key: "sda", at_once: 2 }));
  });
});
