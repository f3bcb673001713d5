/** What an import would do, and how it shall be done. */
import { useMemo, useState } from "react";
import { ApiError } from "@/api/client";
import * as format from "@/format";
import { type Afterwards, useImportPreview } from "@/hooks/useImport";
import { useStatus } from "@/hooks/useLibrary";
import { type Matches, useMatches } from "@/hooks/useMatches";
import { closeImport } from "@/hooks/useOpenedImport";
import { useSettings } from "@/hooks/useSettings";
import {
  type Edits,
  editsToSend,
  fetchable,
  isRisky,
  keyOf,
  lostByMove,
  missingDownload,
  pathsToImport,
  relatedDownload,
  sizeOf,
  spaceFor,
} from "@/importing";
import { S } from "@/strings";
import type {
  ImportArguments,
  ImportDone,
  Inspected,
  Inspection,
  Placement,
  Root,
} from "@/types/shapes";
import { Found } from "./ImportFound";
import { Losses } from "./ImportLosses";
import { KindChoice, Placing, Risk, Space } from "./ImportOptions";
import { Others } from "./ImportOthers";
import { StepHeading } from "./StepHeading";
import { Button, Empty, Failure, Footer, Meter, Skeleton } from "./ui";

interface Props {
  paths: string[];
  sent: boolean;
  isBeginning: boolean;
  onBegin: (asked: ImportArguments, then: readonly Afterwards[]) => void;
  onBack: () => void;
}

export function ImportReview({ paths, onBack, ...rest }: Props) {
  const { inspection, preview } = useImportPreview(paths);
  const again = () => {
    inspection.refetch();
    preview.refetch();
  };
  const error = inspection.error ?? preview.error;
  if (error) return <NotLooked error={error} onRetry={again} onBack={rest.sent ? null : onBack} />;
  if (!inspection.data) return <Looking />;
  const seen = inspection.data;
  if (!seen.models.some((model) => model.valid)) {
    return <Nothing left={preview.data ?? leftOf(seen)} onBack={rest.sent ? null : onBack} />;
  }
  return <Review paths={paths} seen={seen} preview={preview.data} onBack={onBack} {...rest} />;
}

type Left = Pick<ImportDone, "failed" | "duplicates" | "skipped">;

/** What the headers alone say of what will not come in. */
function leftOf(seen: Inspection): Left {
  const failed = seen.models.flatMap(({ paths, error }) =>
    error ? [{ path: paths[0] ?? "", paths, error }] : [],
  );
  return { failed, duplicates: [], skipped: seen.skipped };
}

function Looking() {
  return (
    <div className="flex-1 p-6">
      <StepHeading className="font-medium">{S.import.looking}</StepHeading>
      <p className="mb-4 text-ink-2">{S.import.lookingHint}</p>
      {[0, 1, 2, 3].map((key) => (
        <Skeleton key={key} className="mb-3 h-9" />
      ))}
    </div>
  );
}

/** The way out of a review of which nothing can come in. What was sent is given anew from outside. */
function WayBack({ onBack }: { onBack: (() => void) | null }) {
  return (
    <Footer>
      {onBack ? (
        <Button onPress={onBack}>{S.import.back}</Button>
      ) : (
        <Button onPress={closeImport}>{S.close}</Button>
      )}
    </Footer>
  );
}

interface NotLookedProps {
  error: unknown;
  onRetry: () => void;
  onBack: (() => void) | null;
}

function NotLooked({ error, onRetry, onBack }: NotLookedProps) {
  return (
    <>
      <div className="min-h-0 flex-1">
        <StepHeading className="sr-only">{S.errors.title}</StepHeading>
        <Failure error={error} onRetry={onRetry} />
      </div>
      <WayBack onBack={onBack} />
    </>
  );
}

