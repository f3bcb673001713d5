/** What was deleted: models and removed apps, with a way back and one to free the space. */
import { useState } from "react";
import * as format from "@/format";
import { useAppTrash, useAppTrashActions } from "@/hooks/useAppTrash";
import { useHealthActions, useTrash } from "@/hooks/useHealthActions";
import { kindLabel, S } from "@/strings";
import type { Trashed, TrashedApp } from "@/types/shapes";
import { AppTrash } from "./AppTrash";
import { Confirm } from "./Confirm";
import { Part } from "./Part";
import { TrashRow } from "./TrashRow";
import { Button, Empty, Failure, Page, Skeleton } from "./ui";

const MOST_SHOWN = 500;

export function TrashPage() {
  const models = useTrash();
  const apps = useAppTrash();
  const error = models.error ?? apps.error;
  const isKnown = models.data !== undefined && apps.data !== undefined;
  const again = () => {
    models.refetch();
    apps.refetch();
  };
  return (
    <Page
      title={S.pages.trash}
      actions={isKnown && <EmptyAll models={models.data} apps={apps.data} />}
    >
      <div className="mx-auto h-full max-w-3xl space-y-8 p-6">
        {error && <Failure error={error} onRetry={again} />}
        {!isKnown && !error && <Skeleton className="h-24" />}
        {models.data?.length === 0 && apps.data?.length === 0 && (
          <Empty icon="trash" title={S.trash.nothing} hint={S.trash.nothingHint} />
        )}
        {models.data && models.data.length > 0 && <TrashedModels models={models.data} />}
        <AppTrash />
      </div>
    </Page>
  );
}

interface All {
  models: readonly Trashed[];
  apps: readonly TrashedApp[];
}

/** Free the space of everything in it. */
function EmptyAll({ models, apps }: All) {
  const [asking, setAsking] = useState(false);
  const { empty } = useHealthActions();
  const { purgeAll } = useAppTrashActions();
  const size = format.bytes(
    models.reduce((sum, one) => sum + one.frees, 0) + apps.reduce((sum, one) => sum + one.size, 0),
  );
  if (models.length + apps.length === 0) return null;
  return (
    <>
      <Button
        look="danger"
        icon="trash"
        isDisabled={empty.isPending || purgeAll.isPending}
        onPress={() => setAsking(true)}
      >
        {S.trash.empty(size)}
      </Button>
      <Confirm
        isOpen={asking}
        title={S.trash.emptyTitle}
        confirm={S.trash.emptyConfirm}
        danger
        onCancel={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          if (models.length > 0) empty.mutate();
          if (apps.length > 0) purgeAll.mutate();
        }}
      >
        <p>{S.trash.emptyText(models.length, apps.length, size)}</p>
      </Confirm>
    </>
  );
}

function TrashedModels({ models }: { models: readonly Trashed[] }) {
  const { restore, purge } = useHealthActions();
  const [gone, setGone] = useState<Trashed | null>(null);
  const size = models.reduce((sum, model) => sum + model.frees, 0);
  return (
    <Part
      title={S.trash.models}
      aside={
        <span className="text-xs text-ink-2 tabular-nums">
          {S.storage.total(models.length, format.bytes(size))}
        </span>
      }
    >
      <ul>
        {models.slice(0, MOST_SHOWN).map((model) => (
          <TrashRow
            key={model.path}
            name={model.official_name}
            detail={[
              kindLabel(model.kind, model.adapter_type),
              format.bytes(model.frees),
              S.trash.deleted(format.day(model.deleted)),
            ].join(" · ")}
            isRestoring={restore.isPending}
            onRestore={() => restore.mutate(model.model_id)}
            onPurge={() => setGone(model)}
          />
        ))}
      </ul>
      {models.length > MOST_SHOWN && (
        <p className="px-4 py-2 text-xs text-ink-3">
          {S.trash.notShown(models.length - MOST_SHOWN)}
        </p>
      )}
      <Confirm
        isOpen={gone !== null}
        title={S.trash.purgeTitle(gone?.official_name ?? "")}
        confirm={S.trash.emptyConfirm}
        danger
        onCancel={() => setGone(null)}
        onConfirm={() => {
          if (gone) purge.mutate(gone.model_id);
          setGone(null);
        }}
      >
        <p>{S.trash.emptyText(1, 0, format.bytes(gone?.frees ?? 0))}</p>
      </Confirm>
    </Part>
  );
}
