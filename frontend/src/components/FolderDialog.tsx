/** Choosing one folder of the machine that the server runs on. */
import { useState } from "react";
import { Dialog, Heading, ListBox, ListBoxItem, Modal, ModalOverlay } from "react-aria-components";
import { chooseFolder, isWindow } from "@/api/native";
import * as format from "@/format";
import { useFolder } from "@/hooks/useFolder";
import { toastError } from "@/hooks/useToasts";
import { S } from "@/strings";
import { Icon } from "./icons";
import { Button, Failure, Footer, Foreign, IconButton, Skeleton } from "./ui";

interface Props {
  isOpen: boolean;
  onChoose: (path: string) => void;
  onClose: () => void;
}

/** Ask for a folder: with the system's own dialog in the window, else with ours. */
export function useFolderChoice(onChoose: (path: string) => void) {
  const [isOpen, setOpen] = useState(false);
  const ask = async () => {
    if (!isWindow()) return setOpen(true);
    const [path] = await chooseFolder().catch((error) => {
      toastError(error);
      return [];
    });
    if (path) onChoose(path);
  };
  const dialog = (
    <FolderDialog
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      onChoose={(path) => {
        setOpen(false);
        onChoose(path);
      }}
    />
  );
  return { ask, dialog };
}

export function FolderDialog({ isOpen, onChoose, onClose }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-6"
    >
      <Modal className="h-[520px] max-h-full w-[640px] max-w-full overflow-hidden rounded-xl border border-line bg-raised shadow-float">
        <Dialog className="flex h-full flex-col outline-none">
          <header className="flex h-12 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
            <Heading slot="title" className="text-base font-semibold">
              {S.folder.title}
            </Heading>
            <IconButton icon="close" label={S.close} onPress={onClose} />
          </header>
          <Folders onChoose={onChoose} onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Folders({ onChoose, onClose }: Omit<Props, "isOpen">) {
  const [path, setPath] = useState("");
  const { data: folder, error, refetch } = useFolder(path, false);
  const inside = folder?.entries.filter((entry) => entry.kind === "folder") ?? [];
  return (
    <>
      <div className="flex min-h-0 flex-1">
        <nav
          aria-label={S.import.places}
          className="w-40 shrink-0 overflow-auto border-r border-line p-1"
        >
          {folder?.places.map((place) => (
            <Button
              key={place}
              look="quiet"
              icon="folder"
              className={`w-full justify-start ${place === folder.path ? "bg-hover" : ""}`}
              onPress={() => setPath(place)}
            >
              <Foreign text={format.baseName(place) || place} />
            </Button>
          ))}
        </nav>
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
          </div>
          {error && <Failure error={error} onRetry={refetch} />}
          {!folder && !error && <Skeleton className="m-4 h-40" />}
          {folder && (
            <ListBox
              aria-label={S.folder.list}
              items={inside}
              onAction={(key) => setPath(String(key))}
              renderEmptyState={() => (
                <p className="p-6 text-center text-ink-3">{S.folder.empty}</p>
              )}
              className="min-h-0 flex-1 overflow-auto p-1 outline-none"
            >
              {(entry) => (
                <ListBoxItem
                  id={entry.path}
                  textValue={entry.name}
                  className="flex h-7 cursor-default items-center gap-2 rounded px-2 hover:bg-hover focus:bg-hover"
                >
                  <Icon name="folder" size={14} className="text-accent-text" />
                  <Foreign text={entry.name} className="min-w-0 flex-1" />
                  <Icon name="right" size={13} className="text-ink-3" />
                </ListBoxItem>
              )}
            </ListBox>
          )}
        </div>
      </div>
      <Footer>
        <Button onPress={onClose}>{S.cancel}</Button>
        <Button look="primary" isDisabled={!folder} onPress={() => folder && onChoose(folder.path)}>
          {S.folder.choose}
        </Button>
      </Footer>
    </>
  );
}
