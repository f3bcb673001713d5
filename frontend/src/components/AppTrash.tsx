/** Installed versions of apps that were removed: bring one back, or free its space. */
import { useState } from "react";
import * as format from "@/format";
import { useAppTrash, useAppTrashActions } from "@/hooks/useAppTrash";
import { S } from "@/strings";
import type { TrashedApp } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { Part } from "./Part";
import { TrashRow } from "./TrashRow";

export function AppTrash() {
  const { data: trash } = useAppTrash();
  const actions = useAppTrashActions();
  const [gone, setGone] = useState<TrashedApp | null>(null);
  if (!trash || trash.length === 0) return null;
  return (
    <Part title={S.trash.apps.title}>
      <ul>
        {trash.map((app) => (
          <TrashRow
            key={app.name}
            name={S.trash.apps.name(app.display, app.version)}
            detail={`${format.bytes(app.size)} · ${S.trash.deleted(format.day(app.deleted))}`}
            isRestoring={actions.restore.isPending}
            onRestore={() => actions.restore.mutate(app.name)}
            onPurge={() => setGone(app)}
          />
        ))}
      </ul>
      <Confirm
        isOpen={gone !== null}
        title={gone ? S.trash.purgeTitle(S.trash.apps.name(gone.display, gone.version)) : ""}
        confirm={S.trash.emptyConfirm}
        danger
        onCancel={() => setGone(null)}
        onConfirm={() => {
          if (gone) actions.purge.mutate(gone.name);
          setGone(null);
        }}
      >
        <p>{S.trash.apps.purgeText(format.bytes(gone?.size ?? 0))}</p>
      </Confirm>
    </Part>
  );
}
