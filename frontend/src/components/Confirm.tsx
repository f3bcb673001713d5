import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { S } from "@/strings";
import { Button, Visible } from "./ui";

interface Props {
  isOpen: boolean;
  title: string;
  confirm: string;
  danger?: boolean;
  isDisabled?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** A question before something that matters. Escape means no. */
export function Confirm({
  isOpen,
  title,
  confirm,
  danger,
  isDisabled,
  onConfirm,
  onCancel,
  children,
}: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onCancel()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-4"
    >
      <Modal className="w-[440px] max-w-full rounded-xl border border-line bg-raised shadow-float">
        <Dialog role="alertdialog" className="p-5 outline-none">
          <Heading slot="title" className="mb-2 text-base font-semibold">
            <Visible text={title} />
          </Heading>
          <div className="text-ink-2">{children}</div>
          <div className="mt-5 flex justify-end gap-2">
            <Button onPress={onCancel}>{S.cancel}</Button>
            <Button
              look={danger ? "danger" : "primary"}
              isDisabled={isDisabled}
              onPress={onConfirm}
              autoFocus={!isDisabled}
            >
              {confirm}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
