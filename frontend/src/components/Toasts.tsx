import { dismiss, useToasts } from "@/hooks/useToasts";
import { S } from "@/strings";
import { Icon } from "./icons";
import { Button, IconButton, Visible } from "./ui";

const LOOKS = {
  info: { icon: "info", color: "text-accent-text" },
  good: { icon: "check", color: "text-good" },
  warn: { icon: "warning", color: "text-warn" },
  bad: { icon: "error", color: "text-bad" },
} as const;

/** Messages at the lower edge; read out as they appear. */
export function Toasts() {
  const toasts = useToasts();
  return (
    <section
      aria-label={S.toasts.label}
      aria-live="polite"
      className="pointer-events-none fixed bottom-10 left-3 z-50 flex w-[380px] max-w-[calc(100%-24px)] flex-col gap-2"
    >
      {toasts.map((toast) => (
        <div
          key={toast.id}
          className="animate-slide-in pointer-events-auto flex items-start gap-2.5 rounded-lg border border-line bg-raised py-2.5 pr-2 pl-3 shadow-float"
        >
          <Icon name={LOOKS[toast.tone].icon} className={`mt-1 ${LOOKS[toast.tone].color}`} />
          <div className="min-w-0 flex-1 py-0.5">
            <p className="line-clamp-3 font-medium break-words">
              <Visible text={toast.text} />
            </p>
            {toast.hint && (
              <p className="line-clamp-3 text-xs text-ink-2">
                <Visible text={toast.hint} />
              </p>
            )}
          </div>
          {toast.action && (
            <Button
              look="quiet"
              className="text-accent-text"
              onPress={() => {
                toast.action?.run();
                dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton icon="close" label={S.toasts.dismiss} onPress={() => dismiss(toast.id)} />
        </div>
      ))}
    </section>
  );
}
