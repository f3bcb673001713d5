/** A preview of a sync, grouped by what becomes of each link, with the reasons. */
import { Button as AriaButton, Select } from "react-aria-components";
import { adviceOf } from "@/advice";
import { whyLeftOut } from "@/axes";
import * as format from "@/format";
import { kindLabel, S } from "@/strings";
import type { AppPreview, Excluded, Finding, SyncDone } from "@/types/shapes";
import { Box, Group, LinkRow, Name, Row, Some } from "./Boxes";
import { Cautions } from "./Cautions";
import { Choices } from "./Editable";
import { Icon } from "./icons";
import { Badge, Button, Foreign } from "./ui";

interface Props {
  preview: AppPreview;
  broken?: readonly Finding[];
  failed?: SyncDone["failed"];
  isBusy?: boolean;
  /** Without these it is only looked at, and nothing in it leads away. */
  onRepair?: () => void;
  onAccept?: (word: string) => void;
  onDecide?: () => void;
}

/** Links that may stand open above everything else in a place that is small. */
const FEW = 8;

/** The warning that links are there that no rule wants any more; they are told beside what takes them away. */
export const UNWANTED = "unwanted-links";

/** Why a model is left out that the profile would let in. */
const NOT_BY_PROFILE = new Set([
  "offline",
  "missing",
  "absent",
  "no-links",
  "name",
  "target-replaced",
  "version",
  "overrides",
  "pickle-dangerous",
  "unreadable",
]);

export function AppGroups({
  preview,
  broken = [],
  failed = [],
  isBusy = false,
  onRepair,
  onAccept,
  onDecide,
}: Props) {
  const { create, conflicts, remove, keep, excluded, discovered } = preview;
  // What is made again, or has something else in its place, is told there.
  const again = new Set([...create, ...conflicts].map((one) => one.target));
  const forget = preview.forget.filter((one) => !again.has(one.target));
  const nothing = [create, conflicts, remove, forget, broken, failed].every(
    (list) => list.length === 0,
  );
  const leads = onDecide !== undefined;
  const warnings = preview.warnings.filter((one) => one.code !== UNWANTED);
  const hasUnwanted = warnings.length < preview.warnings.length;
  return (
    <section aria-label={S.apps.summary} className="mt-5 space-y-3">
      {nothing && !hasUnwanted && <Settled kept={keep.length} excluded={excluded} />}
      <Cautions app={preview.app} cautions={warnings} />
      <Group
        name="conflicts"
        icon="warning"
        tone="text-warn"
        items={conflicts}
        aside={
          onDecide && (
            <Button isDisabled={isBusy} onPress={onDecide}>
              {S.apps.decide}
            </Button>
          )
        }
      >
        {(one) => (
          <LinkRow key={one.target} link={one} leads={leads}>
            <Badge tone="warn" title={one.detail}>
              {S.apps.conflictReasons[one.reason] ?? one.reason}
            </Badge>
          </LinkRow>
        )}
      </Group>
      <Group name="failed" icon="error" tone="text-bad" items={failed}>
        {(one) => (
          <Row key={one.target} target={one.target} modelId={one.model_id}>
            <span className="truncate text-bad" title={adviceOf(one.error)}>
              {one.error.message}
            </span>
          </Row>
        )}
      </Group>
      <Group
        name="broken"
        icon="error"
        tone="text-bad"
        items={broken}
        aside={
          onRepair && (
            <Button icon="link" isDisabled={isBusy} onPress={onRepair}>
              {S.apps.repair}
            </Button>
          )
        }
      >
        {(one) => (
          <li
            key={`${one.code} ${one.path}`}
            className="border-b border-line/60 px-4 py-2 last:border-b-0"
          >
            <Foreign wraps text={one.path ?? ""} className="font-mono text-xs" />
            <p className="break-words">{one.message}</p>
            <p className="text-xs break-words text-ink-2">
              {S.apps.brokenHints[one.code] ?? one.action}
            </p>
          </li>
        )}
      </Group>
      <Group
        name="create"
        icon="plus"
        tone="text-good"
        items={create}
        isClosed={!leads && create.length > FEW}
      >
        {(one) => (
          <LinkRow key={one.target} link={one} leads={leads}>
            <Size bytes={one.size} />
          </LinkRow>
        )}
      </Group>
      <Group name="remove" icon="minus" tone="text-warn" items={remove}>
        {(one) => (
          <LinkRow key={one.target} link={one} leads={leads}>
            <span className="text-xs text-ink-2">{S.apps.why[one.why] ?? one.why}</span>
          </LinkRow>
        )}
      </Group>
      <Group name="forget" icon="info" tone="text-ink-3" items={forget}>
        {(one) => <LinkRow key={one.target} link={one} leads={leads} />}
      </Group>
      {onAccept && <Discovered items={discovered} isBusy={isBusy} onAccept={onAccept} />}
      <Group name="keep" icon="check" tone="text-good" items={keep} isClosed>
        {(one) => <LinkRow key={one.target} link={one} leads={leads} />}
      </Group>
      <LeftOut excluded={excluded} leads={leads} />
    </section>
  );
}

