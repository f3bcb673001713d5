import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { EditableText } from "./Editable";

it.each([
  ["{Enter}", 1],
  ["{Escape}", 0],
])("goes on at the same place after %s", async (key, saved) => {
  const onSave = vi.fn();
  render(<EditableText label="Name" value="one" placeholder="" onSave={onSave} />);
  await userEvent.tab();
  await userEvent.keyboard(`{Enter} more${key}`);
  expect(screen.getByRole("button")).toHaveFocus();
  expect(onSave).toHaveBeenCalledTimes(saved);
});

it("leaves the focus where a press put it", async () => {
  const onSave = vi.fn();
  render(
    <>
      <EditableText label="Name" value="one" placeholder="" onSave={onSave} />
      <input aria-label="Other" />
    </>,
  );
  await userEvent.click(screen.getByRole("button"));
  await userEvent.keyboard(" more");
  await userEvent.click(screen.getByLabelText("Other"));
  expect(screen.getByLabelText("Other")).toHaveFocus();
  expect(onSave).toHaveBeenCalledTimes(1);
});

it("goes on writing at the end of a text with lines", async () => {
  const onSave = vi.fn();
  render(<EditableText label="Notes" value="one" placeholder="" multiline onSave={onSave} />);
  await userEvent.click(screen.getByRole("button"));
  const area = screen.getByRole<HTMLTextAreaElement>("textbox");
  expect(area.selectionStart).toBe(3);
});
