/** Short messages at the edge of the window, from anywhere in the application. */
import { useSyncExternalStore } from "react";
import { ApiError } from "@/api/client";

export interface Toast {
  id: number;
  tone: "info" | "good" | "warn" | "bad";
  text: string;
  hint?: string;
  action?: { label: string; run: () => void };
}

const SHOWN_FOR = 6_000; // milliseconds
const WITH_ACTION = 12_000;
const MOST = 4;

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function publish(now: readonly Toast[]): void {
  toasts = now;
  for (const listener of listeners) listener();
}

export function dismiss(id: number): void {
  publish(toasts.filter((toast) => toast.id !== id));
}

/** Show a message; errors stay until they are dismissed. Returns its id. */
export function toast(message: Omit<Toast, "id">): number {
  const id = next++;
  const same = (one: Toast) => one.text === message.text && !one.action;
  publish([...toasts.filter((one) => !same(one)), { ...message, id }].slice(-MOST));
  if (message.tone !== "bad") {
    setTimeout(() => dismiss(id), message.action ? WITH_ACTION : SHOWN_FOR);
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
