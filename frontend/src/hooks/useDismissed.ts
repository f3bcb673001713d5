/** Notices that were read and put away. Kept in this browser. */
import { useSyncExternalStore } from "react";

const KEY = "dismissed";
const CHANGED = "app:dismissed";

/** Of the last notices: nobody misses older ones. */
const MOST = 200;

let text: string | null = null;
let names: ReadonlySet<string> = new Set();

/** The same value while nothing changed. */
function dismissed(): ReadonlySet<string> {
  const now = localStorage.getItem(KEY);
  if (now !== text) {
    text = now;
    names = new Set(now === null ? [] : now.split("\n"));
  }
  return names;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  window.addEventListener("storage", changed);
  return () => {
    window.removeEventListener(CHANGED, changed);
    window.removeEventListener("storage", changed);
  };
}

function keep(now: readonly string[]): void {
  if (now.length === 0) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, now.slice(-MOST).join("\n"));
  window.dispatchEvent(new Event(CHANGED));
}

export function useDismissed() {
  const now = useSyncExternalStore(subscribe, dismissed);
  return {
    dismissed: now,
    dismiss: (name: string) => keep([...now, name]),
    bringBack: (back: readonly string[]) => keep([...now].filter((one) => !back.includes(one))),
  };
}
