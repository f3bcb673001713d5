/** Everything that takes long, with how far it is. */
import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { adviceOf } from "@/advice";
import * as format from "@/format";
import { type JobAction, useFirst, useForgetJobs, useJobAction, useJobs } from "@/hooks/useJobs";
import { navigate } from "@/hooks/useLocation";
import { watchImport } from "@/hooks/useOpenedImport";
import { useProgress } from "@/hooks/useProgress";
import { amounts, isDoneInPart, isStillWaiting, resultWords, speed } from "@/progress";
import { S } from "@/strings";
import type { Job, JobProgress } from "@/types/shapes";
import { GateHelp, gateReason } from "./GateHelp";
import { Icon, type IconName } from "./icons";
import { Button, Empty, Failure, Foreign, IconButton, Meter } from "./ui";

interface Props {
  isOpen: boolean;
  onClose: () => void;
}

export function JobsDrawer({ isOpen, onClose }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable
      className="animate-appear fixed inset-0 z-40 bg-black/25"
    >
      <Modal className="animate-slide-in fixed inset-y-0 right-0 w-[420px] max-w-full border-l border-line bg-raised shadow-float">
        <Dialog className="flex h-full flex-col outline-none">
          <Jobs onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Jobs({ onClose }: { onClose: () => void }) {
  const { jobs, error, refetch } = useJobs();
  const forget = useForgetJobs();
  const over = jobs.some((job) => job.state === "done" || job.state === "cancelled");
  return (
    <>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
        <Heading slot="title" className="flex-1 text-base font-semibold">
          {S.jobs.title}
        </Heading>
        {over && (
          <Button look="quiet" onPress={() => forget.mutate()}>
            {S.jobs.forget}
          </Button>
        )}
        <IconButton icon="close" label={S.jobs.close} onPress={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-auto">
        {error && <Failure error={error} onRetry={refetch} />}
        {jobs.length === 0 && !error && (
          <Empty icon="jobs" title={S.jobs.none} hint={S.jobs.noneHint} />
        )}
        <ul>
          {jobs.map((job) => (
            <JobRow key={job.job_id} job={job} onShow={onClose} />
          ))}
        </ul>
      </div>
    </>
  );
}

const TONES = { done: "good", failed: "bad", running: "accent" } as const;

interface RowProps {
  job: Job;
  /** What can be done, in the place of the icons. */
  children?: ReactNode;
  /** Before what it was or is about is shown. */
  onShow?: () => void;
}

export function JobRow({ job, children, onShow }: RowProps) {
  const live = useProgress(job.job_id);
  const progress = job.state === "running" && live ? live.progress : job.progress;
  const tone = isDoneInPart(job) ? "warn" : (TONES[job.state as keyof typeof TONES] ?? "idle");
  const over = job.state === "done";
  return (
    <li className="border-b border-line px-4 py-3">
      <div className="flex items-center gap-2">
        <span className="shrink-0 font-medium">{S.jobs.kinds[job.kind] ?? job.kind}</span>
        <Foreign text={job.title} className="min-w-0 flex-1 text-ink-2" />
        <ShowWhat job={job} onShow={onShow} />
        {!children && <JobActions job={job} />}
      </div>
      <div className="my-1.5">
        <Meter
          label={`${S.jobs.kinds[job.kind] ?? job.kind} ${job.title}`}
          fraction={over ? 1 : job.state === "queued" ? 0 : progress.fraction}
          tone={tone}
        />
      </div>
      <div className="flex justify-between gap-3 text-xs text-ink-2 tabular-nums">
        <span className={over ? "min-w-0 break-words" : "truncate"}>
          {stateText(job, progress)}
        </span>
        <span className="shrink-0">{job.state === "running" ? speed(progress) : ended(job)}</span>
      </div>
      {job.error && <Failed job={job} />}
      {children}
    </li>
  );
}

/** The way back to an import that goes on in the background and to what became of every file, or to the model that
 * was downloaded. */
function ShowWhat({ job, onShow }: { job: Job; onShow: (() => void) | undefined }) {
  const model = downloaded(job);
  if (job.kind !== "import" && model === null) return null;
  return (
    <Button
      look="quiet"
      className="text-xs"
      aria-label={S.jobs.actionOn(S.jobs.show, job.title)}
      onPress={() => {
        onShow?.();
        if (model === null) watchImport(job.job_id);
        else navigate("/", new URLSearchParams({ model }));
      }}
    >
      {S.jobs.show}
    </Button>
  );
}

/** The id of the model that came in. */
function downloaded(job: Job): string | null {
  const models = job.kind === "download" ? job.result?.models : null;
  return Array.isArray(models) && typeof models[0] === "string" ? models[0] : null;
}

function Failed({ job }: { job: Job }) {
  const reason = gateReason(job.error?.code);
  const { repo } = job.parameters;
  return (
    <>
      <p className="mt-1.5 rounded bg-bad-soft px-2 py-1 text-xs break-words text-bad">
        {job.error && format.sentences(job.error.message, reason ? "" : adviceOf(job.error))}
      </p>
      {reason && typeof repo === "string" && <GateHelp reason={reason} repo={repo} />}
    </>
  );
}

function stateText(job: Job, progress: JobProgress): string {
  if (job.request === "pause") return S.jobs.pausing;
  if (job.request === "cancel") return S.jobs.cancelling;
  const state = S.jobs.states[job.state] ?? job.state;
  if (isStillWaiting(job)) return resultWords(job).join(" · ");
  if (job.state === "done") return [state, ...resultWords(job)].join(" · ");
  if (job.state === "queued") return state;
  const now = job.state === "running" && progress.detail ? [progress.detail] : [];
  return [state, ...amounts(progress), ...now].join(" · ");
}

function ended(job: Job): string {
  return job.ended ? format.moment(job.ended) : "";
}

const BUTTONS: Record<string, readonly [JobAction, IconName][]> = {
  queued: [["cancel", "close"]],
  running: [
    ["pause", "pause"],
    ["cancel", "close"],
  ],
  paused: [
    ["resume", "play"],
    ["cancel", "close"],
  ],
  interrupted: [
    ["resume", "play"],
    ["cancel", "close"],
  ],
  failed: [
    ["resume", "refresh"],
    ["cancel", "close"],
  ],
};

/** What the actions are called once it has failed. */
const AGAIN: Record<JobAction, string> = {
  pause: S.jobs.pause,
  resume: S.retry,
  cancel: S.jobs.dismiss,
};

function JobActions({ job }: { job: Job }) {
  const act = useJobAction();
  const first = useFirst();
  if (isDoneInPart(job)) return <Icon name="warning" size={14} className="text-warn" />;
  if (job.state === "done") return <Icon name="check" size={14} className="text-good" />;
  return (
    <span className="flex">
      {job.state === "queued" && (
        <IconButton
          icon="up"
          size={14}
          className="size-6"
          label={S.jobs.actionOn(S.hub.first, job.title)}
          isDisabled={first.isPending}
          onPress={() => first.mutate(job.job_id)}
        />
      )}
      {(BUTTONS[job.state] ?? []).map(([action, icon]) => (
        <IconButton
          key={action}
          icon={icon}
          size={14}
          className="size-6"
          label={S.jobs.actionOn(
            job.state === "failed" ? AGAIN[action] : S.jobs[action],
            job.title,
          )}
          isDisabled={act.isPending}
          onPress={() => act.mutate({ action, id: job.job_id })}
        />
      ))}
    </span>
  );
}
