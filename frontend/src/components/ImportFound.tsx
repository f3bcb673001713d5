/** One model of a preview: what it is, how sure that is, and what a person says of it instead. */
import { type ReactNode, useState } from "react";
import {
  Button as AriaButton,
  Checkbox,
  Input,
  type PressEvent,
  Select,
  TextField,
} from "react-aria-components";
import { wholeSize } from "@/axes";
import * as format from "@/format";
import {
  bytesOf,
  EDITED,
  type EditedField,
  type Edits,
  fetchable,
  foundValue,
  hubValue,
  shownValue,
} from "@/importing";
import { familyLabel, kindLabel, S } from "@/strings";
import type { Inspected, Matched } from "@/types/shapes";
import { TierBadge, TrustBadge } from "./Badges";
import { Choices, Chosen } from "./Editable";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { Badge, Button, Foreign, IconButton, Visible } from "./ui";

interface Props {
  model: Inspected;
  /** The id of the model in the library that has the same content. */
  twin: string | null;
  match: Matched | undefined;
  edits: Edits;
  isIncluded: boolean;
  isFetched: boolean;
  /** Whether what goes with it is fetched as well. */
  relatedAsked: boolean;
  onToggle: () => void;
  onFetch: () => void;
  /** Absent where nothing can be put beside the model. */
  onRelated?: () => void;
  onEdit: (edits: Edits) => void;
}

export function Found(props: Props) {
  const { model, twin, match, edits, isIncluded, onToggle } = props;
  const [isOpen, setOpen] = useState(false);
  const name = shownValue(model, match, edits, "official_name");
  const kind = shownValue(model, match, edits, "kind");
  const facts = [
    kindLabel(kind),
    familyLabel(shownValue(model, match, edits, "family")),
    model.precision,
    wholeSize(model.size ?? 0, model.paths.length),
  ].filter(Boolean);
  return (
    <li className="border-b border-line/60 px-4 py-2 last:border-b-0 hover:bg-hover">
      <div className="flex items-start gap-1">
        <Checkbox
          aria-label={S.import.include(name)}
          isSelected={isIncluded}
          isDisabled={twin !== null}
          onChange={onToggle}
          className="group flex min-w-0 flex-1 items-start gap-2.5"
        >
          <span className="mt-[3px]">
            <Tick />
          </span>
          <span className={`min-w-0 flex-1 ${isIncluded ? "" : "opacity-60"}`}>
            <Foreign text={name} className="font-medium" />
            <span className="block truncate text-xs text-ink-2 tabular-nums">
              {[...new Set(facts)].join(" · ")}
            </span>
            <Marks {...props} />
          </span>
        </Checkbox>
        {twin === null && (
          <IconButton
            icon="edit"
            size={14}
            className="size-6"
            label={S.import.editOf(name)}
            aria-expanded={isOpen}
            onPress={() => setOpen(!isOpen)}
          />
        )}
      </div>
      <Missing {...props} />
      {isOpen && <Fields {...props} />}
    </li>
  );
}

function Marks({ model, twin, match }: Props) {
  const sure = model.evidence?.kind;
  return (
    <>
      <span className="mt-1 flex flex-wrap gap-1">
        {twin !== null && <Badge title={S.import.duplicateOf(twin)}>{S.import.alreadyHere}</Badge>}
        {match && <Matching match={match} />}
        {sure && sure.confidence < SURE && (
          <Badge tone="warn" title={S.methods[sure.method]}>
            {S.import.unsure}
          </Badge>
        )}
        {model.security && <TierBadge tier={model.security.tier} />}
        {model.form === "sharded-set" && <Shards model={model} />}
        {model.completes && <Badge tone="good">{S.import.completes}</Badge>}
      </span>
      {match?.repo && <Foreign text={match.repo} className="mt-0.5 text-xs text-ink-3" />}
      {model.warnings?.map((warning) => (
        <span key={warning} className="mt-1 block text-xs text-warn">
          {warning}
        </span>
      ))}
    </>
  );
}

/** Which published model it is; of one that nobody could be asked for nothing is known. */
function Matching({ match }: { match: Matched }) {
  if (match.repo !== null || match.asked > 0) return <TrustBadge match={match.match} />;
  return <Badge title={S.import.nothingToAskWhy}>{S.import.nothingToAsk}</Badge>;
}

const SURE = 0.8;
const SHARD = /[-_.](?:part)?\d+/i;

function Shards({ model }: { model: Inspected }) {
  const missing = model.missing_files?.length ?? 0;
  const present = model.paths.filter((path) => SHARD.test(format.baseName(path))).length;
  if (missing === 0) return <Badge tone="good">{S.import.complete(present)}</Badge>;
  return (
    <Badge tone="warn" icon="warning" title={model.missing_files?.join("\n")}>
      {S.import.shards(present, missing)}
    </Badge>
  );
}

