/** An import that runs, and what became of it. */
import { adviceOf } from "@/advice";
import { wholeSize } from "@/axes";
import * as format from "@/format";
import { useImportJob } from "@/hooks/useImport";
import { navigate } from "@/hooks/useLocation";
import { useModel } from "@/hooks/useModel";
import { type Finished, useProgress } from "@/hooks/useProgress";
import { isPassing, pathsToRetry } from "@/importing";
import { amounts, speed } from "@/progress";
import { kindLabel, S } from "@/strings";
import type { ImportArguments, ImportDone, Job, Model } from "@/types/shapes";
import { isRisky, TierBadge, TrustBadge } from "./Badges";
import { Others } from "./ImportOthers";
import { Icon } from "./icons";
import { MissingShards } from "./MissingShards";
import { StepHeading } from "./StepHeading";
import { Button, Empty, Footer, Foreign, Meter } from "./ui";

interface Props {
  jobId: string;
  onRetry: (asked: ImportArguments) => void;
  onClose: () => void;
}

export function ImportProgress({ jobId, onRetry, onClose }: Props) {
  const { job, isOver, done, resultError, cancel, resume } = useImportJob(jobId);
  const again = done ? pathsToRetry(done) : [];
  return (
    <>
      <div className="min-h-0 flex-1 overflow-auto">
        {job && !isOver && <Running job={job} />}
        {job?.state === "cancelled" && (
          <Empty step icon="close" title={S.import.cancelled} hint={S.import.cancelledHint} />
        )}
        {job?.state === "failed" && (
          <Empty
            step
            icon="error"
            title={job.error?.message ?? S.errors.title}
            hint={job.error && adviceOf(job.error)}
          />
        )}
        {done && <Summary done={done} onOpen={onClose} />}
        {resultError && <Empty step icon="check" title={S.import.noResult} />}
      </div>
      <Footer>
        {isOver ? (
          <>
            {job && again.length > 0 && (
              <Button icon="refresh" onPress={() => onRetry({ ...job.parameters, paths: again })}>
                {S.import.retry}
              </Button>
            )}
            {job?.state === "failed" && isPassing(job.error) && (
              <Button icon="refresh" onPress={resume}>
                {S.retry}
              </Button>
            )}
            <Button look="primary" onPress={onClose}>
              {S.done}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={cancel}>{S.cancel}</Button>
            {job && STANDING.has(job.state) && (
              <Button icon="play" onPress={resume}>
                {S.jobs.resume}
              </Button>
            )}
            <Button look="primary" onPress={onClose}>
              {S.import.background}
            </Button>
          </>
        )}
      </Footer>
    </>
  );
}

const STANDING = new Set(["paused", "interrupted"]);

/** What it is doing; also while it stands still or was asked to. */
function nowText(job: Job): string {
  if (job.request === "cancel") return S.jobs.cancelling;
  if (job.request === "pause") return S.jobs.pausing;
  if (job.state === "queued") return S.import.waiting;
  return STANDING.has(job.state) ? (S.jobs.states[job.state] ?? job.state) : S.import.running;
}

function Running({ job }: { job: Job }) {
  const live = useProgress(job.job_id);
  const progress = live?.progress ?? job.progress;
  return (
    <div className="p-6">
      <div className="flex justify-between gap-4 tabular-nums">
        <StepHeading className="font-medium">
          <span role="status">{nowText(job)}</span>
        </StepHeading>
        <p className="text-ink-2">{job.state === "running" && speed(progress)}</p>
      </div>
      <div className="my-2">
        <Meter
          label={S.import.running}
          fraction={progress.fraction}
          tone={STANDING.has(job.state) ? "idle" : "accent"}
        />
      </div>
      <p className="flex justify-between gap-4 text-xs text-ink-2 tabular-nums">
        <span className="truncate">{progress.detail}</span>
        <span className="shrink-0">{amounts(progress).join(" · ")}</span>
      </p>
      <ul className="mt-4 space-y-1">
        {[...(live?.finished ?? [])].reverse().map((one) => (
          <FinishedRow key={`${one.stage} ${one.name}`} finished={one} />
        ))}
      </ul>
    </div>
  );
}

function FinishedRow({ finished }: { finished: Finished }) {
  const bad = finished.outcome === "failed";
  return (
    <li className="flex items-center gap-2">
      <Icon name={bad ? "error" : "check"} size={14} className={bad ? "text-bad" : "text-good"} />
      <Foreign text={finished.name} className="min-w-0 flex-1" />
      <span className="text-xs text-ink-3">
        {S.import.outcomes[finished.outcome] ?? finished.outcome}
      </span>
    </li>
  );
}

function Summary({ done, onOpen }: { done: ImportDone; onOpen: () => void }) {
  const open = (id: string) => {
    onOpen();
    navigate("/", new URLSearchParams({ model: id }));
  };
  return (
    <div className="py-4">
      <StepHeading className="flex items-center gap-2 px-4 text-base font-semibold">
        <Icon
          name={done.failed.length > 0 ? "warning" : "check"}
          className={done.failed.length > 0 ? "text-warn" : "text-good"}
        />
        {outcomeText(done)}
      </StepHeading>
      <ul className="mt-2">
        {done.imported.map((model) => (
          <li key={model.model_id}>
            <ImportedRow model={model} isLive={done.imported.length <= MOST_LIVE} onOpen={open} />
          </li>
        ))}
      </ul>
      {done.imported.some((model) => model.left.length > 0) && (
        <p className="px-4 py-1 text-warn">{S.import.moved}</p>
      )}
      <Others done={done} />
    </div>
  );
}

function outcomeText({ imported, duplicates, failed }: ImportDone): string {
  if (imported.length + duplicates.length + failed.length === 0) return S.import.nothing;
  return S.import.outcome(imported.length, duplicates.length, failed.length);
}

/** Models of one import that follow what a look-up finds out about them. */
const MOST_LIVE = 50;

interface RowProps {
  model: Model;
  isLive: boolean;
  onOpen: (id: string) => void;
}

function ImportedRow({ model: imported, isLive, onOpen }: RowProps) {
  const now = useModel(imported.model_id, isLive).data;
  const model = now ?? imported;
  return (
    <>
      <button
        type="button"
        onClick={() => onOpen(model.model_id)}
        className="flex h-8 w-full cursor-default items-center gap-3 px-4 text-left hover:bg-hover"
      >
        <Foreign text={model.official_name} className="min-w-0 flex-1" />
        {isRisky(model.security.tier) && <TierBadge tier={model.security.tier} />}
        <TrustBadge match={model.match} />
        <span
          title={wholeSize(model.size, model.files.length)}
          className="w-36 shrink-0 truncate text-right text-xs text-ink-2 tabular-nums"
        >
          {kindLabel(model.kind, model.adapter_type)} · {format.bytes(model.size)}
        </span>
        <Icon name="right" size={12} className="text-ink-3" />
      </button>
      {model.missing_files.length > 0 && (
        <div className="flex items-center gap-3 px-4 pb-2 text-warn">
          <span>{S.detail.missingShards(model.missing_files.length)}</span>
          <MissingShards model={model} />
        </div>
      )}
    </>
  );
}
