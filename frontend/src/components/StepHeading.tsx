import { type ReactNode, type RefObject, useEffect, useRef } from "react";

/**
 * The head of what a dialog shows now. It takes the focus as it appears: what was pressed to come here is gone, a
 * screen reader says what has come, and the next Tab is at its first action.
 */
export function StepHeading({
  children,
  className = "",
}: {
  children: ReactNode;
  className?: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h3 ref={heading} tabIndex={-1} data-step className={`outline-none ${className}`}>
      {children}
    </h3>
  );
}

/**
 * Gives the focus back to the step when what had it went away by itself. Else it is nowhere: no key reaches the
 * dialog, and Escape does not close it.
 */
export function useKeptFocus(dialog: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const watch = new MutationObserver(() => {
      if (document.activeElement !== document.body) return;
      dialog.current?.querySelector<HTMLElement>("[data-step]")?.focus();
    });
    if (dialog.current) watch.observe(dialog.current, { childList: true, subtree: true });
    return () => watch.disconnect();
  }, [dialog]);
}
