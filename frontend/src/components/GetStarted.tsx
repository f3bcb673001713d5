/** What to do with an empty library: what this machine holds already, files of one's own, or samples. */
import type { ReactNode } from "react";
import { useSamples } from "@/hooks/useFirstRun";
import { useJobs } from "@/hooks/useJobs";
import { openImport } from "@/hooks/useOpenedImport";
import { S } from "@/strings";
import { FoundFolders } from "./FoundFolders";
import { Icon, type IconName } from "./icons";
import { Button } from "./ui";

export function GetStarted() {
  return (
    <div className="h-full overflow-auto">
      <div className="mx-auto flex min-h-full max-w-2xl flex-col justify-center gap-4 px-6 py-8">
        <div className="text-center">
          <h2 className="text-lg font-semibold">{S.firstRun.started}</h2>
          <p className="text-ink-2">{S.firstRun.startedHint}</p>
        </div>
        <FoundFolders />
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
