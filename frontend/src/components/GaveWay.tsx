/** Files of the user that gave way to links: back to their names, or gone for good. */
import { useState } from "react";
import * as format from "@/format";
import type { AppActions } from "@/hooks/useApps";
import { S } from "@/strings";
import type { Replaced } from "@/types/shapes";
import { Group } from "./Boxes";
import { Confirm } from "./Confirm";
import { Button, Foreign, IconButton, Visible } from "./ui";

interface Props {
  replaced: readonly Replaced[];
  actions: AppActions;
  isBusy: boolean;
}

/** What was only renamed lies beside its link under another name, and is the user's to delete. */
const RENAMED = "rename";

export function GaveWay({ replaced, actions, isBusy }: Props) {
  const [asking, setAsking] = useState<Replaced | null>(null);
  return (
    <>
      <Group
        name="gaveWay"
        icon="undo"
        tone="text-ink-2"
        items={replaced}
        aside={
          <Button icon="undo" isDisabled={isBusy} onPress={() => actions.back.mutate([])}>
            {S.apps.putAllBack}
          </Button>
        }
      >
        {(one) => {
          const name = format.baseName(one.target);
          return (
            <li
              key={one.kept}
              className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line/60 px-4 py-1.5 last:border-b-0"
            >
              <span className="min-w-48 flex-1">
                <Foreign text={one.target} />
                <Foreign text={one.kept} className="font-mono text-2xs text-ink-3" />
                {one.reason === RENAMED && (
                  <span className="block text-xs break-words text-ink-2">
                    <Visible text={S.apps.renamedHint(format.baseName(one.kept))} />
                  </span>
                )}
              </span>
              <span className="shrink-0 text-xs text-ink-2 tabular-nums">
                {S.apps.keptAs[one.reason] ?? one.reason} · {format.bytes(one.size)} ·{" "}
                {format.day(one.date)}
              </span>
              <Button
                aria-label={S.apps.putBackOf(name)}
                isDisabled={isBusy}
                onPress={() => actions.back.mutate([one.kept])}
              >
                {S.apps.putBack}
              </Button>
              {one.reason !== RENAMED && (
                <IconButton
                  icon="trash"
                  label={S.apps.purgeOf(name)}
                  isDisabled={isBusy}
                  onPress={() => setAsking(one)}
                />
              )}
            </li>
          );
        }}
      </Group>
      <Confirm
        isOpen={asking !== null}
        title={S.apps.purgeTitle(format.baseName(asking?.target ?? ""))}
        confirm={S.apps.purgeConfirm}
        danger
        onCancel={() => setAsking(null)}
        onConfirm={() => {
          if (asking) actions.purge.mutate([asking.kept]);
          setAsking(null);
        }}
      >
        <p>{S.apps.purgeText(format.bytes(asking?.size ?? 0))}</p>
      </Confirm>
    </>
  );
}
