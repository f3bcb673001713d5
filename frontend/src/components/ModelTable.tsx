/** The models as rows of a table, of which only those on the screen exist. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import { Checkbox } from "react-aria-components";
import { wholeSize } from "@/axes";
import * as format from "@/format";
import { useListKeys } from "@/hooks/useListKeys";
import { familyLabel, kindLabel, S } from "@/strings";
import type { Model, Sort } from "@/types/shapes";
import { isRisky, StateBadge, TierBadge, TrustBadge } from "./Badges";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { clicked, LIST, type ListProps } from "./ModelList";
import { Cut, Foreign, Skeleton } from "./ui";

const ROW = 36; // pixels
const HEAD = 32; // pixels that stay above the rows
const AHEAD = 12; // rows beyond the screen
const COLUMNS =
  "grid grid-cols-[36px_minmax(180px,1fr)_136px_100px_84px_96px_128px_80px] @max-[840px]:grid-cols-[36px_minmax(140px,1fr)_136px_76px_80px] @max-lg:grid-cols-[36px_minmax(96px,1fr)_128px_76px] items-center";
const WIDE = "@max-[840px]:hidden";
const MEDIUM = "@max-lg:hidden";

interface Props extends ListProps {
  sort: Sort;
  onSort: (sort: Sort) => void;
}

export function ModelTable({
  models,
  selection,
  open,
  cursor,
  sort,
  onSort,
  below,
  ...acts
}: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: models.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    scrollPaddingStart: HEAD,
    overscan: AHEAD,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  const { show, shown } = models;
  useEffect(() => show(first, last), [show, first, last]);
  useEffect(() => {
    if (shown) scroller.current?.scrollTo({ top: 0 });
  }, [shown]);

  const onKeyDown = useListKeys({
    total: models.total,
    current: cursor,
    columns: 1,
    page: Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 2),
    ...acts,
    onMove: (index, extend) => {
      rows.scrollToIndex(index);
      acts.onMove(index, extend);
    },
  });

  return (
    <div ref={scroller} className="@container min-h-0 min-w-0 flex-1 overflow-auto">
      {/* biome-ignore lint/a11y/useSemanticElements: rows exist only while they are on the screen */}
      <div
        role="grid"
        id={LIST}
        tabIndex={0}
        aria-label={S.table.label}
        aria-rowcount={models.total + 1}
        aria-multiselectable="true"
        aria-activedescendant={models.row(cursor) ? `row-${cursor}` : undefined}
        onKeyDown={onKeyDown}
        className="group/grid outline-none"
      >
        <Head
          selection={selection}
          total={models.total}
          sort={sort}
          onSort={onSort}
          onAll={acts.onAll}
        />
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys */}
        <div
          role="rowgroup"
          className="relative"
          style={{ height: rows.getTotalSize() }}
          onClick={(event) => clicked(event, acts)}
        >
          {items.map((item) => (
            <Row
              key={item.key}
              index={item.index}
              top={item.start}
              model={models.row(item.index)}
              isSelected={selection.has(models.row(item.index)?.model_id ?? "")}
              isOpen={models.row(item.index)?.model_id === open}
              isCurrent={item.index === cursor}
            />
          ))}
        </div>
      </div>
      {below}
    </div>
  );
}

/** The columns that a narrow table does without. */
const HIDDEN: Partial<Record<string, string>> = {
  container: WIDE,
  trust: WIDE,
  family: WIDE,
  precision: MEDIUM,
};

const SORTS: Partial<Record<string, readonly [Sort, Sort]>> = {
  name: ["name", "name-desc"],
  size: ["size", "size-asc"],
  added: ["added", "added-asc"],
};

type HeadProps = Pick<Props, "selection" | "sort" | "onSort" | "onAll"> & { total: number };

function Head({ selection, total, sort, onSort, onAll }: HeadProps) {
  const some = selection.models.size > 0;
  const isAll = some && selection.models.size >= total;
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <div
      role="row"
      aria-rowindex={1}
      className={`${COLUMNS} sticky top-0 z-10 h-8 border-b border-line bg-canvas text-xs text-ink-3`}
    >
      <Cell head className="justify-center">
        <Checkbox
          aria-label={S.table.selectAll}
          isIndeterminate={some && !isAll}
          isSelected={isAll}
          onChange={() => (some ? selection.clear() : onAll())}
          className="group p-1"
        >
          <Tick />
        </Checkbox>
      </Cell>
      {(["name", "kind", "family", "precision", "container", "trust", "size"] as const).map(
        (name) => {
          const orders = SORTS[name];
          const place = orders?.indexOf(sort) ?? -1;
          const wide = HIDDEN[name] ?? "";

          return (
            <Cell
              key={name}
              head
              sorted={
                place < 0
                  ? undefined
                  : (place === 0) === (name === "name")
                    ? "ascending"
                    : "descending"
              }
              className={`${wide} ${name === "size" ? "justify-end pr-4" : ""}`}
            >
              {orders ? (
                <button
                  type="button"
                  className="flex cursor-default items-center gap-1 rounded hover:text-ink"
                  onClick={() => onSort(place === 0 ? orders[1] : orders[0])}
                >
                  {S.table[name]}
                  {place >= 0 && (
                    <Icon
                      name="chevron"
                      size={11}
                      className={(place === 0) === (name === "name") ? "rotate-180" : ""}
                    />
                  )}
                </button>
              ) : (
                S.table[name]
              )}
            </Cell>
          );
        },
      )}
    </div>
  );
}

