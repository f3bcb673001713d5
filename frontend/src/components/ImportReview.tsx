/** What an import would do, and how it shall be done. */
import { useState } from "react";
import { Button as AriaButton, Checkbox, Radio, RadioGroup, Select } from "react-aria-components";
import * as format from "@/format";
import { useImportPreview } from "@/hooks/useImport";
import { useStatus } from "@/hooks/useLibrary";
import { isRisky, keyOf, nameOf, pathsToImport, sizeOf, spaceFor } from "@/importing";
import { kindLabel, S } from "@/strings";
import type { ImportArguments, ImportDone, Inspected, Placement, Root } from "@/types/shapes";
import { TierBadge } from "./Badges";
import { Choices, Chosen } from "./Editable";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { Badge, Button, Empty, Failure, Footer, Foreign, Skeleton } from "./ui";

interface Props {
  paths: string[];
  sent: boolean;
  isBeginning: boolean;
  onBegin: (asked: ImportArguments) => void;
  onBack: () => void;
}

export function ImportReview({ paths, onBack, ...rest }: Props) {
  const { data, error, refetch, isFetching } = useImportPreview(paths);
  if (error) return <Failure error={error} onRetry={refetch} />;
  if (!data || isFetching) return <Looking />;
  const found = data.would_import ?? [];
  if (found.length === 0) return <Nothing done={data} onBack={onBack} />;
  return <Review paths={paths} preview={data} found={found} onBack={onBack} {...rest} />;
}

function Looking() {
  return (
    <div role="status" className="flex-1 p-6">
      <p className="font-medium">{S.import.looking}</p>
      <p className="mb-4 text-ink-2">{S.import.lookingHint}</p>
      {[0, 1, 2, 3].map((key) => (
        <Skeleton key={key} className="mb-3 h-9" />
      ))}
    </div>
  );
}

function Nothing({ done, onBack }: { done: ImportDone; onBack: () => void }) {
  return (
    <>
      <div className="min-h-0 flex-1 overflow-auto">
        {done.duplicates.length + done.failed.length === 0 ? (
          <Empty icon="file" title={S.import.nothing} hint={S.import.nothingHint} />
        ) : (
          <Others done={done} isOpen />
        )}
      </div>
      <Footer>
        <Button onPress={onBack}>{S.import.back}</Button>
      </Footer>
    </>
  );
}

type ReviewProps = Props & { preview: ImportDone; found: readonly Inspected[] };

function Review({ paths, sent, preview, found, isBeginning, onBegin, onBack }: ReviewProps) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [place, setPlace] = useState<Placement>(sent ? "move" : "auto");
  const [accepted, setAccepted] = useState(false);
  const [kind, setKind] = useState("");
  const roots = useManagedRoots();
  const [rootId, setRootId] = useState<string | null>(null);
  const root = roots.find((one) => one.root_id === rootId) ?? roots[0];

  const chosen = found.filter((model) => !left.has(keyOf(model)));
  const risky = chosen.filter(isRisky);
  const space = spaceFor(place, chosen);
  const fits =
    root?.free == null || place === "reference" || space <= root.free || place !== "copy";
  const begin = () =>
    onBegin({
      paths: pathsToImport(paths, found, chosen),
      place,
      accept_pickle: risky.length > 0 && accepted,
      ...(kind && { kind }),
      ...(rootId && { root: rootId }),
    });
  const toggle = (key: string) => {
    const next = new Set(left);
    if (!next.delete(key)) next.add(key);
    setLeft(next);
  };

  return (
    <>
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 overflow-auto border-r border-line py-2">
          <p className="px-4 pb-1 text-xs font-semibold text-ink-2 tabular-nums">
            {S.import.found(chosen.length, format.bytes(sizeOf(chosen)))}
          </p>
          <ul>
            {found.map((model) => (
              <Found
                key={keyOf(model)}
                model={model}
                isIncluded={!left.has(keyOf(model))}
                onToggle={() => toggle(keyOf(model))}
              />
            ))}
          </ul>
          <Others done={preview} />
        </div>
        <div className="w-72 shrink-0 space-y-4 overflow-auto p-4">
          {risky.length > 0 && (
            <Risk count={risky.length} accepted={accepted} onAccept={setAccepted} />
          )}
          {!sent && <Placing place={place} onPlace={setPlace} />}
          {place !== "reference" && root && (
            <Space space={space} root={root} roots={roots} fits={fits} onRoot={setRootId} />
          )}
          <KindChoice kind={kind} onKind={setKind} />
        </div>
      </div>
      <Footer>
        {!sent && <Button onPress={onBack}>{S.import.back}</Button>}
        <span className="flex-1" />
        <Button
          look="primary"
          isDisabled={
            chosen.length === 0 || !fits || (risky.length > 0 && !accepted) || isBeginning
          }
          onPress={begin}
        >
          {S.import.begin(chosen.length)}
        </Button>
      </Footer>
    </>
  );
}

