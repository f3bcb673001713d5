import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { entry, folder, Refusal, type Routes, serve, show } from "@/test/server";
import { FileChooser } from "./FileChooser";
import { FolderDialog } from "./FolderDialog";

const IN = folder("/in", { entries: [entry("/in/deeper"), entry("/in/a.safetensors")] });

/** What the server says of a path: `/in` and what is in it. */
const ROUTES: Routes = {
  "GET /api/v1/files": ({ query }) => {
    const path = query.get("path") || "/in";
    if (path === "/root") {
      const detail = "This may not be read";
      return new Refusal(403, { code: "source-unreadable", detail, hint: "Ask its owner." });
    }
    const deeper = folder("/in/deeper", { parent: "/in" });
    const known: Record<string, unknown> = {
      "/in": IN,
      "~": IN,
      "/in/deeper": deeper,
      "/in/a.safetensors": { ...IN, file: "/in/a.safetensors" },
    };
    return known[path] ?? { ...IN, unfound: path.slice("/in/".length) };
  },
};

function Chooser() {
  const [chosen, setChosen] = useState(new Set<string>());
  return (
    <>
      <FileChooser mode="files" selected={chosen} onSelect={setChosen} />
      <output>{[...chosen].join(" ")}</output>
    </>
  );
}

const field = () => screen.findByRole("textbox", { name: "Path" });

it("marks a file whose name is pressed, and opens a folder", async () => {
  const log = serve({ "GET /api/v1/files": () => IN });
  show(<Chooser />);
  await userEvent.click(await screen.findByText("deeper"));
  expect(log.at(-1)?.query.get("path")).toBe("/in/deeper");
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
  await userEvent.click(await screen.findByText("a.safetensors"));
  expect(screen.getByRole("status")).toHaveTextContent("/in/a.safetensors");
});

it("marks everything in the folder at once", async () => {
  serve(ROUTES);
  show(<Chooser />);
  await userEvent.click(await screen.findByRole("button", { name: "Choose all" }));
  expect(screen.getByRole("status")).toHaveTextContent("/in/deeper /in/a.safetensors");
});

it("goes where a path is typed, shows what begins like it, and marks a file that is named", async () => {
  serve(ROUTES);
  show(<Chooser />);
  await screen.findByText("deeper");
  await userEvent.clear(await field());
  await userEvent.type(await field(), "/in/a");
  await screen.findByText("a.safetensors");
  await expect.poll(() => screen.queryByText("deeper")).toBeNull();
  await userEvent.type(await field(), ".safetensors");
  expect(await screen.findByText("A file: Enter marks it")).toBeInTheDocument();
  await userEvent.keyboard("{Enter}");
  expect(screen.getByRole("status")).toHaveTextContent("/in/a.safetensors");
  await expect.poll(async () => (await field()).getAttribute("value")).toBe("/in");
});

it("says below the field what is wrong with a path, and keeps what is shown", async () => {
  serve(ROUTES);
  show(<Chooser />);
  await screen.findByText("deeper");
  await userEvent.clear(await field());
  await userEvent.type(await field(), "nope");
  expect(await screen.findByText("Nothing in /in is called “nope”")).toBeInTheDocument();
  await userEvent.clear(await field());
  await userEvent.type(await field(), "/root");
  expect(await screen.findByText("This may not be read. Ask its owner.")).toBeInTheDocument();
  expect(await field()).toBeInvalid();
  await userEvent.keyboard("{Escape}");
  expect(await field()).toHaveValue("/in");
  expect(await screen.findByText("deeper")).toBeInTheDocument();
});

it("chooses a folder only when what is typed is one", async () => {
  serve(ROUTES);
  let chosen = "";
  const choose = (path: string) => {
    chosen = path;
  };
  show(<FolderDialog isOpen onChoose={choose} onClose={() => {}} />);
  const button = await screen.findByRole("button", { name: "Choose this folder" });
  await expect.poll(() => button).toBeEnabled();
  expect(await field()).toHaveFocus();
  await userEvent.clear(await field());
  await userEvent.type(await field(), "deep");
  await expect.poll(() => button).toBeDisabled();
  await userEvent.type(await field(), "er");
  await expect.poll(() => button).toBeEnabled();
  expect(screen.getByText(/It can be chosen as it is/)).toBeInTheDocument();
  await userEvent.click(button);
  expect(chosen).toBe("/in/deeper");
});
