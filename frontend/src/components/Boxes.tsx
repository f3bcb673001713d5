/** Lists of links in boxes that open and close. */
import { type ReactNode, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import * as format from "@/format";
import { navigate } from "@/hooks/useLocation";
import { S } from "@/strings";
import type { Link } from "@/types/shapes";
import { Icon, type IconName } from "./icons";
import { Button, Foreign } from "./ui";

const FIRST = 50;
const STEP = 500;

interface BoxProps {
  name: keyof typeof S.apps.groups;
  icon: IconName;
  tone: string;
  count: number;
  /** Beside the heading, not in it: to press it does not open or close the box. */
  aside?: ReactNode;
  isClosed?: boolean;
  children: ReactNode;
}

export function Box({ name, icon, tone, count, aside, isClosed, children }: BoxProps) {
  const [title, hint] = S.apps.groups[name];
  return (
    <div className="relative">
      <details open={!isClosed} className="group/box rounded-lg border border-line">
        <summary
          className={`flex min-h-10 cursor-default list-none items-center gap-2.5 rounded-lg py-1.5 pl-4 hover:bg-hover ${aside ? "pr-44 max-md:pr-36" : "pr-4"}`}
        >
          <Icon
            name="right"
            size={12}
            className="shrink-0 text-ink-3 transition-transform group-open/box:rotate-90"
          />
          <Icon name={icon} size={14} className={`shrink-0 ${tone}`} />
          <h3 className="font-semibold whitespace-nowrap">{title}</h3>
          <span className="text-xs text-ink-2 tabular-nums">{count.toLocaleString("en")}</span>
          <span className="min-w-0 flex-1 truncate text-xs text-ink-3" title={hint}>
            {hint}
          </span>
        </summary>
        {children}
      </details>
      {aside && <div className="absolute top-1.5 right-3">{aside}</div>}
    </div>
  );
}

interface GroupProps<T> extends Omit<BoxProps, "count" | "children"> {
  items: readonly T[];
  children: (item: T) => ReactNode;
}

export function Group<T>({ items, children, ...box }: GroupProps<T>) {
  if (items.length === 0) return null;
  return (
    <Box {...box} count={items.length}>
      <Some items={items}>{children}</Some>
    </Box>
  );
}

/** A long list by steps: a page of a thousand rows answers slowly. */
export function Some<T>({
  items,
  children,
}: {
  items: readonly T[];
  children: (item: T) => ReactNode;
}) {
  const [most, setMost] = useState(FIRST);
  const left = items.length - most;
  return (
    <>
      <ul className="border-t border-line">{items.slice(0, most).map(children)}</ul>
      {left > 0 && (
        <Button look="quiet" className="m-2" onPress={() => setMost(most + STEP)}>
          {S.apps.showMore(Math.min(left, STEP))}
        </Button>
      )}
    </>
  );
}

interface LinkRowProps {
  link: Link;
  /** Whether its name leads to the model. */
  leads?: boolean;
  children?: ReactNode;
}

export function LinkRow({ link, leads = true, children }: LinkRowProps) {
  return (
    <Row target={link.target} modelId={leads ? link.model_id : undefined}>
      {children}
    </Row>
  );
}

/** The name of a model or of its link, which leads to the model when that is said. */
export function Name({ name, modelId }: { name: string; modelId: string | undefined }) {
  if (!modelId) return <Foreign text={name} />;
  return (
    <AriaButton
      aria-label={S.apps.showModel(name)}
      onPress={() => navigate("/", new URLSearchParams({ model: modelId }))}
      className="block w-full cursor-default rounded text-left hover:underline"
    >
      <Foreign text={name} />
    </AriaButton>
  );
}

interface RowProps {
  target: string;
  modelId?: string | undefined;
  children?: ReactNode;
}

export function Row({ target, modelId, children }: RowProps) {
  const directory = target.slice(0, target.lastIndexOf("/"));
  return (
    <li className="flex min-h-9 items-center gap-x-3 border-b border-line/60 px-4 py-1 last:border-b-0 max-md:flex-wrap">
      <span className="min-w-0 flex-1 max-md:basis-full">
        <Name name={format.baseName(target)} modelId={modelId} />
      </span>
      <Foreign
        text={directory}
        className="w-[26%] shrink-0 font-mono text-xs text-ink-3 max-md:w-auto max-md:min-w-0 max-md:shrink"
      />
      <span className="flex w-[30%] shrink-0 items-center justify-end gap-3 max-md:ml-auto max-md:w-auto">
        {children}
      </span>
    </li>
  );
}
