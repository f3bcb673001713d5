/** What is broken and how it is mended, whether the bytes are still right, and what was deleted. */
import { useState } from "react";
import * as format from "@/format";
import { useHealthActions, useTrash } from "@/hooks/useHealthActions";
import { useJobs } from "@/hooks/useJobs";
import { useHealth } from "@/hooks/useLibrary";
import { resultWords } from "@/progress";
import { kindLabel, S } from "@/strings";
import type { Health, Job, Trashed } from "@/types/shapes";
import { AppTrash } from "./AppTrash";
import { Confirm } from "./Confirm";
import { Findings } from "./Findings";
import { Part } from "./HealthPart";
import { Icon } from "./icons";
import { JobRow } from "./JobsDrawer";
import { Button, Empty, Failure, Foreign, IconButton, Page, Skeleton } from "./ui";

type Actions = ReturnType<typeof useHealthActions>;

export function HealthPage() {
  const { data, error, refetch, isFetching } = useHealth({ looks: true });
  const actions = useHealthActions();
  const fixable = data?.findings.some((finding) => finding.fixable) ?? false;
  return (
    <Page
      title={S.pages.health}
      actions={
        <>
          <Button icon="refresh" isDisabled={isFetching} onPress={() => refetch()}>
            {S.health.again}
          </Button>
          <Button
            look="primary"
            isDisabled={!fixable || actions.fix.isPending}
            onPress={() => actions.fix.mutate([])}
          >
            {S.health.fix}
          </Button>
        </>
      }
    >
      <div className="mx-auto max-w-3xl space-y-8 p-6">
        {error && <Failure error={error} onRetry={refetch} />}
        {!data && !error && <Skeleton className="h-24" />}
        {data && <Overview health={data} actions={actions} />}
        <Checks actions={actions} />
        <Trash actions={actions} />
        <AppTrash />
      </div>
    </Page>
  );
}

function Overview({ health, actions }: { health: Health; actions: Actions }) {
  const summary = S.health.summary(health.working, health.links, health.apps);
  if (health.findings.length === 0) {
    return (
      <Part title={S.health.findings}>
        <div className="flex items-center gap-3 px-4 py-4">
          <Icon name="check" className="text-good" />
          <div>
            <p className="font-medium">{S.health.nothing}</p>
            <p className="text-ink-2">{summary}</p>
          </div>
        </div>
      </Part>
    );
  }
  return (
    <Part
      title={S.health.findings}
      aside={<span className="text-xs text-ink-3 tabular-nums">{summary}</span>}
    >
      <Findings health={health} actions={actions} />
    </Part>
  );
}

function Checks({ actions }: { actions: Actions }) {
  const { jobs } = useJobs();
  const rows = [
    ["verify", S.health.verify, S.health.verifyHint, () => actions.verify.mutate()],
    ["scan", S.health.scan, S.health.scanHint, () => actions.scan.mutate(false)],
    ["rebuild", S.health.rebuild, S.health.rebuildHint, () => actions.scan.mutate(true)],
  ] as const;
  return (
    <Part title={S.health.checks}>
      <ul>
        {rows.map(([name, label, hint, begin]) => {
          const job = jobs.find((one) => checkOf(one) === name);
          const isBusy = job !== undefined && BUSY.has(job.state);
          return (
            <li key={name} className="border-b border-line/60 last:border-b-0">
              <div className="flex items-center gap-4 px-4 py-3">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">{label}</p>
                  <p className="text-ink-2">{hint}</p>
                  {job && !isBusy && <p className="mt-0.5 text-xs text-ink-3">{lastTime(job)}</p>}
                </div>
                <Button aria-label={S.health.beginOf(label)} isDisabled={isBusy} onPress={begin}>
                  {S.health.begin}
                </Button>
              </div>
              {job && isBusy && (
                <ul className="mx-4 mb-3 overflow-hidden rounded-md border border-line [&>li]:border-b-0">
                  <JobRow job={job} />
                </ul>
              )}
            </li>
          );
        })}
      </ul>
    </Part>
  );
}

const BUSY = new Set(["queued", "running", "paused", "interrupted"]);

/** Which of the checks a job is; verifications of single models are none of them. */
function checkOf(job: Job): string | null {
  if (job.kind === "scan") return job.parameters.deep === true ? "rebuild" : "scan";
  const { ids } = job.parameters;
  return job.kind === "verify" && Array.isArray(ids) && ids.length === 0 ? "verify" : null;
}

function lastTime(job: Job): string {
  const state = S.jobs.states[job.state] ?? job.state;
  const when = job.ended ? format.moment(job.ended) : "";
  return S.health.last([when, state, ...resultWords(job)].filter(Boolean).join(" · "));
}

const MOST_SHOWN = 500;

function Trash({ actions }: { actions: Actions }) {
  const { data: trash, error, refetch } = useTrash();
  const [asking, setAsking] = useState(false);
  const [gone, setGone] = useState<Trashed | null>(null);
  const size = trash?.reduce((sum, model) => sum + model.size, 0) ?? 0;
  return (
    <Part
      title={S.health.trash}
      aside={
        trash &&
        trash.length > 0 && (
          <Button look="danger" icon="trash" onPress={() => setAsking(true)}>
            {S.health.empty(format.bytes(size))}
          </Button>
        )
      }
    >
      {error && <Failure error={error} onRetry={refetch} />}
      {trash?.length === 0 && <Empty icon="trash" title={S.health.noTrash} />}
      <ul>
        {trash?.slice(0, MOST_SHOWN).map((model) => (
          <li
            key={model.path}
            className="flex h-11 items-center gap-4 border-b border-line/60 px-4 last:border-b-0"
          >
            <Foreign text={model.official_name} className="min-w-0 flex-1 font-medium" />
            <span className="text-xs text-ink-2 tabular-nums">
              {kindLabel(model.kind, model.adapter_type)} · {format.bytes(model.size)} ·{" "}
              {format.day(model.deleted)}
            </span>
            <Button
              icon="undo"
              aria-label={S.health.restoreOf(model.official_name)}
              isDisabled={actions.restore.isPending}
              onPress={() => actions.restore.mutate(model.model_id)}
            >
              {S.health.restore}
            </Button>
            <IconButton
              icon="trash"
              size={14}
              label={S.health.purgeOf(model.official_name)}
              onPress={() => setGone(model)}
            />
          </li>
        ))}
      </ul>
      <Confirm
        isOpen={gone !== null}
        title={S.health.purgeTitle(gone?.official_name ?? "")}
        confirm={S.health.emptyConfirm}
        danger
        onCancel={() => setGone(null)}
        onConfirm={() => {
          if (gone) actions.purge.mutate(gone.model_id);
          setGone(null);
        }}
      >
        <p>{S.health.emptyText(1, format.bytes(gone?.size ?? 0))}</p>
      </Confirm>
      <Confirm
        isOpen={asking}
        title={S.health.emptyTitle}
        confirm={S.health.emptyConfirm}
        danger
        onCancel={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          actions.empty.mutate();
        }}
      >
        <p>{S.health.emptyText(trash?.length ?? 0, format.bytes(size))}</p>
      </Confirm>
    </Part>
  );
}
