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
  const address = query ? `${path}?${query}` : path;
  if (replace) window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
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