function useManagedRoots(): Root[] {
  const roots = useStatus().data?.roots ?? [];
  return roots.filter((root) => root.mode === "managed" && root.online);
}

interface FoundProps {
  model: Inspected;
  isIncluded: boolean;
  onToggle: () => void;
}

function Found({ model, isIncluded, onToggle }: FoundProps) {
  const missing = model.missing_files?.length ?? 0;
  const facts = [
    kindLabel(model.kind ?? "unknown", model.adapter_type),
    model.family,
    model.precision,
    format.bytes(model.size ?? 0),
  ].filter(Boolean);
  const sure = model.evidence?.kind;
  return (
    <li className="border-b border-line/60 px-4 py-2 last:border-b-0 hover:bg-hover">
      <Checkbox
        aria-label={S.import.include(nameOf(model))}
        isSelected={isIncluded}
        onChange={onToggle}
        className="group flex items-start gap-2.5"
      >
        <span className="mt-[3px]">
          <Tick />
        </span>
        <span className={`min-w-0 flex-1 ${isIncluded ? "" : "opacity-55"}`}>
          <Foreign text={nameOf(model)} className="font-medium" />
          <span className="block truncate text-xs text-ink-2 tabular-nums">
            {facts.join(" · ")}
          </span>
          <span className="mt-1 flex flex-wrap gap-1">
            {sure && (
              <Badge
                tone={sure.confidence >= 0.8 ? "accent" : "warn"}
                title={S.methods[sure.method]}
              >
                {sure.confidence >= 0.8 ? S.trust.high : S.trust.low}
              </Badge>
            )}
            {model.security && <TierBadge tier={model.security.tier} />}
            {model.form === "sharded-set" && <Shards present={shards(model)} missing={missing} />}
            {model.completes && <Badge tone="good">{S.import.completes}</Badge>}
          </span>
          {model.warnings?.map((warning) => (
            <span key={warning} className="mt-1 block text-xs text-warn">
              {warning}
            </span>
          ))}
        </span>
      </Checkbox>
    </li>
  );
}

const SHARD = /[-_.](?:part)?\d+/i;

function shards(model: Inspected): number {
  return model.paths.filter((path) => SHARD.test(format.baseName(path))).length;
}

function Shards({ present, missing }: { present: number; missing: number }) {
  if (missing === 0) return <Badge tone="good">{S.import.complete(present)}</Badge>;
  return (
    <Badge tone="warn" icon="warning">
      {S.import.shards(present, missing)}
    </Badge>
  );
}

/** What will not come in, and why. */
export function Others({ done, isOpen }: { done: ImportDone; isOpen?: boolean }) {
  const groups = [
    {
      title: S.import.failed(done.failed.length),
      rows: done.failed.map((one) => ({
        path: one.path,
        why: one.error.message,
        hint: one.error.hint,
      })),
    },
    {
      title: S.import.duplicates(done.duplicates.length),
      rows: done.duplicates.map((one) => ({
        path: one.path,
        why: S.import.duplicateOf(one.model_id),
        hint: "",
      })),
    },
    {
      title: S.import.skipped(done.skipped.length),
      rows: done.skipped.map((one) => ({ path: one.path, why: one.reason, hint: "" })),
    },
  ];
  return groups.map(({ title, rows }, index) =>
    rows.length === 0 ? null : (
      <details key={title} open={isOpen || index === 0} className="group/more px-4 py-1.5">
        <summary className="flex h-6 cursor-default list-none items-center gap-1.5 rounded text-xs font-semibold text-ink-2">
          <Icon name="right" size={12} className="transition-transform group-open/more:rotate-90" />
          {title}
        </summary>
        <ul className="mt-1 ml-4 space-y-1.5">
          {rows.slice(0, 200).map((row) => (
            <li key={row.path}>
              <Foreign text={format.baseName(row.path)} />
              <p className="text-xs break-words text-ink-2">{row.why}</p>
              {row.hint && <p className="text-xs break-words text-ink-3">{row.hint}</p>}
            </li>
          ))}
        </ul>
      </details>
    ),
  );
}

