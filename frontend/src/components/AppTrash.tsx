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
    <Part title={S.health.apps.title}>
      <ul>
        {trash.map((app) => {
          const name = S.health.apps.name(app.display, app.version);
          return (
            <li
              key={app.name}
              className="flex h-11 items-center gap-4 border-b border-line/60 px-4 last:border-b-0"
            >
              <Foreign text={name} className="min-w-0 flex-1 font-medium" />
              <span className="text-xs text-ink-2 tabular-nums">
                {format.bytes(app.size)} · {format.day(app.deleted)}
              </span>
              <Button
                icon="undo"
                aria-label={S.health.restoreOf(name)}
                isDisabled={actions.restore.isPending}
                onPress={() => actions.restore.mutate(app.name)}
              >
                {S.health.restore}
              </Button>
              <IconButton
                icon="trash"
                size={14}
                label={S.health.purgeOf(name)}
                onPress={() => setGone(app)}
              />
            </li>
          );
        })}
      </ul>
      <Confirm
        isOpen={gone !== null}
        title={gone ? S.health.purgeTitle(S.health.apps.name(gone.display, gone.version)) : ""}
        confirm={S.health.emptyConfirm}
        danger
        onCancel={() => setGone(null)}
        onConfirm={() => {
          if (gone) actions.purge.mutate(gone.name);
          setGone(null);
        }}
      >
        <p>{S.health.apps.purgeText(format.bytes(gone?.size ?? 0))}</p>
      </Confirm>
    </Part>
  );
}
