/** What is being installed, and what could not be: to be tried again, corrected, or put away. */
import { useState } from "react";
import { useJobAction, useJobs } from "@/hooks/useJobs";
import { isOver } from "@/progress";
import { S } from "@/strings";
import type { Job } from "@/types/shapes";
import { InstallAppDialog, type InstallStart } from "./InstallAppDialog";
import { JobRow } from "./JobsDrawer";
import { Button } from "./ui";

export function Installations() {
  const { jobs } = useJobs();
  const act = useJobAction();
  const [changing, setChanging] = useState<Job | null>(null);
  const shown = jobs.filter(
    (job) => job.kind === "install" && (!isOver(job) || job.state === "failed"),
  );
  return (
    <>
      {shown.length > 0 && (
        <ul
          aria-label={S.apps.install.list}
          className="max-h-64 shrink-0 overflow-auto border-b border-line bg-chrome [&>li]:last:border-b-0"
        >
          {shown.map((job) =>
            job.state === "failed" ? (
              <JobRow key={job.job_id} job={job}>
                <AfterFailure
                  isBusy={act.isPending}
                  onAct={(action) => act.mutate({ action, id: job.job_id })}
                  onChange={() => setChanging(job)}
                />
              </JobRow>
            ) : (
              <JobRow key={job.job_id} job={job} />
            ),
          )}
        </ul>
      )}
      {changing && (
        <InstallAppDialog
          isOpen
          start={startOf(changing)}
          onClose={() => setChanging(null)}
          onBegun={() => act.mutate({ action: "cancel", id: changing.job_id })}
        />
      )}
    </>
  );
}

interface AfterProps {
  isBusy: boolean;
  onAct: (action: "resume" | "cancel") => void;
  onChange: () => void;
}

function AfterFailure({ isBusy, onAct, onChange }: AfterProps) {
  return (
    <span className="mt-2 flex flex-wrap gap-2">
      <Button icon="refresh" isDisabled={isBusy} onPress={() => onAct("resume")}>
        {S.retry}
      </Button>
      <Button icon="edit" isDisabled={isBusy} onPress={onChange}>
        {S.apps.install.change}
      </Button>
      <Button icon="close" isDisabled={isBusy} onPress={() => onAct("cancel")}>
        {S.jobs.dismiss}
      </Button>
    </span>
  );
}

/** What was asked for, as it is asked again: a folder is kept as its URL. */
function startOf({ parameters }: Job): InstallStart {
  const text = (name: string) => String(parameters[name] ?? "");
  const source = text("source");
  const folder = source.startsWith("file://") ? decodeURIComponent(new URL(source).pathname) : "";
  return {
    kind: text("app_kind"),
    version: text("version"),
    source: folder || source,
    sync: parameters.sync !== false,
  };
}
