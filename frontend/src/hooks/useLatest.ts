import { useEffect, useState } from "react";

/**
 * The newest value, but never a new one while `busy`: the first of a burst is taken at once, and when that
 * is done the last one, however many came between.
 */
export function useLatestWhenFree<T>(value: T, busy: boolean): T {
  const [taken, setTaken] = useState(value);
  if (!busy && taken !== value) setTaken(value);
  return taken;
}

/** The value after it stayed the same for `milliseconds`. */
export function useDebounced<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