/** What the repository has of it besides: shards that are missing can be fetched in one go. */
function Missing({ match, isFetched, isIncluded, relatedAsked, onFetch, onRelated }: Props) {
  if (!match || !isIncluded) return null;
  const { missing, related } = match;
  const ready = fetchable(related, onRelated === undefined);
  return (
    <div className="mt-1 ml-6 space-y-1 text-xs">
      {missing.length > 0 && (
        <Checkbox isSelected={isFetched} onChange={onFetch} className="group flex gap-2">
          <Tick />
          {S.import.fetchMissing(missing.length, format.bytes(bytesOf(missing)))}
        </Checkbox>
      )}
      {ready.length > 0 && onRelated && (
        <Checkbox isSelected={relatedAsked} onChange={onRelated} className="group flex gap-2">
          <Tick />
          {S.import.fetchRelated(ready.length, format.bytes(bytesOf(ready)))}
        </Checkbox>
      )}
      {related.length > 0 && (
        <details className="group/related text-ink-3">
          <summary className="flex cursor-default list-none items-center gap-1 rounded">
            <Icon
              name="right"
              size={11}
              className="transition-transform group-open/related:rotate-90"
            />
            {S.detail.relatedCount(related.length)}
          </summary>
          <ul className="ml-4">
            {related.slice(0, 20).map((file) => (
              <li key={file.path}>
                <Foreign text={file.path} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Fields({ model, match, edits, onEdit }: Props) {
  const change = (field: EditedField, text: string | undefined) => {
    const { [field]: _, ...rest } = edits;
    onEdit(text === undefined ? rest : { ...rest, [field]: text });
  };
  return (
    <div className="mt-2 mb-1 ml-6 grid grid-cols-[72px_1fr] items-start gap-x-3 gap-y-2">
      {EDITED.map((field) => {
        const value = shownValue(model, match, edits, field);
        const label = S.fields[field] ?? field;
        return (
          <div key={field} className="contents">
            <span className="pt-1 text-xs text-ink-3">{label}</span>
            <div data-field className="min-w-0">
              {field === "kind" ? (
                <Kind label={label} value={value} onChange={(next) => change(field, next)} />
              ) : (
                <TextField
                  aria-label={label}
                  value={value}
                  onChange={(next) => change(field, next)}
                >
                  <Input className="h-7 w-full rounded-md border border-line-strong bg-canvas px-2 outline-none focus:border-accent" />
                </TextField>
              )}
              <Whose
                field={field}
                mine={edits[field]}
                hub={hubValue(model, match, field)}
                found={foundValue(model, field)}
                onChange={(text) => change(field, text)}
              />
            </div>
          </div>
        );
      })}
    </div>
  );
}

interface WhoseProps {
  field: EditedField;
  mine: string | undefined;
  hub: string | null;
  found: string;
  onChange: (text: string | undefined) => void;
}

const LABELS: Partial<Record<EditedField, (value: string) => string>> = {
  kind: kindLabel,
  family: familyLabel,
};

/** Whose word a value is, and the way to another's. */
function Whose({ field, mine, hub, found, onChange }: WhoseProps) {
  const label = S.fields[field] ?? field;
  const shown = (text: string) => LABELS[field]?.(text) ?? text;
  if (mine !== undefined) {
    return (
      <Word text={S.import.yours(shown(hub ?? found))}>
        <Small
          label={S.import.takeBackOf(label)}
          onPress={({ target }) => {
            onChange(undefined);
            if (hub === null) fieldOf(target)?.focus(); // the button goes with the word
          }}
        >
          {S.import.takeBack}
        </Small>
      </Word>
    );
  }
  if (hub === null) return null;
  return (
    <Word text={S.import.fromHub(shown(found))}>
      <Small label={S.import.keepMineOf(label)} onPress={() => onChange(found)}>
        {S.import.keepMine}
      </Small>
    </Word>
  );
}

function fieldOf(button: Element): HTMLElement | null {
  return button.closest("[data-field]")?.querySelector("input, button") ?? null;
}

function Word({ text, children }: { text: string; children: ReactNode }) {
  return (
    <p className="mt-0.5 flex items-center gap-2 text-xs text-ink-3">
      <bdi className="min-w-0 truncate" title={format.visible(text)}>
        <Visible text={text} />
      </bdi>
      {children}
    </p>
  );
}

interface SmallProps {
  label: string;
  onPress: (event: PressEvent) => void;
  children: string;
}

function Small({ label, onPress, children }: SmallProps) {
  return (
    <Button look="quiet" aria-label={label} className="h-5 px-1.5 text-xs" onPress={onPress}>
      {children}
    </Button>
  );
}

const KINDS = Object.entries(S.kinds);

interface KindProps {
  label: string;
  value: string;
  onChange: (kind: string) => void;
}

function Kind({ label, value, onChange }: KindProps) {
  return (
    <Select
      aria-label={label}
      selectedKey={value}
      onSelectionChange={(key) => key !== value && onChange(String(key))}
    >
      <AriaButton className="flex h-7 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2 hover:bg-hover">
        <Chosen />
        <Icon name="chevron" size={12} className="text-ink-3" />
      </AriaButton>
      <Choices options={KINDS} />
    </Select>
  );
}
