/** Light or dark: what the system says, or what was chosen here. Kept in this browser. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "theme";
const CHANGED = "app:theme";

function chosen(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function prefersDark(): MediaQueryList {
  return window.matchMedia("(prefers-color-scheme: dark)");
}

function apply(): void {
  const theme = chosen();
  const dark = theme === "dark" || (theme === "system" && prefersDark().matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function subscribe(changed: () => void): () => void {
  const look = () => {
    apply();
    changed();
  };
  const system = prefersDark();
  system.addEventListener("change", look);
  window.addEventListener(CHANGED, look);
  window.addEventListener("storage", look);
  return () => {
    system.removeEventListener("change", look);
    window.removeEventListener(CHANGED, look);
    window.removeEventListener("storage", look);
  };
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, chosen), setTheme];
}

function setTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  window.dispatchEvent(new Event(CHANGED));
}
