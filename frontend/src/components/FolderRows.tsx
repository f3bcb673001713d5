/** The rows of a chooser: what is in the folder that is open. */
import { type KeyboardEvent, type ReactNode, type Ref, useMemo } from "react";
import { Checkbox, GridList, GridListItem } from "react-aria-components";
import * as format from "@/format";
import { S } from "@/strings";
import type { FolderEntry } from "@/types/shapes";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { Foreign, IconButton } from "./ui";

interface Props {
  list: Ref<HTMLDivElement>;
  entries: readonly FolderEntry[];
  /** Whether it has the focus as soon as it is there. */
  isFollowing: boolean;
  /** Else files are only shown, and folders are only opened. */
  isMarkable: boolean;
  selected: ReadonlySet<string>;
  /** Which of these entries are marked. */
  onSelect: (paths: Iterable<string>) => void;
  onAct: (entry: FolderEntry) => void;
  /** Before the list has the key. */
  onKey: (event: KeyboardEvent<HTMLElement>) => void;
  empty: ReactNode;
}

export function FolderRows({
  list,
  entries,
  isFollowing,
  isMarkable,
  selected,
  empty,
  ...on
}: Props) {
  // Each row is known by its path: rows that took over the places of others would be refused.
  const rows = useMemo(() => entries.map((entry) => ({ ...entry, id: entry.path })), [entries]);
  const paths = entries.map((entry) => entry.path);
  const files = entries.filter((entry) => entry.kind === "file").map((entry) => entry.path);
  const act = (key: unknown) => {
    const entry = entries.find((one) => one.path === key);
    if (entry) on.onAct(entry);
  };
  return (
    <div onKeyDownCapture={on.onKey} className="flex min-h-0 flex-1 flex-col">
      <GridList
        ref={list}
        autoFocus={isFollowing && "first"}
        aria-label={S.folder.list}
        selectionMode={isMarkable ? "multiple" : "none"}
        selectionBehavior="toggle"
        escapeKeyBehavior="none"
        disabledKeys={isMarkable ? [] : files}
        selectedKeys={paths.filter((path) => selected.has(path))}
        onSelectionChange={(keys) => on.onSelect(keys === "all" ? paths : ([...keys] as string[]))}
        onAction={act}
        items={rows}
        renderEmptyState={() => empty}
        className="min-h-0 flex-1 overflow-auto p-1 outline-none data-empty:focus-visible:bg-hover"
      >
        {(entry) => <Row entry={entry} isMarkable={isMarkable} onOpen={() => act(entry.path)} />}
      </GridList>
    </div>
  );
}

export function firstRow(list: HTMLElement | null): HTMLElement | null | undefined {
  return list?.querySelector<HTMLElement>("[role=row]:not([aria-disabled=true])");
}

interface RowProps {
  entry: FolderEntry;
  isMarkable: boolean;
  onOpen: () => void;
}

function Row({ entry, isMarkable, onOpen }: RowProps) {
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
        className={`min-w-0 flex-1 ${(entry.model && isMarkable) || isFolder ? "" : "text-ink-3"}`}
      />
      {entry.size !== null && (
        <span className="text-xs text-ink-3 tabular-nums">{format.bytes(entry.size)}</span>
      )}
      {isFolder && (
        <IconButton
          icon="right"
          size={13}
          className="size-6"
          label={S.folder.open(entry.name)}
          onPress={onOpen}
        />
      )}
    </GridListItem>
  );
}
