/** What the Hub has for a search of the library: below what is here, and never moving it. */
import { ApiError } from "@/api/client";
import type { useHubSearch } from "@/hooks/useHub";
import { useStatus } from "@/hooks/useLibrary";
import { S } from "@/strings";
import { Freshness } from "./Freshness";
import { ToSettings } from "./HubAway";
import { HubList } from "./HubList";
import { Icon } from "./icons";
import { Button, Skeleton } from "./ui";

export const HUB_SECTION = "on-the-hub";

interface Props {
  search: ReturnType<typeof useHubSearch>;
  words: string;
  selected: string | null;
}

export function HubBelow({ search, words, selected }: Props) {
  const { data, error, isFetching, retry } = search;
  return (
    <section
      id={HUB_SECTION}
      aria-labelledby={`${HUB_SECTION}-title`}
      className="border-t border-line pb-2"
    >
      <header className="flex h-9 items-center gap-3 px-4">
        <h2 id={`${HUB_SECTION}-title`} className="text-xs font-semibold text-ink-2">
          {S.hub.below}
        </h2>
        {data && <Freshness answer={data} isRefreshing={isFetching} />}
      </header>
      {error && !data && <Away error={error} onRetry={retry} />}
      {!data && !error && <Waiting />}
      {data?.models.length === 0 && (
        <p className="px-4 pb-2 text-ink-2">{S.hub.noResults(words)}</p>
      )}
      {data && <HubList models={data.models} selected={selected} />}
    </section>
  );
}

/** No answer of the Hub is no fault of the library: one quiet line. */
function Away({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const isOff = useStatus().data?.network.offline === true;
  const isSwitchedOff = isOff && error instanceof ApiError && error.code === "offline";
  return (
    <p className="flex items-center gap-2 px-4 pb-2 text-ink-2">
      <Icon name="cloudOff" size={14} />
      <span className="min-w-0 flex-1 break-words">
        {isSwitchedOff ? S.hub.notAsked : error.message}
      </span>
      {isSwitchedOff ? (
        <ToSettings />
      ) : (
        <Button look="quiet" icon="refresh" onPress={onRetry}>
          {S.retry}
        </Button>
      )}
    </p>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label={S.search.askingHub} className="space-y-3 px-4 pb-2">
      {[0, 1, 2].map((key) => (
        <Skeleton key={key} className="h-8" />
      ))}
    </div>
  );
}
