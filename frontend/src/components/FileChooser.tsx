/** Choosing files and folders of the machine that the server runs on. */
import { useMemo, useState } from "react";
import { Checkbox, GridList, GridListItem } from "react-aria-components";
import * as format from "@/format";
import { useFolder } from "@/hooks/useFolder";
import { S } from "@/strings";
import type { FolderEntry } from "@/types/shapes";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { Button, Failure, Foreign, IconButton, Skeleton } from "./ui";

interface Props {
  selected?: ReadonlySet<string>;
  /** Without it nothing is marked: the folder that is open is what is chosen. */
  onSelect?: (paths: Set<string>) => void;
  onOpen?: (folder: string) => void;
}

const NOTHING: ReadonlySet<string> = new Set();

export function FileChooser({ selected = NOTHING, onSelect, onOpen }: Props) {
  const [path, setOpened] = useState("");
  const [hidden, setHidden] = useState(false);
  const { data: folder, error, refetch } = useFolder(path, hidden);
  const setPath = (next: string) => {
    setOpened(next);
    onOpen?.(next);
  };
  // Each row is known by its path: rows that took over the places of others would be refused.
  const entries = useMemo(
    () => folder?.entries.map((entry) => ({ ...entry, id: entry.path })),
    [folder],
  );
  const shown = new Set(folder?.entries.map((entry) => entry.path));
  // What was selected in another folder stays selected.
  const elsewhere = [...selected].filter((one) => !shown.has(one));
  const select = (paths: Iterable<string>) => onSelect?.(new Set([...elsewhere, ...paths]));
  // As long as nothing is marked, a press on a row arrives here and not as a selection.
  const act = (entry: FolderEntry | undefined) => {
    if (entry?.kind === "folder") setPath(entry.path);
    else if (entry) select([entry.path]);
  };

  return (
    <div className="flex min-h-0 flex-1">
      <Places places={folder?.places ?? []} current={folder?.path} onOpen={setPath} />
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex h-9 shrink-0 items-center gap-1 border-b border-line px-2">
          <IconButton
            icon="up"
            size={14}
            label={S.import.up}
            isDisabled={!folder?.parent}
            onPress={() => folder?.parent && setPath(folder.parent)}
          />
          <Foreign
            text={folder?.path ?? ""}
            className="min-w-0 flex-1 font-mono text-xs text-ink-2"
          />
          {onSelect && shown.size > 0 && (
            <Button look="quiet" className="text-xs" onPress={() => select(shown)}>
              {S.import.chooseAll}
            </Button>
          )}
          <Button look="quiet" className="text-xs" onPress={() => setHidden(!hidden)}>
            {hidden ? S.import.hideHidden : S.import.showHidden}
          </Button>
        </div>
        {error && <Failure error={error} onRetry={refetch} />}
        {!folder && !error && <Skeleton className="m-4 h-40" />}
        {folder && (
          <GridList
            aria-label={S.import.choose}
            selectionMode={onSelect ? "multiple" : "none"}
            selectionBehavior="toggle"
            selectedKeys={[...selected].filter((one) => shown.has(one))}
            onSelectionChange={(keys) => select(keys === "all" ? shown : ([...keys] as string[]))}
            onAction={(key) => act(folder.entries.find((entry) => entry.path === key))}
            items={entries}
            renderEmptyState={() => (
              <p className="p-6 text-center text-ink-3">{S.import.emptyFolder}</p>
            )}
            className="min-h-0 flex-1 overflow-auto p-1 outline-none"
          >
            {(entry) => <Entry entry={entry} isMarkable={!!onSelect} onOpen={() => act(entry)} />}
          </GridList>
        )}
        {folder !== undefined && folder.omitted > 0 && (
          <p className="border-t border-line px-3 py-1 text-xs text-ink-3">
            {S.import.omitted(folder.omitted)}
          </p>
        )}
      </div>
    </div>
  );
}

interface EntryProps {
  entry: FolderEntry;
  isMarkable: boolean;
  onOpen: () => void;
}

function Entry({ entry, isMarkable, onOpen }: EntryProps) {
  const isFolder = entry.kind === "folder";
  return (
    <GridListItem
      id={entry.path}
      textValue={entry.name}
      className="group/item flex h-7 cursor-default items-center gap-2 rounded px-2 hover:bg-hover selected:bg-accent-soft"
    >
      {isMarkable && (
        <Checkbox slot="selection" className="group">
          <Tick />
        </Checkbox>
      )}
      <Icon
        name={isFolder ? "folder" : "file"}
        size={14}
        className={entry.model || isFolder ? "text-accent-text" : "text-ink-3"}
      />
      <Foreign
        text={entry.name}
        className={`min-w-0 flex-1 ${entry.model || isFolder ? "" : "text-ink-3"}`}
      />
      {entry.size !== null && (
        <span className="text-xs text-ink-3 tabular-nums">{format.bytes(entry.size)}</span>
      )}
      {isFolder && (
        <IconButton
          icon="right"
          size={13}
          className="size-6"
          label={S.import.openFolder(entry.name)}
          onPress={onOpen}
        />
      )}
    </GridListItem>
  );
}

interface PlacesProps {
  places: readonly string[];
  current: string | undefined;
  onOpen: (path: string) => void;
}

function Places({ places, current, onOpen }: PlacesProps) {
  return (
    <nav
      aria-label={S.import.places}
      className="w-40 shrink-0 overflow-auto border-r border-line p-1"
    >
      {places.map((place) => (
        <Button
          key={place}
          look="quiet"
          icon="folder"
          className={`w-full justify-start ${place === current ? "bg-hover" : ""}`}
          onPress={() => onOpen(place)}
        >
          <Foreign text={format.baseName(place) || place} />
        </Button>
      ))}
    </nav>
  );
}
