/** What a sync would do with a draft of a profile, always in sight, and saving it. */
import { useState } from "react";
import { Checkbox } from "react-aria-components";
import { useAppActions, useIsBusy } from "@/hooks/useApps";
import type { Draft, ProfileActions, ProfileTrial } from "@/hooks/useProfile";
import { S } from "@/strings";
import type { App, ProfileDetail } from "@/types/shapes";
import { AppGroups } from "./AppGroups";
import { Tick } from "./Facets";
import { Button } from "./ui";

interface Props {
  app: App;
  detail: ProfileDetail;
  draft: Draft;
  trial: ProfileTrial;
  isSettled: boolean;
  actions: ProfileActions;
  hasChanges: boolean;
  /** Its error is told beside the field that it is about. */
  isTold: boolean;
  onDiscard: () => void;
}

/** Pixels of a window in which the fields and what they change can be seen together. */
const ROOMY = 768;

export function ProfileEffect({
  app,
  detail,
  draft,
  trial,
  isSettled,
  actions,
  hasChanges: changed,
  isTold,
  onDiscard,
}: Props) {
  const { sync } = useAppActions(app.app_id);
  const isBusy = useIsBusy(app.app_id);
  const [open, setOpen] = useState(() => window.innerWidth >= ROOMY);
  const preview = changed && !trial.error ? trial.data?.preview : undefined;
  const canSave = changed && isSettled && !trial.error && !actions.save.isPending && !isBusy;
  const save = (andSync: boolean) =>
    actions.save.mutate(
      { name: detail.name, draft, revision: detail.revision },
      { onSuccess: () => andSync && sync.mutate({ prune: true }) },
    );
  return (
    <div className="sticky bottom-0 -mx-6 border-t border-line bg-chrome px-6 py-3 max-md:-mx-3 max-md:px-3">
      <div className="flex flex-wrap items-center gap-3">
        <div role="status" className="min-w-60 flex-1">
          {!changed && <p className="text-ink-3">{S.profile.effectNone}</p>}
          {changed && !trial.error && (
            <>
              <p className="text-xs text-ink-3">{S.profile.effect}</p>
              <p className="font-medium tabular-nums">
                {preview
                  ? S.profile.counts(
                      preview.create.length,
                      preview.remove.length,
                      preview.excluded.length,
                    )
                  : S.profile.looking}
              </p>
            </>
          )}
          {changed && trial.error && (
            <p className="break-words text-bad">
              {isTold ? S.profile.seeField : trial.error.message}
            </p>
          )}
        </div>
        {preview && (
          <Checkbox
            isSelected={open}
            onChange={setOpen}
            className="group flex items-center gap-2 text-xs"
          >
            <Tick />
            {S.profile.details}
          </Checkbox>
        )}
        <Button isDisabled={!changed} onPress={onDiscard}>
          {S.profile.discard}
        </Button>
        <Button isDisabled={!canSave} onPress={() => save(false)}>
          {S.profile.save}
        </Button>
        <Button look="primary" icon="link" isDisabled={!canSave} onPress={() => save(true)}>
          {S.profile.saveAndSync}
        </Button>
      </div>
      {preview && open && (
        <div className="relative max-h-[35vh] overflow-auto">
          <AppGroups preview={preview} />
        </div>
      )}
    </div>
  );
}
