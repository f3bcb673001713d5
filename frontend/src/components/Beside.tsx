/** What is open beside a list. Escape closes it, and then the focus is where it was before. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { NARROW } from "@/hooks/useMedia";
import { LIST } from "./ModelList";

const BESIDE = "beside";

/** Go on in what is open. */
export function focusBeside(): void {
  document.getElementById(BESIDE)?.focus();
}

interface Props {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

export function Beside({ label, onClose, children }: Props) {
  useFocusBack();
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    onClose();
  };
  return (
    <aside
      id={BESIDE}
      tabIndex={-1}
      aria-label={label}
      onKeyDown={close}
      className="flex w-[400px] shrink-0 flex-col border-l border-line bg-canvas outline-none max-lg:w-80 max-md:absolute max-md:inset-0 max-md:z-20 max-md:w-auto max-md:border-l-0"
    >
      {children}
    </aside>
  );
}

/** Where it covers the list it has the focus; when it goes, the focus that was in it goes back. */
function useFocusBack(): void {
  const before = useRef(document.activeElement);
  useEffect(() => {
    const opener = before.current;
    if (window.matchMedia(NARROW).matches) focusBeside();
    return () => {
      if (document.activeElement !== document.body) return;
      const isThere =
        opener instanceof HTMLElement && opener !== document.body && opener.isConnected;
      (isThere ? opener : document.getElementById(LIST))?.focus();
    };
  }, []);
}
