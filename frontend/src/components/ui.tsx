/** The small parts that every page is made of. */
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps,
  OverlayArrow,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";
import { ApiError } from "@/api/client";
import * as format from "@/format";
import { S } from "@/strings";
import { Icon, type IconName } from "./icons";
import { StepHeading } from "./StepHeading";

type Look = "primary" | "plain" | "quiet" | "danger";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-accent-ink hover:brightness-110 pressed:brightness-95",
  plain: "border border-line-strong bg-raised text-ink hover:bg-hover",
  quiet: "text-ink-2 hover:bg-hover hover:text-ink",
  danger: "bg-bad-soft text-bad hover:brightness-95 dark:hover:brightness-125",
};

interface Labelled extends Omit<ButtonProps, "children" | "className"> {
  look?: Look;
  icon?: IconName;
  children: ReactNode;
  className?: string;
}

export function Button({ look = "plain", icon, children, className = "", ...rest }: Labelled) {
  return (
    <AriaButton
      {...rest}
      className={`inline-flex h-7 cursor-default items-center justify-center gap-1.5 rounded-md px-2.5 text-sm font-medium whitespace-nowrap transition-colors disabled:opacity-45 ${LOOKS[look]} ${className}`}
    >
      {icon && <Icon name={icon} size={14} />}
      {children}
    </AriaButton>
  );
}

interface IconOnly extends Omit<ButtonProps, "children" | "className"> {
  icon: IconName;
  label: string;
  size?: number;
  className?: string;
}

/** A button that shows only an icon; its name appears when it is pointed at or focused. */
export function IconButton({ icon, label, size = 16, className = "", ...rest }: IconOnly) {
  return (
    <Hint text={format.visible(label)}>
      <AriaButton
        {...rest}
        aria-label={format.visible(label)}
        className={`inline-flex size-7 shrink-0 cursor-default items-center justify-center rounded-md text-ink-2 transition-colors hover:bg-hover hover:text-ink disabled:opacity-40 ${className}`}
      >
        <Icon name={icon} size={size} />
      </AriaButton>
    </Hint>
  );
}

