/** Files of other programs that the library holds too: looked for on request, and nothing is changed here. */
import * as format from "@/format";
import { navigate } from "@/hooks/useLocation";
import { useComparison, useCopies } from "@/hooks/useStorage";
import { isOver } from "@/progress";
import { S } from "@/strings";
import type { Copies, Copy } from "@/types/shapes";
import { JobRow } from "./JobsDrawer";
import { Part } from "./Part";
import { Badge, Button, Empty, Failure, Foreign, Skeleton } from "./ui";

const MOST_SHOWN = 200;

export function OutsideCopies() {
  const { data, error, isFetching, refetch } = useCopies();
  const shown = data?.copies.slice(0, MOST_SHOWN) ?? [];
  return (
    <Part
      title={S.storage.copies}
      aside={
        <Button icon="search" isDisabled={isFetching} onPress={() => refetch()}>
          {isFetching ? S.storage.looking : data ? S.storage.again : S.storage.look}
        </Button>
      }
    >
      {error && <Failure error={error} onRetry={refetch} />}
      {!data && !error && !isFetching && (
        <p className="px-4 py-3 text-ink-2">{S.storage.copiesHint}</p>
      )}
      {!data && isFetching && <Skeleton className="h-14" />}
      {data?.copies.length === 0 && (
        <Empty
          icon="check"
          title={S.storage.none(format.bytes(data.smallest))}
          hint={S.storage.noneHint(data.folders.length)}
        />
      )}
      {data && data.copies.length > 0 && <Summary found={data} />}
      {shown.map((copy) => (
        <CopyRow key={copy.path} copy={copy} />
      ))}
      {data && data.copies.length > MOST_SHOWN && (
        <p className="px-4 py-2 text-ink-3">{S.storage.more(data.copies.length - MOST_SHOWN)}</p>
      )}
    </Part>
  );
}

/** A link of its app can take its place, and nothing speaks against it. */
const isLinkable = ({ target, compared }: Copy) => target !== null && compared !== false;

function Summary({ found }: { found: Copies }) {
  const linkable = found.copies.filter(isLinkable);
  const others = found.copies.filter(
    ({ target, compared }) => target === null && compared !== false,
  ).length;
  const freed = linkable.reduce((sum, copy) => sum + copy.size, 0);
  return (
    <div className="px-4 py-2.5">
      <p role="status" className="font-medium tabular-nums">
        {S.storage.found(found.copies.length, linkable.length, format.bytes(freed))}
      </p>
      {others > 0 && <p className="text-ink-2">{S.storage.onlyShown(others)}</p>}
      <p className="text-ink-2">{S.storage.smallest(format.bytes(found.smallest))}</p>
    </div>
  );
}

function CopyRow({ copy }: { copy: Copy }) {
  const { begin, job } = useComparison(copy.path);
  const isBusy = job !== undefined && !isOver(job);
  const { app_id, target, compared } = copy;
  return (
    <div className="px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-48 flex-1">
          <Foreign text={copy.path} className="font-mono text-xs" />
          <Foreign text={S.storage.same(copy.official_name)} className="text-xs text-ink-2" />
        </div>
        <span className="text-xs whitespace-nowrap text-ink-2 tabular-nums">
          {format.bytes(copy.size)}
        </span>
        <Certainty copy={copy} />
        {compared === null && (
          <Button
            aria-label={isBusy ? S.storage.comparingOf(copy.path) : S.storage.compareOf(copy.path)}
            isDisabled={begin.isPending || isBusy}
            onPress={() => begin.mutate(copy.path)}
          >
            {isBusy ? S.storage.comparing : S.storage.compare}
          </Button>
        )}
        {app_id !== null && target !== null && isLinkable(copy) && (
          <Button
            icon="link"
            aria-label={S.storage.linkOf(copy.path)}
            onPress={() =>
              navigate("/apps", new URLSearchParams({ app: app_id, conflict: target }))
            }
          >
            {S.storage.link}
          </Button>
        )}
      </div>
      {target === null && compared && (
        <p className="mt-1 text-xs text-ink-2">{S.storage.yoursToDelete}</p>
      )}
      {job && (isBusy || job.state === "failed") && (
        <ul className="mt-2 overflow-hidden rounded-md border border-line [&>li]:border-b-0">
          <JobRow job={job} />
        </ul>
      )}
      {begin.error && <Failure error={begin.error} />}
    </div>
  );
}

function Certainty({ copy: { certain, compared } }: { copy: Copy }) {
  if (compared === false) {
    return (
      <Badge tone="warn" title={S.storage.differsHint}>
        {S.storage.differs}
      </Badge>
    );
  }
  if (compared) {
    return (
      <Badge tone="good" icon="check" title={S.storage.provenHint}>
        {S.storage.proven}
      </Badge>
    );
  }
  return (
    <Badge
      tone={certain ? "good" : "neutral"}
      title={certain ? S.storage.certainHint : S.storage.likelyHint}
    >
      {certain ? S.storage.certain : S.storage.likely}
    </Badge>
  );
}
