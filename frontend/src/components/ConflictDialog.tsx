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
import { Button, Footer, Foreign, Hint, IconButton } from "./ui";

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
  const decided = conflicts.filter((one) => (decisions[one.target] ?? "skip") !== "skip");
  const all = (way: Way) =>
    setDecisions({
      ...decisions,
      ...Object.fromEntries(
        conflicts.filter((one) => ways(one).includes(way)).map((one) => [one.target, way]),
      ),
    });
  const adoptable = conflicts.some((one) => one.reason === "same-content");
  return (
    <div className="flex max-h-[calc(100vh-3rem)] flex-col">
      <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line pr-2 pl-4">
        <Heading slot="title" className="text-base font-semibold">
          {S.apps.conflictTitle(conflicts.length)}
        </Heading>
        <IconButton icon="close" label={S.close} onPress={onClose} />
      </header>
      <div className="shrink-0 border-b border-line px-4 py-3">
        <p className="text-ink-2">{S.apps.conflictHint}</p>
        <fieldset className="mt-2 flex flex-wrap items-center gap-2">
          <legend className="sr-only">{S.apps.forAll}</legend>
          <span aria-hidden="true" className="text-xs font-semibold text-ink-2">
            {S.apps.forAll}
          </span>
          {WAYS.filter((way) => way !== "adopt" || adoptable).map((way) => (
            <Hint
              key={way}
              text={
                way === "adopt"
                  ? `${S.apps.choices.adopt[1]} ${S.apps.adoptWhere}.`
                  : S.apps.choices[way][1]
              }
            >
              <Button
                aria-label={`${S.apps.forAll}: ${S.apps.choices[way][0]}`}
                onPress={() => all(way)}
              >
                {S.apps.choices[way][0]}
              </Button>
            </Hint>
          ))}
        </fieldset>
      </div>
      <ul className="min-h-0 flex-1 overflow-auto">
        {conflicts.slice(0, most).map((one) => (
          <One
            key={one.target}
            conflict={one}
            way={decisions[one.target] ?? "skip"}
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
          {S.apps.decided(decided.length, conflicts.length)}
        </span>
        <Button onPress={onClose}>{S.cancel}</Button>
        <Button
          look="primary"
          icon="link"
          isDisabled={decided.length === 0}
          onPress={() =>
            onResolve(
              Object.fromEntries(
                decided.map((one) => [one.target, decisions[one.target]]),
              ) as Decisions,
            )
          }
        >
          {S.apps.resolve}
        </Button>
      </Footer>
    </div>
  );
}

/** What has the name, beside what the model is. */
function isThere({ reason, detail, existing, size }: Conflict): string {
  if (existing.link_text !== null) return S.apps.linkTo(existing.link_text);
  const what = S.apps.whatIsThere[reason] ?? detail;
  if (existing.kind !== "file") return what;
  return `${S.apps.isThere(what, format.bytes(existing.size))} · ${S.apps.ours(format.bytes(size))}`;
}

interface OneProps {
  conflict: Conflict;
  way: Way;
  onChoose: (way: Way) => void;
}

function One({ conflict, way, onChoose }: OneProps) {
  const { target } = conflict;
  const name = format.baseName(target);
  return (
    <li className="flex items-center gap-4 border-b border-line/60 px-4 py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1">
        <Foreign text={name} className="font-medium" />
        <Foreign text={target} className="font-mono text-xs text-ink-3" />
        <Foreign text={isThere(conflict)} className="text-xs text-ink-2" />
      </div>
      <div className="w-64 shrink-0">
        <Select
          aria-label={S.apps.choiceFor(name)}
          selectedKey={way}
          onSelectionChange={(key) => onChoose(key as Way)}
        >
          <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover">
            <Chosen />
            <Icon name="chevron" size={12} className="text-ink-3" />
          </AriaButton>
          <Choices options={ways(conflict).map((one) => [one, S.apps.choices[one][0]])} />
        </Select>
        <p className="mt-1 text-2xs leading-4 text-ink-3">{S.apps.choices[way][1]}</p>
      </div>
    </li>
  );
}
