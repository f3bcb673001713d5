/** The keys of a long list whose rows are not all there: the list has the focus, and one row is current. */
import type { KeyboardEvent } from "react";

interface Options {
  total: number;
  current: number;
  /** Rows side by side. */
  columns: number;
  /** Rows of a page, for Page Up and Page Down. */
  page: number;
  onMove: (index: number, extend: boolean) => void;
  onToggle: (index: number) => void;
  onOpen: (index: number) => void;
  onAll: () => void;
  onEscape: () => void;
  onDelete: () => void;
}

/** Where a key leads, null when it leads nowhere. Pure. */
export function target(key: string, { current, columns, page, total }: Options): number | null {
  const steps: Record<string, number> = {
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: page * columns,
    PageUp: -page * columns,
    Home: -total,
    End: total,
    ...(columns > 1 ? { ArrowRight: 1, ArrowLeft: -1 } : {}),
  };
  const step = steps[key];
  if (step === undefined || total === 0) return null;
  return Math.max(0, Math.min(total - 1, current + step));
}

export function useListKeys(options: Options) {
  const { current, onMove, onToggle, onOpen, onAll, onEscape, onDelete } = options;
  const acts: Record<string, () => void> = {
    " ": () => onToggle(current),
    Enter: () => onOpen(current),
    Escape: onEscape,
    Delete: onDelete,
  };
  return (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const index = target(event.key, options);
    const all = event.key === "a" && (event.ctrlKey || event.metaKey);
    const act =
      index !== null ? () => onMove(index, event.shiftKey) : all ? onAll : acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}
