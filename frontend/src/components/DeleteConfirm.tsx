/** The question before models go to the trash: which ones, what apps lose by it, and how they come back. */
import { wholeSize } from "@/axes";
import * as format from "@/format";
import { useAppsOf } from "@/hooks/useModel";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { Foreign, Visible } from "./ui";

/** Models that are named; the others are counted. */
const NAMED = 5;

interface Props {
  models: readonly Model[];
  onConfirm: () => void;
  onCancel: () => void;
}

export function DeleteConfirm({ models, onConfirm, onCancel }: Props) {
  const size = models.reduce((sum, model) => sum + model.size, 0);
  return (
    <Confirm
      isOpen
      title={S.batch.deleteTitle(models.length)}
      confirm={S.batch.deleteConfirm}
      danger
      onConfirm={onConfirm}
      onCancel={onCancel}
    >
      <ul className="mb-3 rounded-md border border-line px-3 py-1.5">
        {models.slice(0, NAMED).map((model) => (
          <li key={model.model_id} className="flex gap-3">
            <Foreign text={model.official_name} className="min-w-0 flex-1 font-medium text-ink" />
            <span className="shrink-0 tabular-nums">
              {wholeSize(model.size, model.files.length)}
            </span>
          </li>
        ))}
        {models.length > NAMED && (
          <li className="flex gap-3">
            <span className="flex-1">{S.batch.andMore(models.length - NAMED)}</span>
            <span className="shrink-0 tabular-nums">{S.batch.inAll(format.bytes(size))}</span>
          </li>
        )}
      </ul>
      <div className="space-y-2">
        <p>
          <Links models={models} />
        </p>
        <p>{S.batch.deleteText(models.length)}</p>
        {models.some((model) => model.reference !== null) && <p>{S.batch.deleteReferenced}</p>}
      </div>
    </Confirm>
  );
}

/** Until it is known which apps have links, only that links go. */
function Links({ models }: Pick<Props, "models">) {
  const { data: apps } = useAppsOf(models.map((model) => model.model_id));
  if (apps === undefined) return S.batch.deleteLinks;
  if (apps.length === 0) return S.batch.deleteUnlinked(models.length);
  return <Visible text={S.batch.deleteLinked(format.list(apps), apps.length, models.length)} />;
}
