/** Short messages below the page, from anywhere in the application. */
import { useSyncExternalStore } from "react";
import { ApiError } from "@/api/client";

export interface Toast {
  id: number;
  tone: "info" | "good" | "warn" | "bad";
  text: string;
  hint?: string;
  action?: ToastAction;
  /** Where to see more of it. */
  more?: ToastAction;
}

export interface ToastAction {
  label: string;
  run: () => void;
}

const SHOWN_FOR = 6_000; // milliseconds
const WITH_ACTION = 30_000;
/** Errors wait for a person, but not without end. */
const MOST = 50;

/** When one goes by itself: a timer that may be stopped, and the milliseconds that are left. */
interface Going {
  left: number;
  since: number;
  timer?: ReturnType<typeof setTimeout>;
}

let toasts: readonly Toast[] = [];
let next = 1;
let isHeld = false;
const going = new Map<number, Going>();
const listeners = new Set<() => void>();

function publish(now: readonly Toast[]): void {
  const kept = new Set(now.map((one) => one.id));
  for (const [id, { timer }] of going) {
    if (kept.has(id)) continue;
    clearTimeout(timer);
    going.delete(id);
  }
  toasts = now;
  if (now.length === 0) isHeld = false;
  for (const listener of listeners) listener();
}

export function dismiss(id: number): void {
  publish(toasts.filter((toast) => toast.id !== id));
}

export function dismissAll(): void {
  publish([]);
}

/** None goes while somebody is at them. */
export function hold(): void {
  isHeld = true;
  for (const one of going.values()) {
    clearTimeout(one.timer);
    one.left -= Date.now() - one.since;
  }
}

export function release(): void {
  if (!isHeld) return;
  isHeld = false;
  for (const [id, one] of going) run(id, one);
}

function run(id: number, one: Going): void {
  one.since = Date.now();
  one.timer = setTimeout(() => dismiss(id), Math.max(0, one.left));
}

/** Show a message; errors stay until they are dismissed. Returns its id. */
export function toast(message: Omit<Toast, "id">): number {
  const id = next++;
  const same = (one: Toast) =>
    one.text === message.text && one.hint === message.hint && !one.action;
  publish([...toasts.filter((one) => !same(one)), { ...message, id }].slice(-MOST));
  if (message.tone !== "bad") {
    const one = { left: message.action ? WITH_ACTION : SHOWN_FOR, since: Date.now() };
    going.set(id, one);
    if (!isHeld) run(id, one);
  }
  return id;
}

export function toastError(error: unknown): void {
  const hint = error instanceof ApiError ? error.hint : "";
  const text = error instanceof Error ? error.message : String(error);
  toast({ tone: "bad", text, hint });
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(subscribe, () => toasts);
}
