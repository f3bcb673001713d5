/** What the table and the grid of models are given alike. */
import type { MouseEvent, ReactNode } from "react";
import type { Models } from "@/hooks/useModels";
import type { Selection } from "@/hooks/useSelection";

export interface ListProps {
  models: Models;
  selection: Selection;
  /** The row that keys act on. */
  cursor: number;
  onClick: (index: number, event: MouseEvent) => void;
  onMove: (index: number, extend: boolean) => void;
  onToggle: (index: number) => void;
  onOpen: (index: number) => void;
  onAll: () => void;
  onClear: () => void;
  onDelete: () => void;
  /** What comes after the last model, in the same scroll. */
  below?: ReactNode;
}

/** A click somewhere in the list: one handler for all rows, each of which has its index. */
export function clicked(event: MouseEvent, acts: Pick<ListProps, "onClick" | "onToggle">): void {
  const target = event.target as HTMLElement;
  const index = Number(target.closest<HTMLElement>("[data-index]")?.dataset.index ?? Number.NaN);
  if (Number.isNaN(index)) return;
  if (target.closest("[data-tick]")) acts.onToggle(index);
  else acts.onClick(index, event);
}