function Nothing({ left, onBack }: { left: Left; onBack: (() => void) | null }) {
  return (
    <>
      <div className="min-h-0 flex-1 overflow-auto">
        {left.failed.length + left.duplicates.length === 0 ? (
          <Empty step icon="file" title={S.import.nothing} hint={S.import.nothingHint} />
        ) : (
          <>
            <StepHeading className="px-4 pt-4 pb-1 text-base font-semibold">
              {left.failed.length === 0 ? S.import.allHere : S.import.nothingNew}
            </StepHeading>
            <Others done={left} isOpen />
          </>
        )}
      </div>
      <WayBack onBack={onBack} />
    </>
  );
}

/** The models in the order of the first look, with what the second one said of them. */
function useRows(seen: Inspection, preview: ImportDone | undefined) {
  return useMemo(() => {
    const known = new Map((preview?.would_import ?? []).map((model) => [keyOf(model), model]));
    const twins = new Map(
      (preview?.duplicates ?? []).map((one) => [one.paths.join("\n"), one.model_id]),
    );
    const failed = new Set((preview?.failed ?? []).map((one) => one.paths.join("\n")));
    const rows = seen.models
      .filter((model) => model.valid && !failed.has(keyOf(model)))
      .map((model) => ({
        model: known.get(keyOf(model)) ?? model,
        twin: twins.get(keyOf(model)) ?? null,
      }));
    return { rows, fresh: rows.filter((row) => row.twin === null).map((row) => row.model) };
  }, [seen, preview]);
}

type ReviewProps = Props & { seen: Inspection; preview: ImportDone | undefined };