/** A sync would change nothing: because all is linked, or because nothing is to be. */
function Settled({ kept, excluded }: { kept: number; excluded: readonly Excluded[] }) {
  const isLinked = kept > 0;
  return (
    <div className="flex items-center gap-3 rounded-lg border border-line px-4 py-3">
      <Icon name={isLinked ? "check" : "info"} className={isLinked ? "text-good" : "text-ink-3"} />
      <div>
        <p className="font-medium">{isLinked ? S.apps.nothing : S.apps.noLink}</p>
        <p className="text-ink-2">{isLinked ? S.apps.nothingHint : whyNoLink(excluded)}</p>
      </div>
    </div>
  );
}

function whyNoLink(excluded: readonly Excluded[]): string {
  const models = new Set(excluded.map((one) => one.model_id)).size;
  if (models === 0) return S.apps.noModel;
  return S.apps.leftOut(models, !excluded.some(({ reason }) => NOT_BY_PROFILE.has(reason)));
}

interface DiscoveredProps {
  items: AppPreview["discovered"];
  isBusy: boolean;
  onAccept: (word: string) => void;
}

function Discovered({ items, isBusy, onAccept }: DiscoveredProps) {
  return (
    <Group name="discovered" icon="folder" tone="text-accent-text" items={items}>
      {(one) => (
        <Row key={one.directory} target={one.directory}>
          {one.known ? (
            <>
              <span className="truncate text-xs text-ink-2">
                {one.kinds.map((kind) => kindLabel(kind)).join(", ")}
              </span>
              <Button
                aria-label={S.apps.acceptOf(one.directory)}
                isDisabled={isBusy}
                onPress={() => onAccept(one.directory)}
              >
                {S.apps.acceptAll}
              </Button>
            </>
          ) : (
            <KindFor directory={one.directory} isDisabled={isBusy} onAccept={onAccept} />
          )}
        </Row>
      )}
    </Group>
  );
}

function Size({ bytes }: { bytes: number }) {
  return <span className="text-xs text-ink-2 tabular-nums">{format.bytes(bytes)}</span>;
}

const KINDS = Object.entries(S.kinds).slice(0, Object.keys(S.kinds).indexOf("unknown"));

interface KindForProps {
  directory: string;
  isDisabled: boolean;
  onAccept: (word: string) => void;
}

/** A directory whose name says nothing is accepted by saying what it holds. */
function KindFor({ directory, isDisabled, onAccept }: KindForProps) {
  return (
    <Select
      aria-label={S.apps.kindFor(directory)}
      selectedKey={null}
      isDisabled={isDisabled}
      onSelectionChange={(kind) => kind !== null && onAccept(`${directory}=${kind}`)}
    >
      <AriaButton className="flex h-7 cursor-default items-center gap-2 rounded-md border border-line-strong bg-raised px-2.5 text-sm hover:bg-hover disabled:opacity-45">
        {S.apps.chooseKind}
        <Icon name="chevron" size={12} className="text-ink-3" />
      </AriaButton>
      <Choices options={KINDS} />
    </Select>
  );
}

/** By reason, the most frequent first: one sentence says it of hundreds. */
function LeftOut({ excluded, leads }: { excluded: readonly Excluded[]; leads: boolean }) {
  const byReason = new Map<string, Excluded[]>();
  for (const one of excluded) {
    const known = byReason.get(one.reason);
    if (known) known.push(one);
    else byReason.set(one.reason, [one]);
  }
  const reasons = [...byReason].sort(([, one], [, other]) => other.length - one.length);
  if (excluded.length === 0) return null;
  return (
    <Box name="excluded" icon="filter" tone="text-ink-3" count={excluded.length} isClosed>
      {reasons.map(([reason, models]) => (
        <div key={reason} className="border-t border-line">
          <h4 className="bg-sunken px-4 py-1.5 text-xs font-semibold text-ink-2">
            {S.apps.reasons[reason] ?? reason} · {models.length.toLocaleString("en")}
          </h4>
          <Some items={models}>
            {(one) => (
              <li
                key={one.model_id}
                className="flex min-h-9 items-center gap-3 border-b border-line/60 px-4 py-1 last:border-b-0"
              >
                <span className="w-[40%] shrink-0">
                  <Name name={one.name} modelId={leads ? one.model_id : undefined} />
                </span>
                <Foreign text={whyLeftOut(one)} className="min-w-0 flex-1 text-xs text-ink-2" />
              </li>
            )}
          </Some>
        </div>
      ))}
    </Box>
  );
}
