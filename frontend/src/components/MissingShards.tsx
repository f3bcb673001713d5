/** The shards that a model lacks, and the way to them. */
import * as format from "@/format";
import { useDownload } from "@/hooks/useHub";
import { useRelated } from "@/hooks/useModel";
import { bytesOf, missingDownload } from "@/importing";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { Button, Skeleton } from "./ui";

interface Props {
  model: Pick<Model, "model_id" | "missing_files">;
  onLookUp?: (id: string) => void;
}

export function MissingShards({ model, onLookUp }: Props) {
  const { data, error } = useRelated(model.model_id);
  const fetching = useDownload();
  if (!data && !error) return <Skeleton className="h-7 w-48" />;
  const wanted = data && missingDownload(data);
  if (!wanted) {
    return (
      <p className="flex items-center gap-2">
        <span className="min-w-0 flex-1">{error?.message ?? S.detail.missingNowhere}</span>
        {onLookUp && !error && (
          <Button icon="search" onPress={() => onLookUp(model.model_id)}>
            {S.batch.lookUp}
          </Button>
        )}
      </p>
    );
  }
  return (
    <Button
      icon="downloads"
      isDisabled={fetching.isPending || fetching.isSuccess}
      onPress={() => fetching.mutate(wanted)}
    >
      {S.detail.downloadMissing(data.missing.length, format.bytes(bytesOf(data.missing)))}
    </Button>
  );
}
