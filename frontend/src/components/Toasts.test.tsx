import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { dismissAll, toast } from "@/hooks/useToasts";
import { show } from "@/test/server";
import { Toasts } from "./Toasts";

beforeEach(() => {
  vi.useFakeTimers();
  show(
    <>
      <button type="button">Before</button>
      <Toasts />
    </>,
  );
});

afterEach(() => {
  act(dismissAll);
  vi.useRealTimers();
});

const say = (text: string, tone: "good" | "bad" = "good") => act(() => void toast({ tone, text }));
const pass = (milliseconds: number) => act(() => vi.advanceTimersByTime(milliseconds));
const region = () => screen.getByRole("region", { name: "Messages" });

it("lets what went well go by itself, and an error wait", () => {
  say("Kept");
  say("It is full", "bad");
  pass(7_000);
  expect(screen.queryByText("Kept")).toBeNull();
  pass(600_000);
  expect(screen.getByText("It is full")).toBeInTheDocument();
  expect(region()).toHaveAttribute("aria-live", "polite");
});

it("lets none go while somebody points at them or has the focus there", () => {
  say("Kept");
  pass(5_000);
  fireEvent.pointerEnter(region());
  pass(60_000);
  expect(screen.getByText("Kept")).toBeInTheDocument();
  fireEvent.pointerLeave(region());
  pass(500);
  act(() => screen.getByRole("button", { name: "Dismiss" }).focus());
  pass(60_000);
  expect(screen.getByText("Kept")).toBeInTheDocument();
  act(() => screen.getByRole("button", { name: "Before" }).focus());
  pass(1_500);
  expect(screen.queryByText("Kept")).toBeNull();
});

it("is gone to by F6, and Escape dismisses one and leads back in the end", () => {
  const before = screen.getByRole("button", { name: "Before" });
  act(() => before.focus());
  say("One", "bad");
  say("Two", "bad");
  fireEvent.keyDown(document.body, { key: "F6" });
  const [first] = screen.getAllByRole("button", { name: "Dismiss" });
  expect(first).toHaveFocus();
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
  pass(50);
  expect(screen.queryByText("One")).toBeNull();
  expect(screen.getByRole("button", { name: "Dismiss" })).toHaveFocus();
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
  pass(50);
  expect(before).toHaveFocus();
});

it("shows the newest three and counts the others", () => {
  for (const text of ["a", "b", "c", "d", "e"]) say(text, "bad");
  expect(screen.queryByText("b")).toBeNull();
  expect(screen.getByText("and 2 older messages")).toBeInTheDocument();
  fireEvent.click(screen.getByRole("button", { name: "Dismiss all" }));
  expect(screen.queryByText("e")).toBeNull();
});
