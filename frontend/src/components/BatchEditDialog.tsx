/** One dialog to say the same of many models. What is not said stays as it is on each of them. */
import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Words } from "@/api/models";
import { type Draft, NOTHING_SAID, wordsOf } from "@/batchEdit";
import type { EditModels, Progress } from "@/hooks/useBatch";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { BatchEditFields } from "./BatchEditFields";
import { Icon } from "./icons";
import { Button, Footer, IconButton, Meter, Visible } from "./ui";

interface Props {
  models: readonly Model[];
  edit: EditModels;
  onClose: () => void;
}

export function BatchEditDialog({ models, edit, onClose }: Props) {
  const [progress, setProgress] = useState<Progress | null>(null);
  const [error, setError] = useState<unknown>(null);
  const close = () => (progress ? progress.stop() : onClose());
  const apply = async (words: Words) => {
    setError(null);
    try {
      await edit(models, words, setProgress);
      onClose();
    } catch (wrong) {
      setProgress(null);
      setError(wrong);
    }
  };
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(open) => !open && close()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-6"
    >
      <Modal className="flex max-h-full w-[520px] max-w-full overflow-hidden rounded-xl border border-line bg-raised shadow-float">
        <Dialog className="flex min-h-0 w-full flex-col outline-none">
          <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line pr-2 pl-4">
            <Heading slot="title" className="text-base font-semibold">
              {S.batch.editTitle(models.length)}
            </Heading>
            <IconButton icon="close" label={S.close} onPress={close} />
          </header>
          <Form
            models={models}
            progress={progress}
            error={error}
            onApply={apply}
            onCancel={onClose}
          />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface FormProps {
  models: readonly Model[];
  progress: Progress | null;
  error: unknown;
  onApply: (words: Words) => void;
  onCancel: () => void;
}

function Form({ models, progress, error, onApply, onCancel }: FormProps) {
  const [draft, setDraft] = useState<Draft>(NOTHING_SAID);
  const words = wordsOf(draft);
  const say = (next: Partial<Draft>) => setDraft({ ...draft, ...next });
  return (
    <form
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (words && !progress) onApply(words);
      }}
    >
      <div className="min-h-0 flex-1 overflow-auto px-4 py-4">
        <p className="mb-4 text-ink-2">{S.batch.editText(models.length)}</p>
        <BatchEditFields models={models} draft={draft} say={say} />
      </div>
      {error !== null && <Wrong error={error} />}
      <Footer>
        {progress ? (
          <Running {...progress} />
        ) : (
          <>
            <Button onPress={onCancel}>{S.cancel}</Button>
            <Button look="primary" type="submit" isDisabled={words === null}>
              {S.batch.editTitle(models.length)}
            </Button>
          </>
        )}
      </Footer>
    </form>
  );
}

function Wrong({ error }: { error: unknown }) {
  const hint = error instanceof Error && "hint" in error ? String(error.hint) : "";
  return (
    <div role="alert" className="flex gap-2 bg-bad-soft px-4 py-2.5">
      <Icon name="error" size={14} className="mt-[3px] text-bad" />
      <div className="min-w-0">
        <p className="font-medium break-words">
          <Visible text={error instanceof Error ? error.message : S.errors.title} />
        </p>
        {hint && <p className="text-ink-2">{hint}</p>}
      </div>
    </div>
  );
}

function Running({ done, all, stop }: Progress) {
  const text = S.batch.editing(done, all);
  return (
    <>
      <span role="status" className="text-xs text-ink-2 tabular-nums">
        {text}
      </span>
      <div className="flex-1">
        <Meter label={text} fraction={done / all} />
      </div>
      <Button onPress={stop}>{S.batch.stop}</Button>
    </>
  );
}
