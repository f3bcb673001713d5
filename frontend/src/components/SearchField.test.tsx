import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { SearchField } from "./SearchField";

describe("the key that leads to the search", () => {
  it("works from a checkbox, and is a letter where a text is typed", async () => {
    render(
      <>
        <SearchField value="" onChange={() => {}} />
        <input type="checkbox" />
        <input aria-label="Name" />
      </>,
    );
    const search = screen.getByRole("searchbox");
    const name = screen.getByLabelText("Name");
    await userEvent.type(name, "a/b");
    expect(name).toHaveValue("a/b");
    expect(search).not.toHaveFocus();
    await userEvent.click(screen.getByRole("checkbox"));
    await userEvent.keyboard("/");
    expect(search).toHaveFocus();
  });
});
