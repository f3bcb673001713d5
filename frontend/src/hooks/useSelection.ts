/** Which models are selected, by click, Ctrl and Shift, or by keys. */
import { useCallback, useRef, useState } from "react";
import type { Model } from "@/types/shapes";

/** Models; more at once is rather a query than a selection. */
export const MOST_SELECTED = 2000;

export interface Selection {
  models: ReadonlyMap<string, Model>;
  has: (id: string) => boolean;
  /** Where a selection with Shift begins. */
  startAt: (index: number) => void;
  toggle: (model: Model, index: number) => void;
  /** Select everything from the last one that was acted on to this index. */
  extend: (index: number) => Promise<void>;
  set: (models: readonly Model[]) => void;
  clear: () => void;
}

type Between = (first: number, last: number) => Promise<Model[]>;

export function useSelection(between: Between): Selection {
  const [models, setModels] = useState<ReadonlyMap<string, Model>>(new Map());
  const anchor = useRef(0);
  const asked = useRef(0);

  const set = useCallback((chosen: readonly Model[]) => {
    asked.current += 1;
    setModels(new Map(chosen.map((model) => [model.model_id, model])));
  }, []);

  const startAt = (index: number) => {
    anchor.current = index;
  };

  const toggle = (model: Model, index: number) => {
    anchor.current = index;
    asked.current += 1;
    setModels((now) => {
      const next = new Map(now);
      if (!next.delete(model.model_id)) next.set(model.model_id, model);
      return next;
    });
  };

  const extend = async (index: number) => {
    const first = Math.min(anchor.current, index);
    const last = Math.min(Math.max(anchor.current, index), first + MOST_SELECTED - 1);
    asked.current += 1;
    const number = asked.current;
    const found = await between(first, last);
    if (number === asked.current) set(found);
  };

  const clear = useCallback(() => set([]), [set]);
  return { models, has: (id) => models.has(id), startAt, toggle, extend, set, clear };
}
