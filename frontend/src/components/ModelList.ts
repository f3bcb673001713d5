/** What the table and the grid of models are given alike. */
import type { MouseEvent, ReactNode } from "react";
import type { Models } from "@/hooks/useModels";
import type { Selection } from "@/hooks/useSelection";

export interface ListProps {
  models: Models;
  selection: Selection;
  /** The id of the model whose details are open. */
  open: string | null;
  /** The row that keys act on. */
  cursor: number;
  onMove: (index: number, extend: boolean) => void;
  onToggle: (index: number) => void;
  onClick: (index: number) => void;
  onOpen: (index: number) => void;
  onAll: () => void;
  onEscape: () => void;
  onDelete: () => void;
  /** What comes after the last model, in the same scroll. */
  below?: ReactNode;
}

/** The id of the element that has the keys of the list. */
export const LIST = "models";

type Clicks = Pick<ListProps, "onClick" | "onMove" | "onToggle">;

/**
 * A click somewhere in the list: one handler for all rows, each of which has its index. A click on a row opens it;
 * the tick, Ctrl and Shift select.
 */
export function clicked(event: MouseEvent, acts: Clicks): void {
  const target = event.target as HTMLElement;
  const index = Number(target.closest<HTMLElement>("[data-index]")?.dataset.index ?? Number.NaN);
  if (Number.isNaN(index)) return;
  if (event.shiftKey) acts.onMove(index, true);
  else if (event.ctrlKey || event.metaKey || target.closest("[data-tick]")) acts.onToggle(index);
  else acts.onClick(index);
}