interface RiskProps {
  count: number;
  accepted: boolean;
  onAccept: (yes: boolean) => void;
}

function Risk({ count, accepted, onAccept }: RiskProps) {
  return (
    <div className="rounded-lg bg-warn-soft p-3">
      <p className="flex gap-2 font-medium text-warn">
        <Icon name="warning" size={14} className="mt-[3px]" />
        {S.import.risky(count)}
      </p>
      <p className="mt-1 text-xs text-ink-2">{S.import.riskyHint}</p>
      <Checkbox isSelected={accepted} onChange={onAccept} className="group mt-2 flex gap-2">
        <span className="mt-[3px]">
          <Tick />
        </span>
        {S.import.accept}
      </Checkbox>
    </div>
  );
}

const PLACES = ["auto", "copy", "move", "reference"] as const;

function Placing({ place, onPlace }: { place: Placement; onPlace: (place: Placement) => void }) {
  return (
    <RadioGroup
      aria-label={S.import.place}
      value={place}
      onChange={(value) => onPlace(value as Placement)}
    >
      <p className="mb-1 text-xs font-semibold text-ink-2">{S.import.place}</p>
      {PLACES.map((name) => (
        <Radio
          key={name}
          value={name}
          className="group -mx-2 flex cursor-default gap-2.5 rounded-md px-2 py-1.5 hover:bg-hover selected:bg-accent-soft"
        >
          <span className="mt-1 size-3.5 shrink-0 rounded-full border border-line-strong bg-canvas group-selected:border-4 group-selected:border-accent" />
          <span>
            <span className="block font-medium">{S.import.placings[name][0]}</span>
            <span className="block text-xs text-ink-2">{S.import.placings[name][1]}</span>
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

interface SpaceProps {
  space: number;
  root: Root;
  roots: readonly Root[];
  fits: boolean;
  onRoot: (id: string) => void;
}

function Space({ space, root, roots, fits, onRoot }: SpaceProps) {
  const free = format.bytes(root.free ?? 0);
  const size = format.bytes(space);
  return (
    <div>
      {roots.length > 1 && (
        <Select
          aria-label={S.import.root}
          selectedKey={root.root_id}
          onSelectionChange={(key) => onRoot(String(key))}
        >
          <p className="mb-1 text-xs font-semibold text-ink-2">{S.import.root}</p>
          <Opener />
          <Choices options={roots.map((one) => [one.root_id, one.path])} />
        </Select>
      )}
      <p className={`mt-1 text-xs tabular-nums ${fits ? "text-ink-2" : "text-bad"}`}>
        {fits ? S.import.needs(size, free) : S.import.tooLittle(size, free)}
      </p>
    </div>
  );
}

function Opener() {
  return (
    <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover">
      <Chosen />
      <Icon name="chevron" size={12} className="text-ink-3" />
    </AriaButton>
  );
}

const KINDS = [["", S.import.kindAuto], ...Object.entries(S.kinds)] as const;

function KindChoice({ kind, onKind }: { kind: string; onKind: (kind: string) => void }) {
  return (
    <Select
      aria-label={S.import.kindOf}
      selectedKey={kind}
      onSelectionChange={(key) => onKind(String(key))}
    >
      <p className="mb-1 text-xs font-semibold text-ink-2">{S.import.kindOf}</p>
      <Opener />
      <Choices options={KINDS} />
    </Select>
  );
}
