/** Finding models on the Hub, and what is being fetched. */
import { useHubSearch } from "@/hooks/useHub";
import { useJobs } from "@/hooks/useJobs";
import { setParameters, useLocation } from "@/hooks/useLocation";
import { NARROW, useMedia } from "@/hooks/useMedia";
import { S } from "@/strings";
import { DownloadLimits } from "./DownloadLimits";
import { Freshness } from "./Freshness";
import { HubAway } from "./HubAway";
import { HubList } from "./HubList";
import { JobRow } from "./JobsDrawer";
import { RepositoryPanel } from "./RepositoryPanel";
import { SearchField } from "./SearchField";
import { Empty, Skeleton } from "./ui";

export function DownloadsPage() {
  const { parameters } = useLocation();
  const text = parameters.get("q") ?? "";
  const repo = parameters.get("repo");
  const search = useHubSearch(text);
  const isCovered = useMedia(NARROW) && repo !== null;
  return (
    <div className="relative flex h-full flex-col">
      <h1 className="sr-only">{S.pages.downloads}</h1>
      <header
        inert={isCovered}
        className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-3"
      >
        <SearchField
          label={S.hub.label}
          placeholder={S.hub.placeholder}
          value={text}
          onChange={(next) => setParameters({ q: next })}
        />
        {search.data && <Freshness answer={search.data} isRefreshing={search.isFetching} />}
      </header>
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 overflow-auto" inert={isCovered}>
          {text.trim() === "" ? <Queue /> : <Results search={search} text={text} selected={repo} />}
        </div>
        {repo && (
          <RepositoryPanel key={repo} repo={repo} onClose={() => setParameters({ repo: "" })} />
        )}
      </div>
    </div>
  );
}

function Queue() {
  const downloads = useJobs().jobs.filter((job) => job.kind === "download");
  if (downloads.length === 0) {
    return <Empty icon="downloads" title={S.hub.nothing} hint={S.hub.nothingHint} />;
  }
  return (
    <section className="mx-auto max-w-3xl p-6">
      <div className="mb-2 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <h2 className="text-xs font-semibold text-ink-2">{S.hub.queue}</h2>
          <p className="text-xs text-ink-3">{S.hub.queueHint}</p>
        </div>
        <DownloadLimits />
      </div>
      <ul className="overflow-hidden rounded-lg border border-line [&>li:last-child]:border-b-0">
        {downloads.map((job) => (
          <JobRow key={job.job_id} job={job} />
        ))}
      </ul>
    </section>
  );
}

interface ResultsProps {
  search: ReturnType<typeof useHubSearch>;
  text: string;
  selected: string | null;
}

function Results({ search, text, selected }: ResultsProps) {
  const { data, error, retry, isPending, isFetching } = search;
  if (error && !data) return <HubAway error={error} onRetry={retry} />;
  if (!data || (isPending && isFetching)) return <Loading />;
  if (data.models.length === 0) {
    return <Empty icon="search" title={S.hub.noResults(text)} hint={S.hub.noResultsHint} />;
  }
  return <HubList models={data.models} selected={selected} />;
}

function Loading() {
  return (
    <div role="status" aria-label={S.loading} className="space-y-4 p-4">
      {[0, 1, 2, 3, 4].map((key) => (
        <Skeleton key={key} className="h-9" />
      ))}
    </div>
  );
}
