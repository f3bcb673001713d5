/** Where a chooser is: the folder that is open, and what is being typed to get to another. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useState } from "react";
import { importKeys, listFolder } from "@/api/import";
import { absolutePath, baseName } from "@/format";
import type { Folder } from "@/types/shapes";

/** What is in a folder of the server's machine; of an empty path in the home directory. */
function useFolder(path: string, hidden: boolean) {
  return useQuery({
    queryKey: importKeys.folder(path, hidden),
    queryFn: ({ signal }) => listFolder(path, hidden, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

export function useOpenFolder() {
  const [path, setPath] = useState("");
  const [text, setText] = useState<string | null>(null);
  const [hidden, setHidden] = useState(false);
  const [going, setGoing] = useState<{ mark: (file: string) => void } | null>(null);
  const [last, setLast] = useState<Folder>();
  const typed = text === null ? path : absolutePath(text, path);
  const asked = useDeferredValue(typed);
  // Who types a name that begins with a dot wants to see such names.
  const dotted = text !== null && baseName(text).startsWith(".");
  const { data, error, refetch, isPlaceholderData } = useFolder(asked, hidden || dotted);
  useEffect(() => {
    if (data) setLast(data);
  }, [data]);
  // What cannot be opened leaves what is shown as it is.
  const folder = data ?? last;

  const isAwaited = text !== null && (isPlaceholderData || asked !== typed);
  const isThere = folder !== undefined && !error && !folder.unfound && !isAwaited;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was meant by Enter is done once, when it can be
  useEffect(() => {
    if (!going || isAwaited) return;
    setGoing(null);
    if (!isThere) return;
    setText(null);
    setPath(folder.path);
    if (folder.file) going.mark(folder.file);
  }, [going, isAwaited]);

  const type = (next: string | null) => {
    // The home directory has a name from now on: what is typed is in it.
    if (path === "" && folder) setPath(folder.path);
    setGoing(null);
    setText(next);
  };
  const open = (next: string) => {
    setText(null);
    if (next === path) refetch();
    setPath(next);
  };
  const entries = folder?.entries.filter((entry) => isBeginning(folder.unfound, entry.name)) ?? [];
  return {
    folder,
    entries,
    error,
    refetch,
    hidden,
    setHidden,
    open,
    text,
    type,
    /** The folder that is meant; empty while what is typed leads to none. */
    place: isThere ? folder.path : "",
    /** Whether a person has gone anywhere yet. */
    hasGone: typed !== "",
    /** Go to what is typed, once it is known what that is; `mark` is told of a file that it names. */
    go: (mark: (file: string) => void) => setGoing({ mark }),
  };
}

function isBeginning(start: string, name: string): boolean {
  return name.toLowerCase().startsWith(start.toLowerCase());
}
