/** Where the filters are: a column beside the list, or over it where there is no room for one. */
import { useCallback, useEffect, useState } from "react";
import { NARROW, ROOMY, useMedia } from "./useMedia";

export type FacetsPlace = "column" | "drawer";

/** `isBeside`: something is open beside the list, which takes the room of the column. */
export function useFacetsPlace(isBeside: boolean) {
  const isNarrow = useMedia(NARROW);
  const isRoomy = useMedia(ROOMY);
  const wanted: FacetsPlace = isNarrow || (isBeside && !isRoomy) ? "drawer" : "column";
  const [shown, setShown] = useState({ column: true, drawer: false });
  useEffect(() => {
    if (wanted === "column") setShown((now) => ({ ...now, drawer: false }));
  }, [wanted]);
  const toggle = useCallback(
    () => setShown((now) => ({ ...now, [wanted]: !now[wanted] })),
    [wanted],
  );
  const close = useCallback(() => setShown((now) => ({ ...now, drawer: false })), []);
  return { place: shown[wanted] ? wanted : null, toggle, close };
}
