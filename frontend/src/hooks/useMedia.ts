/** Whether the window is as a media query says, and again when that changes. */
import { useCallback, useSyncExternalStore } from "react";

/** No room for two columns beside each other: what is opened covers the list. */
export const NARROW = "(max-width: 767px)";
/** Room for the filters, the list and what is open beside it. */
export const ROOMY = "(min-width: 1280px)";

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}
