/** What the repository of a model has besides what is held, and the way to it. */
import { useState } from "react";
import * as format from "@/format";
import { useDownload } from "@/hooks/useHub";
import { setParameters } from "@/hooks/useLocation";
import { useRelated } from "@/hooks/useModel";
import { bytesOf, fetchable, relatedDownload } from "@/importing";
import { S } from "@/strings";
import type { Model, Related, RemoteFile } from "@/types/shapes";
import { Freshness } from "./Freshness";
import { Button, Foreign, IconButton, Section } from "./ui";

/** Says nothing where no repository is known. */
export function RelatedFiles({ model }: { model: Model }) {
  const { data, isFetching } = useRelated(model.model_id);
  if (!data?.repo) return null;
  const { repo } = data;
  return (
    <Section title={S.detail.related} aside={<Freshness answer={data} isRefreshing={isFetching} />}>
      {data.related.length > 0 && <Files key={repo} model={model} found={data} />}
      <Button
        look="quiet"
        icon="search"
        className="-ml-2.5"
        onPress={() => setParameters({ repo, model: "" })}
      >
        {S.detail.showRepository}
      </Button>
    </Section>
  );
}

interface FilesProps {
  model: Model;
  found: Related;
}

function Files({ model, found }: FilesProps) {
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const fetching = useDownload();
  const isReferenced = model.reference !== null;
  const ready = fetchable(found.related, isReferenced).filter(({ path }) => !asked.has(path));
  const offered = new Set(ready.map(({ path }) => path));
  const fetch = (files: readonly RemoteFile[]) => {
    const wanted = relatedDownload(found, files, isReferenced ? null : model.model_id);
    if (wanted === null) return;
    setAsked(new Set([...asked, ...files.map(({ path }) => path)]));
    fetching.mutate(wanted, { onError: () => setAsked(asked) });
  };
  return (
    <>
      <p className="mb-1 text-xs text-ink-3">
        {isReferenced ? S.detail.relatedReferenced : S.detail.relatedHint}
      </p>
      <ul className="mb-2">
        {found.related.map((file) => (
          <li key={file.path} className="flex h-7 items-center gap-2">
            <Foreign text={file.path} className="min-w-0 flex-1" />
            <span className="text-xs text-ink-3 tabular-nums">
              {file.size === null ? "" : format.bytes(file.size)}
            </span>
            <span className="flex size-6 shrink-0">
              {offered.has(file.path) && (
                <IconButton
                  icon="import"
                  size={13}
                  className="size-6"
                  label={S.detail.downloadOf(file.path)}
                  onPress={() => fetch([file])}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
      {ready.length > 1 && (
        <Button icon="downloads" className="mb-1 w-full" onPress={() => fetch(ready)}>
          {S.detail.downloadRelated(ready.length, format.bytes(bytesOf(ready)))}
        </Button>
      )}
    </>
  );
}
