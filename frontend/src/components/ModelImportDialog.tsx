/** The import as a dialog: choose or send, review, watch, see what became of it. */
import { useRef, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { chosen as filesOf, type Given, type LocalFile } from "@/api/import";
import { chooseFiles, chooseFolder, isWindow } from "@/api/native";
import * as format from "@/format";
import { useImportSteps, useSending } from "@/hooks/useImport";
import { closeImport, type Step, useOpened } from "@/hooks/useOpenedImport";
import { toastError } from "@/hooks/useToasts";
import { S } from "@/strings";
import { FileChooser } from "./FileChooser";
import { ImportProgress } from "./ImportProgress";
import { ImportReview } from "./ImportReview";
import { Icon } from "./icons";
import { StepHeading, useKeptFocus } from "./StepHeading";
import { Button, Failure, Footer, Foreign, IconButton, Meter } from "./ui";

export function ModelImportDialog() {
  const opened = useOpened();
  const shown = useRef(0);
  const last = useRef(opened);
  if (last.current !== opened) {
    last.current = opened;
    shown.current += 1;
  }
  return (
    <ModalOverlay
      isOpen={opened !== null}
      onOpenChange={(open) => !open && closeImport()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-6"
    >
      <Modal className="h-[640px] max-h-full w-[860px] max-w-full overflow-hidden rounded-xl border border-line bg-raised shadow-float">
        <Dialog className="h-full outline-none">
          {/* Another drop while it is open begins anew. */}
          <Wizard key={shown.current} first={opened?.step ?? { name: "choose" }} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Wizard({ first }: { first: Step }) {
  const { step, isBeginning, begin, give, setStep } = useImportSteps(first);
  const whole = useRef<HTMLDivElement>(null);
  useKeptFocus(whole);
  return (
    <div ref={whole} className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center gap-4 border-b border-line pr-2 pl-4">
        <Heading slot="title" className="text-base font-semibold">
          {S.import.title}
        </Heading>
        <Steps step={step} />
        <IconButton icon="close" label={S.close} onPress={closeImport} />
      </header>
      {step.name === "choose" && <Choose chosen={step.chosen ?? []} onGive={give} />}
      {step.name === "send" && (
        <Send
          files={step.files}
          onSent={(directory) => setStep({ name: "review", paths: [directory], sent: true })}
        />
      )}
      {step.name === "review" && (
        <ImportReview
          paths={step.paths}
          sent={step.sent}
          isBeginning={isBeginning}
          onBegin={begin}
          onBack={() => setStep({ name: "choose", chosen: step.paths })}
        />
      )}
      {step.name === "watch" && (
        <ImportProgress key={step.jobId} jobId={step.jobId} onRetry={begin} onClose={closeImport} />
      )}
    </div>
  );
}

const STEPS = ["choose", "review", "watch"] as const;

function Steps({ step }: { step: Step }) {
  const current = step.name === "send" ? "choose" : step.name;
  return (
    <ol
      aria-label={S.import.step}
      className="flex flex-1 items-center justify-center gap-2 text-xs text-ink-3"
    >
      {STEPS.map((name, index) => (
        <li
          key={name}
          aria-current={name === current ? "step" : undefined}
          className="flex items-center gap-2 aria-[current]:font-medium aria-[current]:text-accent-text"
        >
          {index > 0 && <Icon name="right" size={12} />}
          {S.import.steps[name === "choose" && step.name === "send" ? "send" : name]}
        </li>
      ))}
    </ol>
  );
}

interface ChooseProps {
  /** What was chosen before, by somebody who came back. */
  chosen: readonly string[];
  onGive: (given: Given) => void;
}

function Choose({ chosen, onGive }: ChooseProps) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(chosen));
  const native = (choose: () => Promise<string[]>) =>
    choose().then((paths) => paths.length > 0 && onGive({ paths }), toastError);
  return (
    <>
      <StepHeading className="sr-only">{S.import.chooseHere}</StepHeading>
      <FileChooser mode="files" selected={selected} onSelect={setSelected} />
      <Footer>
        {isWindow() ? (
          <>
            <Button onPress={() => native(chooseFiles)}>{S.import.chooseFiles}</Button>
            <Button onPress={() => native(chooseFolder)}>{S.import.chooseFolder}</Button>
          </>
        ) : (
          <SendButton onGive={onGive} />
        )}
        <span className="flex-1 text-right text-ink-2">{S.import.chosen(selected.size)}</span>
        <Button
          look="primary"
          isDisabled={selected.size === 0}
          onPress={() => onGive({ paths: [...selected] })}
        >
          {S.import.next}
        </Button>
      </Footer>
    </>
  );
}

function SendButton({ onGive }: { onGive: (given: Given) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={S.import.send}
        onChange={(event) => {
          const files = filesOf(event.target.files ?? []);
          if (files.length > 0) onGive({ files });
        }}
      />
      <Button look="quiet" icon="up" onPress={() => input.current?.click()}>
        {S.import.send}
      </Button>
    </>
  );
}

function Send({ files, onSent }: { files: LocalFile[]; onSent: (directory: string) => void }) {
  const sending = useSending(files, onSent);
  const fraction = sending.total > 0 ? sending.arrived / sending.total : null;
  return (
    <>
      <div className="flex flex-1 flex-col justify-center gap-3 px-16">
        <StepHeading key={String(sending.error)} className="font-medium">
          {sending.error ? S.import.sendingStopped : S.import.sendingAll(files.length)}
        </StepHeading>
        {sending.error && <Failure error={sending.error} onRetry={sending.retry} />}
        <div className="flex justify-between gap-4 tabular-nums">
          <Foreign text={sending.name} />
          <span className="shrink-0 text-ink-2">
            {S.import.sending(Math.min(sending.finished + 1, files.length), files.length)}
          </span>
        </div>
        <Meter label={S.import.steps.send} fraction={fraction} />
        <p className="text-ink-2 tabular-nums">
          {S.jobs.of(format.bytes(sending.arrived), format.bytes(sending.total))}
        </p>
      </div>
      <Footer>
        <Button onPress={closeImport}>{S.import.stopSending}</Button>
      </Footer>
    </>
  );
}
