/** Choosing one folder of the machine that the server runs on. */
import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { chooseFolder, isWindow } from "@/api/native";
import { toastError } from "@/hooks/useToasts";
import { S } from "@/strings";
import { FileChooser } from "./FileChooser";
import { Button, Footer, IconButton } from "./ui";

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
      <Modal className="h-[560px] max-h-full w-[760px] max-w-full overflow-hidden rounded-xl border border-line bg-raised shadow-float">
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
  const [folder, setFolder] = useState("");
  return (
    <>
      <FileChooser mode="folder" onOpen={setFolder} tellsFirst autoFocus />
      <Footer>
        <Button onPress={onClose}>{S.cancel}</Button>
        <Button look="primary" isDisabled={folder === ""} onPress={() => onChoose(folder)}>
          {S.folder.choose}
        </Button>
      </Footer>
    </>
  );
}
