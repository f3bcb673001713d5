/** Folders of other programs with models on this machine: a click looks into one. */
import * as format from "@/format";
import { useFoundFolders } from "@/hooks/useFirstRun";
import { openImport } from "@/hooks/useOpenedImport";
import { S } from "@/strings";
import type { FoundFolder } from "@/types/shapes";
import { Icon } from "./icons";
import { Button, Failure, Foreign, Skeleton } from "./ui";

export function FoundFolders() {
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