function Review({ paths, sent, seen, preview, isBeginning, onBegin, onBack }: ReviewProps) {
  const { rows, fresh } = useRows(seen, preview);
  const isAllHere = preview !== undefined && fresh.length === 0;
  const matches = useMatches(preview?.would_import);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [edits, setEdits] = useState<ReadonlyMap<string, Edits>>(new Map());
  const [fetched, setFetched] = useState<ReadonlySet<string>>(new Set());
  const [related, setRelated] = useState<ReadonlySet<string>>(new Set());
  const usual = useSettings().data?.place ?? "auto";
  const [wanted, setPlace] = useState<Placement | null>(null);
  const place = wanted ?? (sent ? "move" : usual);
  const [accepted, setAccepted] = useState(false);
  const [kind, setKind] = useState("");
  const roots = useManagedRoots();
  const [rootId, setRootId] = useState<string | null>(null);
  const root = roots.find((one) => one.root_id === rootId) ?? roots[0];

  const chosen = fresh.filter((model) => !left.has(keyOf(model)));
  const risky = chosen.filter(isRisky);
  const space = spaceFor(place, chosen);
  const fits = place !== "copy" || root?.free == null || space <= root.free;
  const isChanged = (model: Inspected) => {
    const said = edits.get(keyOf(model)) ?? {};
    return kind !== "" || said.kind !== undefined || said.family !== undefined;
  };
  const lost = place === "move" ? lostByMove(preview?.losses ?? [], chosen, isChanged) : [];
  // What other programs lose is said before, not after.
  const isUnknown = place === "move" && !sent && !preview;
  const begin = () => {
    if (isBeginning) return; // a button that was disabled for it would lose the focus
    const said = editsToSend(chosen, edits);
    const then = chosen.flatMap((model) => {
      const match = matches.of(model);
      if (!match) return [];
      const missing = fetched.has(keyOf(model)) && missingDownload(match);
      const more =
        place !== "reference" &&
        related.has(keyOf(model)) &&
        relatedDownload(match, fetchable(match.related, false), null);
      return [
        ...(missing ? [{ asked: missing }] : []),
        ...(more ? [{ asked: more, beside: model.paths[0] }] : []),
      ];
    });
    onBegin(
      {
        paths: pathsToImport(paths, fresh, chosen),
        place,
        accept_pickle: risky.length > 0 && accepted,
        ...(Object.keys(said).length > 0 && { edits: said }),
        ...(kind && { kind }),
        ...(rootId && { root: rootId }),
      },
      then,
    );
  };
  const isHeld = chosen.length === 0 || !fits || (risky.length > 0 && !accepted) || isUnknown;
  if (isAllHere) return <Nothing left={preview} onBack={sent ? null : onBack} />;
  const others = preview ? { ...preview, duplicates: [] } : leftOf(seen);

  return (
    <>
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 overflow-auto border-r border-line py-2">
          <StepHeading className="px-4 pb-1 text-xs font-semibold text-ink-2 tabular-nums">
            {S.import.found(chosen.length, format.bytes(sizeOf(chosen)))}
          </StepHeading>
          <LookUp isReading={!preview} matches={matches} />
          <ul>
            {rows.map(({ model, twin }) => (
              <Found
                key={keyOf(model)}
                model={model}
                twin={twin}
                match={matches.of(model)}
                edits={edits.get(keyOf(model)) ?? {}}
                isIncluded={twin === null && !left.has(keyOf(model))}
                isFetched={fetched.has(keyOf(model))}
                onToggle={() => setLeft(toggled(left, keyOf(model)))}
                relatedAsked={related.has(keyOf(model))}
                onFetch={() => setFetched(toggled(fetched, keyOf(model)))}
                onRelated={
                  place === "reference"
                    ? undefined
                    : () => setRelated(toggled(related, keyOf(model)))
                }
                onEdit={(next) => setEdits(new Map(edits).set(keyOf(model), next))}
              />
            ))}
          </ul>
          <Others done={others} />
        </div>
        <div className="w-72 shrink-0 space-y-4 overflow-auto p-4">
          {risky.length > 0 && (
            <Risk count={risky.length} accepted={accepted} onAccept={setAccepted} />
          )}
          {!sent && <Losses lost={lost} onCopy={() => setPlace("copy")} />}
          {!sent && <Placing place={place} onPlace={setPlace} />}
          {isUnknown && (
            <p role="status" className="text-xs text-ink-2">
              {S.import.moveWaits}
            </p>
          )}
          {place !== "reference" && root && (
            <Space space={space} root={root} roots={roots} fits={fits} onRoot={setRootId} />
          )}
          <KindChoice kind={kind} onKind={setKind} />
        </div>
      </div>
      <Footer>
        {!sent && <Button onPress={onBack}>{S.import.back}</Button>}
        <span className="flex-1" />
        <Button look="primary" isDisabled={isHeld} onPress={begin}>
          {S.import.begin(chosen.length)}
        </Button>
      </Footer>
    </>
  );
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

function useManagedRoots(): Root[] {
  const roots = useStatus().data?.roots ?? [];
  return roots.filter((root) => root.mode === "managed" && root.online);
}

/** What is still being found out. Nobody has to wait for it. */
function LookUp({ isReading, matches }: { isReading: boolean; matches: Matches }) {
  const { isAsking, done, total, error, stop } = matches;
  const isOffline = useStatus().data?.network.offline === true;
  if (error) {
    return (
      <p role="status" className="px-4 pb-1 text-xs text-ink-3">
        {isOffline && error instanceof ApiError && error.code === "offline"
          ? S.import.offline
          : S.import.notAsked(error.message)}
      </p>
    );
  }
  if (!isReading && !isAsking) return null;
  const text = isReading ? S.import.reading : S.import.asking(done, total);
  return (
    <div className="flex items-center gap-3 px-4 pb-1 text-xs text-ink-3 tabular-nums">
      <span role="status">{text}</span>
      <div className="w-24">
        <Meter label={text} fraction={isReading || total === 0 ? null : done / total} />
      </div>
      {isAsking && (
        <Button look="quiet" className="h-5 text-xs" onPress={stop}>
          {S.import.skipAsking}
        </Button>
      )}
    </div>
  );
}
