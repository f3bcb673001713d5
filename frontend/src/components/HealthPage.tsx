/** What is broken and how it is mended, and whether the bytes are still right. */
import * as format from "@/format";
import { useHealthActions } from "@/hooks/useHealthActions";
import { useJobs } from "@/hooks/useJobs";
import { useHealth } from "@/hooks/useLibrary";
import { isOver, resultWords } from "@/progress";
import { S } from "@/strings";
import type { Health, Job } from "@/types/shapes";
import { Findings } from "./Findings";
import { Icon } from "./icons";
import { JobRow } from "./JobsDrawer";
import { Part } from "./Part";
import { Button, Failure, Page, Skeleton } from "./ui";

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
          const isBusy = job !== undefined && !isOver(job);
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
