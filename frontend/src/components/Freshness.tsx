import * as format from "@/format";
import { S } from "@/strings";
import { Icon } from "./icons";
import { Badge } from "./ui";

interface Props {
  answer: { freshness: string; age: number };
  isRefreshing: boolean;
}

/** Whether an answer is from the provider just now, or from before. */
export function Freshness({ answer, isRefreshing }: Props) {
  if (isRefreshing) {
    return (
      <span role="status" className="flex shrink-0 items-center gap-1.5 text-xs text-ink-3">
        <Icon name="refresh" size={12} className="animate-turn" />
        {S.search.refreshing}
      </span>
    );
  }
  if (answer.freshness === "live") return null;
  const ago = S.hub.ago(format.roughDuration(answer.age));
  const isStale = answer.freshness === "stale";
  return (
    <Badge tone={isStale ? "warn" : "neutral"} title={isStale ? S.hub.staleHint : S.hub.cachedHint}>
      {S.hub.cached} · {ago}
    </Badge>
  );
}