interface CellProps {
  head?: boolean;
  sorted?: "ascending" | "descending";
  className?: string;
  "data-tick"?: boolean;
  "data-selected"?: boolean | undefined;
  children: React.ReactNode;
}

function Cell({ head, sorted, className = "", children, ...rest }: CellProps) {
  const role = head
    ? ({ role: "columnheader", "aria-sort": sorted } as const)
    : { role: "gridcell" };
  return (
    <div {...role} {...rest} className={`flex min-w-0 items-center gap-1.5 pr-3 ${className}`}>
      {children}
    </div>
  );
}

/** The row whose details are open has a bar at its edge; ticks and the current row look different. */
const OPEN =
  "aria-current:before:absolute aria-current:before:inset-y-0 aria-current:before:left-0 aria-current:before:w-[3px] aria-current:before:bg-accent";

interface RowProps {
  index: number;
  top: number;
  model: Model | undefined;
  isSelected: boolean;
  isOpen: boolean;
  isCurrent: boolean;
}

/** Made anew only when it shows something else: there are many of them while the list is scrolled. */
const Row = memo(function Row({ index, top, model, isSelected, isOpen, isCurrent }: RowProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and its keys
    <div
      role="row"
      id={`row-${index}`}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-current={isOpen || undefined}
      data-current={isCurrent || undefined}
      style={{ transform: `translateY(${top}px)` }}
      className={`${COLUMNS} absolute inset-x-0 h-9 cursor-default border-b border-line/60 select-none hover:bg-hover aria-current:bg-hover aria-selected:bg-accent-soft ${OPEN} group-focus-visible/grid:data-current:shadow-[inset_0_0_0_2px_var(--accent)]`}
    >
      {model ? (
        <Cells model={model} isSelected={isSelected} />
      ) : (
        <Cell className="col-start-2 pr-8">
          <span className="sr-only">{S.loading}</span>
          <Skeleton className="h-3.5 w-full" />
        </Cell>
      )}
    </div>
  );
});

function Cells({ model, isSelected }: { model: Model; isSelected: boolean }) {
  const tier = model.security.tier;
  return (
    <>
      <Cell
        data-tick
        data-selected={isSelected || undefined}
        className="group h-full justify-center pr-0"
      >
        {/* For the mouse: to a screen reader the row itself says whether it is selected. */}
        <Tick />
      </Cell>
      <Cell className={`[&>span]:shrink-[2] ${model.state === "offline" ? "opacity-60" : ""}`}>
        <Foreign text={model.official_name} className="min-w-14 font-medium" />
        {isRisky(tier) && <TierBadge tier={tier} />}
        <StateBadge state={model.state} />
        {model.missing_files.length > 0 && <MissingMark count={model.missing_files.length} />}
      </Cell>
      <Cell className="text-ink-2">
        <Cut text={kindLabel(model.kind, model.adapter_type)} />
      </Cell>
      <Cell className={`text-ink-2 ${WIDE}`}>
        <Foreign text={familyLabel(model.family)} />
      </Cell>
      <Cell className={`text-ink-2 ${MEDIUM}`}>
        <Foreign text={model.precision ?? "–"} />
      </Cell>
      <Cell className={`text-ink-2 ${WIDE}`}>
        <Cut text={S.containers[model.container] ?? model.container} />
      </Cell>
      <Cell className={WIDE}>
        <TrustBadge match={model.match} />
      </Cell>
      <Cell className="justify-end pr-4 whitespace-nowrap text-ink-2 tabular-nums">
        <span title={wholeSize(model.size, model.files.length)}>{format.bytes(model.size)}</span>
      </Cell>
    </>
  );
}

function MissingMark({ count }: { count: number }) {
  return (
    <span title={S.detail.missingShards(count)} className="text-warn">
      <Icon name="warning" size={14} />
      <span className="sr-only">{S.detail.missingShards(count)}</span>
    </span>
  );
}
