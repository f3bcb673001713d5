/** Which published models the found ones are: asked a few at a time, and stopped at once when nobody looks. */
import { useCallback, useEffect, useRef, useState } from "react";
import { matchFound } from "@/api/import";
import { keyOf } from "@/importing";
import type { Inspected, Matched } from "@/types/shapes";

const AT_ONCE = 3;

export interface Matches {
  of: (model: Inspected) => Matched | undefined;
  done: number;
  total: number;
  isAsking: boolean;
  /** Why the Hub could not be asked; the models are looked up after the import instead. */
  error: Error | null;
  stop: () => void;
}

export function useMatches(models: readonly Inspected[] | undefined): Matches {
  const [found, setFound] = useState<ReadonlyMap<string, Matched>>(new Map());
  const [done, setDone] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const [isAsking, setAsking] = useState(false);
  const stopping = useRef<AbortController | null>(null);

  useEffect(() => {
    if (!models || models.length === 0) return;
    const stop = new AbortController();
    stopping.current = stop;
    setAsking(true);
    askAll(models, stop, (model, match) => {
      setFound((now) => new Map(now).set(keyOf(model), match));
      setDone((count) => count + 1);
    }).then(
      () => stopping.current === stop && setAsking(false),
      (reason) => {
        if (stopping.current !== stop || stop.signal.reason === STOPPED) return setAsking(false);
        setError(reason);
        setAsking(false);
      },
    );
    return () => {
      stopping.current = null;
      stop.abort(STOPPED);
    };
  }, [models]);

  const stop = useCallback(() => stopping.current?.abort(STOPPED), []);
  const of = (model: Inspected) => found.get(keyOf(model));
  return { of, done, total: models?.length ?? 0, isAsking, error, stop };
}

const STOPPED = new DOMException("stopped", "AbortError");

/** The first failure ends it all: what one question meets, the next would meet as well. */
async function askAll(
  models: readonly Inspected[],
  stop: AbortController,
  tell: (model: Inspected, match: Matched) => void,
): Promise<void> {
  const waiting = [...models];
  const work = async () => {
    for (let model = waiting.shift(); model; model = waiting.shift()) {
      stop.signal.throwIfAborted();
      const match = await matchFound(model, stop.signal);
      if (!stop.signal.aborted) tell(model, match);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    stop.abort(error);
    throw error;
  }
}
