import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { serve, show } from "@/test/server";
import { FileChooser } from "./FileChooser";

const FOLDER = {
  path: "/in",
  parent: "/",
  places: ["/in"],
  entries: [
    { name: "deeper", path: "/in/deeper", kind: "folder", size: null, model: false },
    { name: "a.safetensors", path: "/in/a.safetensors", kind: "file", size: 10, model: true },
  ],
  omitted: 0,
};

function Chooser() {
  const [chosen, setChosen] = useState(new Set<string>());
  return (
    <>
      <FileChooser selected={chosen} onSelect={setChosen} />
      <output>{[...chosen].join(" ")}</output>
    </>
  );
}

it("marks a file whose name is pressed, and opens a folder", async () => {
  const log = serve({ "GET /api/v1/files": () => FOLDER });
  show(<Chooser />);
  await userEvent.click(await screen.findByText("deeper"));
  expect(log.at(-1)?.query.get("path")).toBe("/in/deeper");
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
  await userEvent.click(await screen.findByText("a.safetensors"));
  expect(screen.getByRole("status")).toHaveTextContent("/in/a.safetensors");
});

it("marks everything in the folder at once", async () => {
  serve({ "GET /api/v1/files": () => FOLDER });
  show(<Chooser />);
  await userEvent.click(await screen.findByRole("button", { name: "Choose all" }));
  expect(screen.getByRole("status")).toHaveTextContent("/in/deeper /in/a.safetensors");
});
