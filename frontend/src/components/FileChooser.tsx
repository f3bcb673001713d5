/** Choosing on the machine that the server runs on: files and folders, or one folder. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import * as format from "@/format";
import { useOpenFolder } from "@/hooks/useFolder";
import { S } from "@/strings";
import type { FolderEntry } from "@/types/shapes";
import { FolderRows, firstRow } from "./FolderRows";
import { PathField } from "./PathField";
import { Button, Failure, Foreign, IconButton, Skeleton } from "./ui";

interface FilesMode {
  mode: "files";
  selected: ReadonlySet<string>;
  onSelect: (paths: Set<string>) => void;
}

interface FolderMode {
  mode: "folder";
  /** The folder that is open, told when a person went there; empty while what is typed leads to none. */
  onOpen: (folder: string) => void;
  /** Whether the folder that it begins with is told too. */
  tellsFirst?: boolean;
  autoFocus?: boolean;
}

type Props = FilesMode | FolderMode;

const NOTHING: ReadonlySet<string> = new Set();

export function FileChooser(props: Props) {
  const files = props.mode === "files" ? props : null;
  const selected = files?.selected ?? NOTHING;
  const opened = useOpenFolder();
  const { folder, entries, error, refetch, hidden, open } = opened;
  useTelling(props, opened);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  // Another folder has other rows: the keys that led there go on in it.
  const [followed, setFollowed] = useState("");

  const shown = new Set(entries.map((entry) => entry.path));
  // What was selected in another folder stays selected.
  const elsewhere = [...selected].filter((one) => !shown.has(one));
  const select = (paths: Iterable<string>) => files?.onSelect(new Set([...elsewhere, ...paths]));
  // As long as nothing is marked, a press on a row arrives here and not as a selection.
  const act = (entry: FolderEntry | undefined) => {
    if (entry?.kind === "folder") open(entry.path);
    else if (entry) select([entry.path]);
  };
  const up = () => folder?.parent && open(folder.parent);
  const follow = (act: () => void) => {
    setFollowed(folder?.path ?? "");
    act();
  };
  const goTyped = () => opened.go((file) => files?.onSelect(new Set([...selected, file])));
  /** Enter opens a folder also when something is marked; Backspace goes up; a path begins where the focus is. */
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const row = event.target instanceof HTMLElement ? event.target : event.currentTarget;
    if (row.closest("button, input")) return;
    const entry = entries.find((one) => one.path === row.dataset.key);
    const isUp = event.key === "Backspace" || (event.key === "ArrowUp" && event.altKey);
    if (event.key === "Enter" && entry?.kind === "folder") follow(() => open(entry.path));
    else if (isUp) follow(up);
    else if (event.key === "/" || event.key === "~") {
      opened.type(event.key);
      input.current?.focus();
      requestAnimationFrame(() => input.current?.setSelectionRange(1, 1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="flex min-h-0 flex-1 max-sm:flex-col">
      <Places places={folder?.places ?? []} current={folder?.path} onOpen={open} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <div className="flex shrink-0 flex-wrap items-start gap-1 border-b border-line p-2">
          <IconButton
            icon="up"
            size={14}
            label={S.folder.up}
            isDisabled={!folder?.parent}
            onPress={up}
          />
          <PathField
            opened={opened}
            input={input}
            autoFocus={props.mode === "folder" && props.autoFocus === true}
            fileHint={files ? S.folder.goToFile : S.folder.folderOfFile}
            onEnter={goTyped}
            onDown={() => firstRow(list.current)?.focus()}
          />
          {files && shown.size > 0 && (
            <Button look="quiet" className="text-xs" onPress={() => select(shown)}>
              {S.import.chooseAll}
            </Button>
          )}
          <Button look="quiet" className="text-xs" onPress={() => opened.setHidden(!hidden)}>
            {hidden ? S.folder.hideHidden : S.folder.showHidden}
          </Button>
        </div>
        {error && !folder && <Failure error={error} onRetry={refetch} />}
        {!folder && !error && <Skeleton className="m-4 h-40" />}
        {folder && (
          <FolderRows
            key={folder.path}
            list={list}
            isFollowing={followed !== "" && followed !== folder.path}
            entries={entries}
            isMarkable={!!files}
            selected={selected}
            onSelect={select}
            onAct={act}
            onKey={keys}
            empty={folder.unfound === "" && <Nothing hidden={hidden} isChoosable={!files} />}
          />
        )}
        {folder !== undefined && folder.omitted > 0 && (
          <p className="border-t border-line px-3 py-1 text-xs text-ink-3">
            {S.folder.omitted(folder.omitted)}
          </p>
        )}
      </div>
    </div>
  );
}

/** Tells which folder is open, in the mode for one. */
function useTelling(props: Props, { place, hasGone }: ReturnType<typeof useOpenFolder>) {
  const onOpen = props.mode === "folder" ? props.onOpen : undefined;
  const tells = hasGone || (props.mode === "folder" && props.tellsFirst === true);
  useEffect(() => {
    if (tells) onOpen?.(place);
  }, [onOpen, tells, place]);
}

function Nothing({ hidden, isChoosable }: { hidden: boolean; isChoosable: boolean }) {
  return (
    <div className="p-6 text-center text-ink-2">
      <p>{hidden ? S.folder.nothing : S.folder.nothingSeen}</p>
      {isChoosable && <p className="mt-1 text-ink-3">{S.folder.nothingHint}</p>}
    </div>
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
      aria-label={S.folder.places}
      className="w-52 shrink-0 overflow-auto border-r border-line p-1 max-sm:flex max-sm:w-auto max-sm:border-r-0 max-sm:border-b"
    >
      {places.map((place) => (
        <Button
          key={place}
          look="quiet"
          icon="folder"
          className={`h-auto w-full justify-start py-1 max-sm:w-auto max-sm:max-w-48 max-sm:shrink-0 ${place === current ? "bg-hover" : ""}`}
          onPress={() => onOpen(place)}
        >
          <span className="min-w-0 text-left">
            <Foreign text={format.baseName(place) || place} />
            <Foreign text={place} className="font-mono text-2xs leading-4 font-normal text-ink-3" />
          </span>
        </Button>
      ))}
    </nav>
  );
}