/** Around something that can have the focus: says more when it is pointed at. */
export function Hint({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <TooltipTrigger delay={500} closeDelay={60}>
      {children}
      <Tooltip
        offset={6}
        className="animate-appear max-w-80 rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-float"
      >
        <OverlayArrow />
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}

export type Tone = "neutral" | "accent" | "good" | "warn" | "bad";

const TONES: Record<Tone, string> = {
  neutral: "bg-sunken text-ink-2 dark:bg-hover",
  accent: "bg-accent-soft text-accent-text",
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
};

interface BadgeProps {
  tone?: Tone;
  icon?: IconName;
  title?: string;
  children: ReactNode;
}

export function Badge({ tone = "neutral", icon, title, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={`inline-flex h-5 max-w-full min-w-6 items-center gap-1 rounded px-1.5 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {icon && <Icon name={icon} size={12} />}
      <span className="truncate">{children}</span>
    </span>
  );
}

export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden="true" className={`animate-shimmer rounded bg-line ${className}`} />;
}

interface EmptyProps {
  icon: IconName;
  title: string;
  hint?: ReactNode;
  /** It is a step of a dialog. */
  step?: boolean;
  children?: ReactNode;
}

/** There is nothing here, and what to do about it. */
export function Empty({ icon, title, hint, step, children }: EmptyProps) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-1 p-8 text-center">
      <div className="mb-3 flex size-12 items-center justify-center rounded-xl bg-sunken text-ink-3 dark:bg-hover">
        <Icon name={icon} size={24} />
      </div>
      {step ? (
        <StepHeading className="text-base font-semibold">{title}</StepHeading>
      ) : (
        <h2 className="text-base font-semibold">{title}</h2>
      )}
      {hint && <p className="max-w-md text-ink-2">{hint}</p>}
      {children && <div className="mt-4 flex gap-2">{children}</div>}
    </div>
  );
}

/** What went wrong, what to do, and another try. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <div role="alert" className="m-4 flex gap-3 rounded-lg border border-line bg-bad-soft p-4">
      <Icon name="error" className="mt-0.5 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">
          <Visible text={error instanceof Error ? error.message : S.errors.title} />
        </p>
        {known?.path && (
          <p className="font-mono text-xs break-all text-ink-2">
            <Visible text={known.path} />
          </p>
        )}
        {known?.hint && <p className="text-ink-2">{known.hint}</p>}
        {known && <p className="mt-1 text-xs text-ink-2">{S.errors.details(known.code)}</p>}
      </div>
      {onRetry && (
        <Button icon="refresh" onPress={onRetry}>
          {S.retry}
        </Button>
      )}
    </div>
  );
}

interface SectionProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}

export function Section({ title, aside, children }: SectionProps) {
  return (
    <section className="border-b border-line px-4 py-4 last:border-b-0">
      <div className="mb-2 flex h-5 items-center justify-between gap-2">
        <h3 className="text-xs font-semibold text-ink-2">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** A page with a head and its content below. */
export function Page({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line px-4">
        <h1 className="text-base font-semibold">{title}</h1>
        <div className="flex items-center gap-2">{actions}</div>
      </header>
      <div className="min-h-0 flex-1 overflow-auto">{children}</div>
    </div>
  );
}

/** Words of ours that may be too long for their place: then the whole text appears when it is pointed at. */
export function Cut({ text, className = "" }: { text: string; className?: string }) {
  return (
    <span title={text} className={`truncate ${className}`}>
      {text}
    </span>
  );
}

/** A text from a model or a provider, cut when it is too long, never with effect on what is around it. */
interface ForeignProps {
  text: string;
  className?: string;
  /** Goes on in the next line instead of being cut off: of a path, the end says most. */
  wraps?: boolean;
}

export function Foreign({ text, className = "", wraps = false }: ForeignProps) {
  const fits = wraps ? "wrap-anywhere" : "truncate";
  return (
    <bdi data-foreign title={format.visible(text)} className={`block ${fits} ${className}`}>
      <Visible text={text} />
    </bdi>
  );
}

/** A text from outside, with a symbol for each character that would turn it around or that nobody would see. */
export function Visible({ text }: { text: string }) {
  return format.pieces(text).map((piece, index) =>
    piece.unseen === null ? (
      piece.text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other
      <span key={index} title={piece.unseen} className="text-warn">
        {piece.text}
      </span>
    ),
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <IconButton
      icon="copy"
      size={13}
      className="size-6"
      label={S.detail.copyOf(what)}
      onPress={() => navigator.clipboard.writeText(text)}
    />
  );
}

interface MeterProps {
  label: string;
  /** 0 to 1; null when it is not known how far. */
  fraction: number | null;
  tone?: "accent" | "good" | "warn" | "bad" | "idle";
}

const METERS = {
  accent: "bg-accent",
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "bg-line-strong",
};

export function Meter({ label, fraction, tone = "accent" }: MeterProps) {
  const known = fraction === null ? undefined : Math.round(fraction * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={known}
      aria-valuemin={0}
      aria-valuemax={100}
      className="h-1 overflow-hidden rounded-full bg-line"
    >
      <div
        key={known === undefined ? "unknown" : "known"}
        className={`h-full rounded-full transition-[width] duration-300 ${METERS[tone]} ${known === undefined ? "animate-shimmer" : ""}`}
        style={{ width: `${known ?? 100}%` }}
      />
    </div>
  );
}

/** The actions of a dialog, below it. */
export function Footer({ children }: { children: ReactNode }) {
  return (
    <footer className="flex h-13 shrink-0 items-center justify-end gap-2 border-t border-line bg-chrome px-4">
      {children}
    </footer>
  );
}
