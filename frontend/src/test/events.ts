/** The server's events for tests: the browser's side of the connection is stood in for. */
import { act } from "@testing-library/react";
import { vi } from "vitest";

type Listener = (event: { data: string }) => void;

export class FakeEvents {
  static all: FakeEvents[] = [];
  static readonly CLOSED = 2;
  readyState = 1;
  onopen = () => {};
  onerror = () => {};
  private readonly listeners = new Map<string, Listener>();

  constructor() {
    FakeEvents.all.push(this);
  }

  addEventListener(name: string, listener: Listener) {
    this.listeners.set(name, listener);
  }

  close() {
    this.readyState = FakeEvents.CLOSED;
  }

  tell(name: string, data: unknown) {
    act(() => {
      this.listeners.get(name)?.({ data: JSON.stringify(data) });
    });
  }
}

/** The connection that is open now. */
export function connection(): FakeEvents {
  const last = FakeEvents.all.at(-1);
  if (!last) throw new Error("nobody listens");
  return last;
}

export function standInForEvents(): void {
  FakeEvents.all = [];
  vi.stubGlobal("EventSource", FakeEvents);
}
