/** Installed versions of apps that were removed: bring one back, or free its space. */
import { useState } from "react";
import * as format from "@/format";
import { useAppTrash, useAppTrashActions } from "@/hooks/useAppTrash";
import { S } from "@/strings";
import type { TrashedApp } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { Part } from "./HealthPart";
import { Button, Foreign, IconButton } from "./ui";

export function AppTrash() {
  const { data: trash } = useAppTrash();
  const actions = useAppTrashActions();
  const [gone, setGone] = useState<TrashedApp | null>(null);
  if (!trash || trash.length === 0) return null;
  return (
    <Part title={S.trash.apps.title}>
      <ul>
        {trash.map((app) => {
          const name = S.trash.apps.name(app.display, app.version);
          return (
            <li
              key={app.name}
              className="flex min-h-11 flex-wrap items-center gap-x-4 border-b border-line/60 px-4 py-1 last:border-b-0"
            >
              <Foreign text={name} className="min-w-40 flex-1 font-medium" />
              <span className="text-xs text-ink-2 tabular-nums">
                {format.bytes(app.size)} · {S.trash.deleted(format.day(app.deleted))}
              </span>
              <Button
                icon="undo"
                aria-label={S.trash.restoreOf(name)}
                isDisabled={actions.restore.isPending}
                onPress={() => actions.restore.mutate(app.name)}
              >
                {S.trash.restore}
              </Button>
              <IconButton
                icon="trash"
                size={14}
                label={S.trash.purgeOf(name)}
                onPress={() => setGone(app)}
              />
            </li>
          );
        })}
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
