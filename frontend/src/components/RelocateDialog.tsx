/** Where a root or an application is now: choose the folder, see what would follow it, and let it follow. */
import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import * as format from "@/format";
import { type Move, type Moved, useRelocate, useRelocationPreview } from "@/hooks/useRelocation";
import { S } from "@/strings";
import { FileChooser } from "./FileChooser";
import { Icon } from "./icons";
import { Button, Failure, Footer, Foreign, IconButton, Skeleton } from "./ui";

interface Props {
  moved: Moved | null;
  onClose: () => void;
}

export function RelocateDialog({ moved, onClose }: Props) {
  return (
    <ModalOverlay
      isOpen={moved !== null}
      onOpenChange={(open) => !open && onClose()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-6"
    >
      <Modal className="h-[600px] max-h-full w-[760px] max-w-full overflow-hidden rounded-xl border border-line bg-raised shadow-float">
        <Dialog className="flex h-full flex-col outline-none">
          {moved && <Steps moved={moved} onClose={onClose} />}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Steps({ moved, onClose }: { moved: Moved; onClose: () => void }) {
  const [folder, setFolder] = useState("");
  const [place, setPlace] = useState("");
  return (
    <>
      <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line pr-2 pl-4">
        <Heading slot="title" className="min-w-0 text-base font-semibold">
          <Foreign
            text={S.health.relocateTitle("root" in moved ? format.baseName(moved.root) : moved.app)}
          />
        </Heading>
        <IconButton icon="close" label={S.close} onPress={onClose} />
      </header>
      {place === "" ? (
        <>
          <p className="border-b border-line px-4 py-2 text-ink-2">{S.health.relocateHint}</p>
          <FileChooser mode="folder" onOpen={setFolder} />
          <Footer>
            <Foreign text={folder} className="min-w-0 flex-1 font-mono text-xs text-ink-2" />
            <Button look="primary" isDisabled={folder === ""} onPress={() => setPlace(folder)}>
              {S.health.itIsHere}
            </Button>
          </Footer>
        </>
      ) : (
        <Review moved={moved} place={place} onBack={() => setPlace("")} onDone={onClose} />
      )}
    </>
  );
}

interface ReviewProps {
  moved: Moved;
  place: string;
  onBack: () => void;
  onDone: () => void;
}

function Review({ moved, place, onBack, onDone }: ReviewProps) {
  const { data, error, refetch } = useRelocationPreview(moved, place);
  const doing = useRelocate(onDone);
  return (
    <>
      <div className="min-h-0 flex-1 overflow-auto">
        {error && <Failure error={error} onRetry={refetch} />}
        {!data && !error && <Skeleton className="m-4 h-24" />}
        {data && <Preview move={data} />}
      </div>
      <Footer>
        <Button onPress={onBack}>{S.import.back}</Button>
        <span className="flex-1" />
        <Button
          look="primary"
          isDisabled={!data || doing.isPending}
          onPress={() => doing.mutate({ moved, place })}
        >
          {S.health.relocate}
        </Button>
      </Footer>
    </>
  );
}

const MOST_SHOWN = 100;

function Preview({ move }: { move: Move }) {
  return (
    <div className="space-y-4 p-4">
      <dl className="grid grid-cols-[64px_1fr] gap-x-3 gap-y-1">
        <dt className="text-ink-3">{S.health.was}</dt>
        <dd className="min-w-0">
          <Foreign text={move.from} className="font-mono text-xs leading-5" />
        </dd>
        <dt className="text-ink-3">{S.health.isNow}</dt>
        <dd className="min-w-0">
          <Foreign text={move.to} className="font-mono text-xs leading-5" />
        </dd>
      </dl>
      <p className="tabular-nums">{S.health.follows(move.models, move.links.length)}</p>
      {move.absent > 0 && (
        <p className="flex gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
          <Icon name="warning" size={14} className="mt-[3px]" />
          {S.health.absent(move.absent)}
        </p>
      )}
      <ul className="space-y-1">
        {move.links.slice(0, MOST_SHOWN).map((link) => (
          <li key={link.path} className="flex items-center gap-2 font-mono text-xs">
            <Icon name="link" size={12} className="text-ink-3" />
            <Foreign text={link.path} className="min-w-0 flex-1" />
            {link.text && <Foreign text={`→ ${link.text}`} className="min-w-0 flex-1 text-ink-3" />}
          </li>
        ))}
      </ul>
      {move.left.length > 0 && (
        <section>
          <h3 className="mb-1 text-xs font-semibold text-ink-2">
            {S.health.untouched(move.left.length)}
          </h3>
          <ul className="space-y-1 text-xs">
            {move.left.slice(0, MOST_SHOWN).map((link) => (
              <li key={link.path}>
                <Foreign text={link.path} className="font-mono" />
                <span className="text-ink-3">{link.reason}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
