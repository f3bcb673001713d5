import * as format from "@/format";
import { useRelated } from "@/hooks/useModel";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { Freshness } from "./Freshness";
import { Foreign, Section } from "./ui";

/** What the repository of a model has besides what is held. Says nothing where there is nothing. */
export function RelatedFiles({ model }: { model: Model }) {
  const { data, isFetching } = useRelated(model.model_id);
  if (!data || data.related.length === 0) return null;
  return (
    <Section title={S.detail.related} aside={<Freshness answer={data} isRefreshing={isFetching} />}>
      <p className="mb-1 text-xs text-ink-3">{S.detail.relatedHint}</p>
      <ul>
        {data.related.map((file) => (
          <li key={file.path} className="flex h-6 items-center gap-3">
            <Foreign text={file.path} className="min-w-0 flex-1" />
            <span className="text-xs text-ink-3 tabular-nums">
              {file.size === null ? "" : format.bytes(file.size)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
