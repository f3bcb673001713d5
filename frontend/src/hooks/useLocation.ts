/** Where in the application we are: the path names the page, the parameters what it shows. */
import { useSyncExternalStore } from "react";

const MOVED = "app:moved";

export interface Place {
  path: string;
  parameters: URLSearchParams;
}

let known: Place | undefined;
let address = "";

/** The same value while the address is the same. */
function here(): Place {
  if (known === undefined || address !== window.location.href) {
    address = window.location.href;
    known = {
      path: window.location.pathname.replace(/\/+$/, "") || "/",
      parameters: new URLSearchParams(window.location.search),
    };
  }
  return known;
}

type Ask = (go: () => void) => void;

let asking: Ask | null = null;

/** While it is set, going elsewhere is asked about first; `ask` is given what goes there. Returns what ends it. */
export function askBeforeLeaving(ask: Ask): () => void {
  asking = ask;
  return () => {
    if (asking === ask) asking = null;
  };
}

/** The browser has gone back already: it is brought here again until somebody said that it may. */
function askOnReturn(event: PopStateEvent): void {
  if (asking === null || !address) return;
  event.stopImmediatePropagation();
  const there = window.location.href;
  window.history.pushState(null, "", address);
  asking(() => go(there, false));
}

// Before anybody else hears of it.
window.addEventListener("popstate", askOnReturn);

function subscribe(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  window.addEventListener(MOVED, changed);
  return () => {
    window.removeEventListener("popstate", changed);
    window.removeEventListener(MOVED, changed);
  };
}

export function useLocation(): Place {
  return useSyncExternalStore(subscribe, here);
}

/** Go somewhere. `replace` leaves no step for the back button: for what changes with every key. */
export function navigate(path: string, parameters?: URLSearchParams, replace = false): void {
  const query = parameters?.toString();
  const there = query ? `${path}?${query}` : path;
  if (asking) asking(() => go(there, replace));
  else go(there, replace);
}

function go(there: string, replace: boolean): void {
  if (replace) window.history.replaceState(null, "", there);
  else window.history.pushState(null, "", there);
  window.dispatchEvent(new Event(MOVED));
}

/** Change some parameters of this page; an empty text takes one away, several texts give it several times. */
export function setParameters(
  changes: Record<string, string | readonly string[]>,
  replace = true,
): void {
  const { path } = here();
  const parameters = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(changes)) {
    parameters.delete(name);
    for (const one of typeof value === "string" ? [value] : value) {
      if (one) parameters.append(name, one);
    }
  }
  navigate(path, parameters, replace);
}
