/** What becomes of files that have the name of a link: one by one, or all at once. */
import { useState } from "react";
import {
  Button as AriaButton,
  Dialog,
  Heading,
  Modal,
  ModalOverlay,
  Select,
} from "react-aria-components";
import * as format from "@/format";
import { S } from "@/strings";
import type { Conflict } from "@/types/shapes";
import { Choices, Chosen } from "./Editable";
import { Icon } from "./icons";
import { Button, Footer, Foreign, Hint, IconButton, Visible } from "./ui";

const WAYS = ["skip", "rename", "overwrite", "adopt"] as const;
type Way = (typeof WAYS)[number];
export type Decisions = Record<string, Way>;

interface Props {
  isOpen: boolean;
  conflicts: readonly Conflict[];
  onResolve: (decisions: Decisions) => void;
  onClose: () => void;
}

export function ConflictDialog({ isOpen, conflicts, onResolve, onClose }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-6"
    >
      <Modal className="max-h-full w-[860px] max-w-full overflow-hidden rounded-xl border border-line bg-raised shadow-float">
        <Dialog className="h-full outline-none">
          <Decide conflicts={conflicts} onResolve={onResolve} onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Only the same content can be adopted. */
const ways = (one: Conflict): readonly Way[] =>
  one.reason === "same-content" ? WAYS : WAYS.filter((way) => way !== "adopt");

const SHOWN = 200;

function Decide({ conflicts, onResolve, onClose }: Omit<Props, "isOpen">) {
  const [decisions, setDecisions] = useState<Decisions>({});
  const [most, setMost] = useState(SHOWN);
  const decided = conflicts.filter((one) => decisions[one.target] !== undefined);
  const changing = decided.filter((one) => decisions[one.target] !== "skip");
  const all = (way: Way) =>
    setDecisions({
      ...decisions,
      ...Object.fromEntries(
        conflicts.filter((one) => ways(one).includes(way)).map((one) => [one.target, way]),
      ),
    });
  return (
    <div className="flex max-h-[calc(100vh-3rem)] flex-col">
      <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line pr-2 pl-4">
        <Heading slot="title" className="text-base font-semibold">
          {S.conflicts.title(conflicts.length)}
        </Heading>
        <IconButton icon="close" label={S.close} onPress={onClose} />
      </header>
      <div className="shrink-0 border-b border-line px-4 py-3">
        <p className="text-ink-2">{S.conflicts.hint}</p>
        {conflicts.length > 1 && <ForAll conflicts={conflicts} onChoose={all} />}
      </div>
      <ul className="min-h-0 flex-1 overflow-auto">
        {conflicts.slice(0, most).map((one) => (
          <One
            key={one.target}
            conflict={one}
            way={decisions[one.target]}
            onChoose={(way) => setDecisions({ ...decisions, [one.target]: way })}
          />
        ))}
        {conflicts.length > most && (
          <li>
            <Button look="quiet" className="m-2" onPress={() => setMost(most + SHOWN)}>
              {S.apps.showMore(Math.min(conflicts.length - most, SHOWN))}
            </Button>
          </li>
        )}
      </ul>
      <Footer>
        <span role="status" className="flex-1 text-xs text-ink-2 tabular-nums">
          {conflicts.length === 1 && decided.length === 0
            ? S.conflicts.decideOne
            : S.conflicts.decided(decided.length, conflicts.length)}
        </span>
        <Button onPress={onClose}>{S.cancel}</Button>
        {decided.length > 0 && changing.length === 0 ? (
          <Button look="primary" onPress={onClose}>
            {S.conflicts.leave(decided.length)}
          </Button>
        ) : (
          <Button
            look="primary"
            icon="link"
            isDisabled={changing.length === 0}
            onPress={() =>
              onResolve(
                Object.fromEntries(
                  changing.map((one) => [one.target, decisions[one.target]]),
                ) as Decisions,
              )
            }
          >
            {S.conflicts.resolve}
          </Button>
        )}
      </Footer>
    </div>
  );
}

interface ForAllProps {
  conflicts: readonly Conflict[];
  onChoose: (way: Way) => void;
}

function ForAll({ conflicts, onChoose }: ForAllProps) {
  const adoptable = conflicts.some((one) => one.reason === "same-content");
  return (
    <fieldset className="mt-2 flex flex-wrap items-center gap-2">
      <legend className="sr-only">{S.conflicts.forAll}</legend>
      <span aria-hidden="true" className="text-xs font-semibold text-ink-2">
        {S.conflicts.forAll}
      </span>
      {WAYS.filter((way) => way !== "adopt" || adoptable).map((way) => {
        const { label, undo } = S.conflicts.ways[way];
        const button = (
          <Button
            key={way}
            aria-label={`${S.conflicts.forAll}: ${label}`}
            onPress={() => onChoose(way)}
          >
            {label}
          </Button>
        );
        return way === "adopt" ? (
          <Hint key={way} text={format.sentences(S.conflicts.onlySame, undo)}>
            {button}
          </Hint>
        ) : (
          button
        );
      })}
    </fieldset>
  );
}

/** What has the name, beside what the model is. */
function isThere({ reason, detail, existing, size }: Conflict): string {
  if (existing.link_text !== null) return S.conflicts.linkTo(existing.link_text);
  const what = S.conflicts.whatIsThere[reason] ?? detail;
  if (existing.kind !== "file") return what;
  return `${S.conflicts.isThere(what, format.bytes(existing.size))} · ${S.conflicts.ours(format.bytes(size))}`;
}

interface OneProps {
  conflict: Conflict;
  way: Way | undefined;
  onChoose: (way: Way) => void;
}

function One({ conflict, way, onChoose }: OneProps) {
  const { target } = conflict;
  const name = format.baseName(target);
  return (
    <li className="flex items-start gap-x-4 gap-y-2 border-b border-line/60 px-4 py-2.5 last:border-b-0 max-sm:flex-col max-sm:items-stretch">
      <div className="min-w-0 flex-1">
        <Foreign text={name} className="font-medium" />
        <Foreign text={target} className="font-mono text-xs text-ink-3" />
        <Foreign text={isThere(conflict)} className="text-xs text-ink-2" />
      </div>
      <div className="w-96 shrink-0 max-md:w-64 max-sm:w-full">
        <Select
          aria-label={S.conflicts.choiceFor(name)}
          placeholder={S.conflicts.choose}
          selectedKey={way ?? null}
          onSelectionChange={(key) => onChoose(key as Way)}
        >
          <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover">
            <Chosen />
            <Icon name="chevron" size={12} className="text-ink-3" />
          </AriaButton>
          <Choices options={ways(conflict).map((one) => [one, S.conflicts.ways[one].label])} />
        </Select>
        {way && <Outcome way={way} name={name} />}
      </div>
    </li>
  );
}

/** What becomes of each of the two files, by name, and how it is taken back. */
function Outcome({ way, name }: { way: Way; name: string }) {
  const { yours, model, undo } = S.conflicts.ways[way];
  const lines = [
    [S.conflicts.yours, yours(name)],
    [S.conflicts.model, model(name)],
    [S.conflicts.undo, undo],
  ] as const;
  return (
    <dl aria-live="polite" className="mt-1.5 grid grid-cols-[72px_1fr] gap-x-2 gap-y-0.5 text-xs">
      {lines.map(([what, text]) => (
        <div key={what} className="contents">
          <dt className="text-ink-3">{what}</dt>
          <dd className="min-w-0 break-words text-ink-2">
            <Visible text={text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
