/** What the table and the grid of models are given alike. */
import type { MouseEvent } from "react";
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
}
