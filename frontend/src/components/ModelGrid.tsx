/** The models as cards with their previews, of which only those on the screen exist. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { previewAddress } from "@/api/models";
import { wholeSize } from "@/axes";
import * as format from "@/format";
import { useListKeys } from "@/hooks/useListKeys";
import { familyLabel, kindLabel, S } from "@/strings";
import type { Model } from "@/types/shapes";
import { isRisky, StateBadge, TierBadge, TrustBadge } from "./Badges";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { clicked, LIST, type ListProps } from "./ModelList";
import { Foreign, Skeleton, Visible } from "./ui";

const CARD = 208; // pixels, at least
const GAP = 12;
const HEIGHT = 224;

export function ModelGrid({ models, selection, open, cursor, below, ...acts }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useColumns(scroller);
  const rows = useVirtualizer({
    count: Math.ceil(models.total / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT + GAP,
    overscan: 2,
  });
  const lines = rows.getVirtualItems();
  const first = (lines[0]?.index ?? 0) * columns;
  const last = ((lines[lines.length - 1]?.index ?? 0) + 1) * columns - 1;
  const { show, shown } = models;
  useEffect(() => show(first, last), [show, first, last]);
  useEffect(() => {
    if (shown) scroller.current?.scrollTo({ top: 0 });
  }, [shown]);
  // What opens beside it takes columns away: the card that was opened stays in sight.
  const line = Math.floor(cursor / columns);
  useEffect(() => rows.scrollToIndex(line), [rows, line]);
  const onKeyDown = useListKeys({
    total: models.total,
    current: cursor,
    columns,
    page: Math.max(1, Math.floor((scroller.current?.clientHeight ?? HEIGHT) / HEIGHT)),
    ...acts,
    onMove: (index, extend) => {
      rows.scrollToIndex(Math.floor(index / columns));
      acts.onMove(index, extend);
    },
  });
  return (
    <div ref={scroller} className="min-h-0 min-w-0 flex-1 overflow-auto">
      <div
        role="listbox"
        id={LIST}
        tabIndex={0}
        aria-label={S.table.label}
        aria-multiselectable="true"
        aria-activedescendant={models.row(cursor) ? `card-${cursor}` : undefined}
        onKeyDown={onKeyDown}
        onClick={(event) => clicked(event, acts)}
        className="group/grid p-3 outline-none"
      >
        <div role="presentation" className="relative" style={{ height: rows.getTotalSize() }}>
          {lines.map((line) => (
            <div
              key={line.key}
              role="presentation"
              className="absolute inset-x-0 grid gap-3"
              style={{
                transform: `translateY(${line.start}px)`,
                gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              }}
            >
              {indices(line.index, columns, models.total).map((index) => {
                const model = models.row(index);
                return (
                  <Card
                    key={index}
                    index={index}
                    total={models.total}
                    model={model}
                    isSelected={selection.has(model?.model_id ?? "")}
                    isOpen={model?.model_id === open}
                    isCurrent={index === cursor}
                  />
                );
              })}
            </div>
          ))}
        </div>
      </div>
      {below}
    </div>
  );
}

function indices(line: number, columns: number, total: number): number[] {
  const first = line * columns;
  return Array.from({ length: Math.min(columns, total - first) }, (_, place) => first + place);
}

function useColumns(element: React.RefObject<HTMLElement | null>): number {
  const [columns, setColumns] = useState(4);
  useLayoutEffect(() => {
    const measured = element.current;
    if (!measured) return;
    const observer = new ResizeObserver(() => {
      setColumns(Math.max(1, Math.floor((measured.clientWidth - GAP) / (CARD + GAP))));
    });
    observer.observe(measured);
    return () => observer.disconnect();
  }, [element]);
  return columns;
}

interface CardProps {
  index: number;
  total: number;
  model: Model | undefined;
  isSelected: boolean;
  isOpen: boolean;
  isCurrent: boolean;
}

const Card = memo(function Card({ index, total, model, isSelected, isOpen, isCurrent }: CardProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and its keys
    <div
      role="option"
      id={`card-${index}`}
      aria-selected={isSelected}
      aria-current={isOpen || undefined}
      aria-setsize={total}
      aria-posinset={index + 1}
      data-current={isCurrent || undefined}
      data-index={index}
      className="relative flex h-56 cursor-default flex-col overflow-hidden rounded-lg border border-line bg-raised select-none hover:border-line-strong aria-current:border-accent aria-current:outline-2 aria-current:-outline-offset-2 aria-current:outline-accent aria-selected:border-accent aria-selected:bg-accent-soft group-focus-visible/grid:data-current:shadow-[0_0_0_2px_var(--accent)]"
    >
      {model ? <Face model={model} /> : <Skeleton className="m-3 flex-1" />}
      {/* For the mouse: to a screen reader the card itself says whether it is selected. */}
      <span
        data-tick
        data-selected={isSelected || undefined}
        className="group absolute top-0 left-0 p-2.5"
      >
        <Tick />
      </span>
    </div>
  );
});

function Face({ model }: { model: Model }) {
  const tier = model.security.tier;
  const what = `${kindLabel(model.kind, model.adapter_type)} · ${familyLabel(model.family)}`;
  return (
    <>
      <div className="flex min-h-0 flex-1 items-center justify-center bg-sunken text-line-strong">
        {model.preview ? (
          <img
            src={previewAddress(model.model_id)}
            alt=""
            loading="lazy"
            decoding="async"
            className="size-full object-cover"
          />
        ) : (
          <Icon name="box" size={40} />
        )}
      </div>
      <div className="flex h-24 flex-col px-3 py-2">
        <Foreign text={model.official_name} className="font-medium" />
        <div className="flex justify-between gap-2 text-xs text-ink-2 tabular-nums">
          <bdi title={format.visible(what)} className="line-clamp-2 min-w-0 break-words">
            <Visible text={what} />
          </bdi>
          <span className="shrink-0" title={wholeSize(model.size, model.files.length)}>
            {format.bytes(model.size)}
          </span>
        </div>
        <div className="mt-auto flex min-w-0 gap-1">
          <TrustBadge match={model.match} />
          {isRisky(tier) ? <TierBadge tier={tier} /> : <StateBadge state={model.state} />}
        </div>
      </div>
    </>
  );
}
