/** The line above the list: how much was found, how fast, and how far the Hub is. */
import { Button as AriaButton } from "react-aria-components";
import * as format from "@/format";
import type { useHubSearch } from "@/hooks/useHub";
import type { Models } from "@/hooks/useModels";
import { S } from "@/strings";
import type { ModelList } from "@/types/shapes";
import { HUB_SECTION } from "./HubBelow";
import { Icon } from "./icons";
import { Visible } from "./ui";

export function LibrarySummary({
  models,
  hub,
}: {
  models: Models;
  hub: ReturnType<typeof useHubSearch> | null;
}) {
  const { head } = models;
  if (!head) return <div className="h-8 shrink-0" />;
  const total = head.total_is_exact ? S.models(head.total) : S.table.atLeast(S.models(head.total));
  return (
    <div
      role="status"
      className="flex h-8 shrink-0 items-center gap-3 px-4 text-xs text-ink-3 tabular-nums"
    >
      <span className="shrink-0">{S.search.took(total, head.took_ms)}</span>
      {head.total > 0 && <Misread warnings={head.warnings} />}
      {models.isRefreshing && <span>{S.search.refreshing}</span>}
      <span className="flex-1" />
      {hub && <HubSummary hub={hub} />}
    </div>
  );
}

/** What of the search was not understood; what is possible appears when it is pointed at. */
function Misread({ warnings }: { warnings: ModelList["warnings"] }) {
  const [first] = warnings;
  if (!first) return null;
  return (
    <span
      title={warnings.map(({ message, hint }) => format.sentences(message, hint)).join("\n")}
      className="flex min-w-0 items-center gap-1.5 text-warn"
    >
      <Icon name="warning" size={12} />
      <bdi className="truncate">
        <Visible text={first.message} />
      </bdi>
    </span>
  );
}

/** Below a long list nobody sees what the Hub has: this says it, and leads there. */
function HubSummary({ hub }: { hub: ReturnType<typeof useHubSearch> }) {
  if (!hub.data) return hub.error ? null : <span>{S.search.askingHub}</span>;
  const text = hub.isFetching ? S.search.askingHub : S.search.onHub(hub.data.models.length);
  return (
    <AriaButton
      aria-label={S.search.toHub(text)}
      onPress={() => document.getElementById(HUB_SECTION)?.scrollIntoView()}
      className="flex cursor-default items-center gap-1 rounded px-1 hover:bg-hover hover:text-ink"
    >
      {text}
      <Icon name="chevron" size={11} />
    </AriaButton>
  );
}
