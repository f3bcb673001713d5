/** What to do with an empty library: what this machine holds already, files of one's own, or samples. */
import type { ReactNode } from "react";
import * as format from "@/format";
import { useFoundFolders, useSamples } from "@/hooks/useFirstRun";
import { useJobs } from "@/hooks/useJobs";
import { openImport } from "@/hooks/useOpenedImport";
import { S } from "@/strings";
import type { FoundFolder } from "@/types/shapes";
import { Icon, type IconName } from "./icons";
import { Button, Failure, Foreign, Skeleton } from "./ui";

export function GetStarted() {
  return (
    <div className="h-full overflow-auto">
      <div className="mx-auto flex min-h-full max-w-2xl flex-col justify-center gap-4 px-6 py-8">
        <div className="text-center">
          <h2 className="text-lg font-semibold">{S.firstRun.started}</h2>
          <p className="text-ink-2">{S.firstRun.startedHint}</p>
        </div>
        <Found />
        <div className="grid grid-cols-2 gap-4 max-lg:grid-cols-1">
          <Way icon="import" title={S.firstRun.own} hint={S.firstRun.ownHint}>
            <Button onPress={() => openImport()}>{S.firstRun.ownAction}</Button>
          </Way>
          <Samples />
        </div>
      </div>
    </div>
  );
}

function Samples() {
  const samples = useSamples();
  const { running } = useJobs();
  const isBusy = samples.isPending || running.some((job) => job.kind === "import");
  return (
    <Way icon="box" title={S.firstRun.samples} hint={S.firstRun.samplesHint}>
      <Button look="primary" isDisabled={isBusy} onPress={() => samples.mutate()}>
        {isBusy ? S.firstRun.samplesBegun : S.firstRun.samplesAction}
      </Button>
    </Way>
  );
}

interface WayProps {
  icon: IconName;
  title: string;
  hint: string;
  children: ReactNode;
}

function Way({ icon, title, hint, children }: WayProps) {
  return (
    <section className="flex flex-col items-start rounded-xl border border-line bg-raised p-4">
      <h3 className="flex items-center gap-2 font-semibold">
        <Icon name={icon} className="text-accent-text" />
        {title}
      </h3>
      <p className="mt-1 mb-4 flex-1 text-ink-2">{hint}</p>
      {children}
    </section>
  );
}

function Found() {
  const { data: folders, error, refetch } = useFoundFolders();
  return (
    <section className="overflow-hidden rounded-xl border border-line bg-raised">
      <header className="px-4 pt-4 pb-3">
        <h3 className="flex items-center gap-2 font-semibold">
          <Icon name="folder" className="text-accent-text" />
          {S.firstRun.found}
        </h3>
        <p className="mt-1 text-ink-2">{S.firstRun.foundHint}</p>
      </header>
      {error && <Failure error={error} onRetry={refetch} />}
      {!folders && !error && (
        <div role="status" className="border-t border-line px-4 py-3 text-ink-3">
          {S.firstRun.looking}
          <Skeleton className="mt-2 h-8" />
        </div>
      )}
      {folders?.length === 0 && (
        <p className="border-t border-line px-4 py-3 text-ink-3">{S.firstRun.none}</p>
      )}
      <ul>
        {folders?.map((folder) => (
          <FolderRow key={folder.path} folder={folder} />
        ))}
      </ul>
    </section>
  );
}

function FolderRow({ folder }: { folder: FoundFolder }) {
  const size = `${folder.complete ? "" : "> "}${format.bytes(folder.bytes)}`;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2.5">
      <div className="min-w-48 flex-1">
        <p className="font-medium">{folder.program}</p>
        <Foreign text={folder.path} className="font-mono text-xs text-ink-2" />
      </div>
      <span className="text-xs whitespace-nowrap text-ink-2 tabular-nums">
        {S.firstRun.files(folder.files, folder.complete)} · {size}
      </span>
      <Button
        aria-label={S.firstRun.lookOf(folder.program)}
        onPress={() => openImport({ paths: [folder.path] })}
      >
        {S.firstRun.look}
      </Button>
    </li>
  );
}
