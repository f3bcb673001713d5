/** Changes that are not saved: leaving the page, or the tab of the browser, is asked about first. */
import { useEffect, useState } from "react";
import { askBeforeLeaving } from "./useLocation";

export function useUnsaved(isChanged: boolean) {
  const [go, setGo] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (!isChanged) return;
    const release = askBeforeLeaving((there) => setGo(() => there));
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => {
      release();
      window.removeEventListener("beforeunload", ask);
    };
  }, [isChanged]);
  return {
    isAsking: go !== null,
    stay: () => setGo(null),
    leave: () => {
      setGo(null);
      go?.();
    },
  };
}
