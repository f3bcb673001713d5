import { type FocusEvent, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { Button as AriaButton, type PressEvent } from "react-aria-components";
import { dismiss, dismissAll, hold, release, type Toast, useToasts } from "@/hooks/useToasts";
import { S } from "@/strings";
import { Icon } from "./icons";
import { Button, Visible } from "./ui";

const LOOKS = {
  info: { icon: "info", color: "text-accent-text" },
  good: { icon: "check", color: "text-good" },
  warn: { icon: "warning", color: "text-warn" },
  bad: { icon: "error", color: "text-bad" },
} as const;

/** At once, the newest; what is older is counted. */
const SHOWN = 3;

/** Messages in a row of their own below the page, so that they cover nothing; read out as they appear. F6 goes to
 * them and back, Escape dismisses the one that has the focus. */
export function Toasts() {
  const toasts = useToasts();
  const region = useRef<HTMLElement>(null);
  const { onFocus, back, goOn } = useWayBack(region);
  useRoomAbove(region, toasts);
  const older = Math.max(0, toasts.length - SHOWN);
  const close = (id: number, byKey: boolean) => {
    dismiss(id);
    if (byKey) goOn();
    else back();
  };
  return (
    <section
      ref={region}
      aria-label={S.toasts.label}
      aria-live="polite"
      aria-keyshortcuts="F6"
      // Also while a dialog is open.
      data-react-aria-top-layer="true"
      onPointerEnter={hold}
      onPointerLeave={() => !region.current?.contains(document.activeElement) && release()}
      onFocus={onFocus}
      onBlur={({ relatedTarget }) => !region.current?.contains(relatedTarget) && release()}
      className="flex flex-wrap gap-2 bg-chrome not-empty:border-t not-empty:border-line not-empty:p-2"
    >
      {older > 0 && (
        <div className="flex w-full items-center gap-2 text-xs text-ink-2">
          {S.toasts.older(older)}
          <Button look="quiet" className="text-accent-text" onPress={dismissAll}>
            {S.toasts.dismissAll}
          </Button>
        </div>
      )}
      {toasts.slice(-SHOWN).map((toast) => (
        <Message key={toast.id} toast={toast} onClose={(byKey) => close(toast.id, byKey)} />
      ))}
    </section>
  );
}

function Message({ toast, onClose }: { toast: Toast; onClose: (byKey: boolean) => void }) {
  const isByKey = ({ pointerType }: PressEvent) => ["keyboard", "virtual"].includes(pointerType);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it have the focus; Escape is theirs
    <div
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose(true);
      }}
      className="animate-slide-in flex w-[420px] max-w-full items-start gap-2.5 rounded-lg border border-line bg-raised py-1.5 pr-1.5 pl-3"
    >
      <Icon name={LOOKS[toast.tone].icon} className={`mt-1.5 ${LOOKS[toast.tone].color}`} />
      <div className="min-w-0 flex-1 py-1">
        <p className="line-clamp-3 font-medium break-words">
          <Visible text={toast.text} />
        </p>
        {toast.hint && (
          <p className="line-clamp-3 text-xs break-words text-ink-2">
            <Visible text={toast.hint} />
          </p>
        )}
      </div>
      {[toast.more, toast.action].map(
        (action) =>
          action && (
            <Button
              key={action.label}
              look="quiet"
              className="text-accent-text"
              onPress={(event) => {
                action.run();
                onClose(isByKey(event));
              }}
            >
              {action.label}
            </Button>
          ),
      )}
      {/* Without a tooltip, which would take the first Escape for itself. */}
      <AriaButton
        aria-label={S.toasts.dismiss}
        onPress={(event) => onClose(isByKey(event))}
        className="flex size-7 shrink-0 cursor-default items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
      >
        <Icon name="close" />
      </AriaButton>
    </div>
  );
}

/** F6 to the messages and back to where the focus was; there it goes as well when the last one is dismissed. */
function useWayBack(region: RefObject<HTMLElement | null>) {
  const before = useRef<Element | null>(null);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const button = buttonIn(region.current);
      if (event.key !== "F6" || !button) return;
      event.preventDefault();
      focus(region.current?.contains(document.activeElement) ? before.current : button);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [region]);
  return {
    onFocus: ({ relatedTarget }: FocusEvent<HTMLElement>) => {
      hold();
      // From a message that is gone it comes from nowhere.
      if (relatedTarget && !region.current?.contains(relatedTarget)) before.current = relatedTarget;
    },
    back: () => focus(before.current),
    /** To the next message, once the one that had the focus is gone. */
    goOn: () => requestAnimationFrame(() => focus(buttonIn(region.current) ?? before.current)),
  };
}

function buttonIn(region: HTMLElement | null): HTMLElement | null | undefined {
  return region?.querySelector<HTMLElement>("button");
}

function focus(element: Element | null): void {
  if (element instanceof HTMLElement) element.focus();
}

/** Tells dialogs where the messages begin: they end above them. */
function useRoomAbove(region: RefObject<HTMLElement | null>, toasts: readonly Toast[]) {
  useLayoutEffect(() => {
    const style = document.documentElement.style;
    const tell = () => {
      const top = region.current?.getBoundingClientRect().top ?? window.innerHeight;
      const room = toasts.length > 0 ? Math.max(0, window.innerHeight - top) : 0;
      style.setProperty("--messages", `${room}px`);
    };
    tell();
    const watch = new ResizeObserver(tell);
    if (region.current) watch.observe(region.current);
    return () => {
      watch.disconnect();
      style.removeProperty("--messages");
    };
  }, [region, toasts]);
}
