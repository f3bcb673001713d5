import { useJobs } from "@/hooks/useJobs";
import { openImport } from "@/hooks/useOpenedImport";
import { S } from "@/strings";
import { FoundFolders } from "./FoundFolders";
import { Icon } from "./icons";
import { JobRow } from "./JobsDrawer";
import { Button, Page } from "./ui";

/** Where an import begins without dropping, and what was imported lately. */
export function ImportPage() {
  const imports = useJobs().jobs.filter((job) => job.kind === "import");
  return (
    <Page title={S.pages.import}>
      <div className="mx-auto max-w-3xl p-6">
        <div className="flex flex-col items-center gap-1 rounded-xl border-2 border-dashed border-line-strong px-8 py-12 text-center">
          <Icon name="import" size={32} className="mb-2 text-accent-text" />
          <h2 className="text-base font-semibold">{S.import.dropHint}</h2>
          <p className="max-w-md text-ink-2">{S.import.pageHint}</p>
          <Button look="primary" icon="folder" className="mt-4" onPress={() => openImport()}>
            {S.import.chooseHere}
          </Button>
          <p className="mt-1 text-xs text-ink-3">{S.import.chooseHereHint}</p>
        </div>
        <div className="mt-8">
          <FoundFolders />
        </div>
        {imports.length > 0 && (
          <section className="mt-8">
            <h2 className="mb-2 text-xs font-semibold text-ink-2">{S.import.recent}</h2>
            <ul className="overflow-hidden rounded-lg border border-line [&>li:last-child]:border-b-0">
              {imports.map((job) => (
                <JobRow key={job.job_id} job={job} />
              ))}
            </ul>
          </section>
        )}
      </div>
    </Page>
  );
}
