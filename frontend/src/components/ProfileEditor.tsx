/** The profile of an application: what goes where, changed with a view of what that would do. */
import {
  type Draft,
  isChanged,
  UNCHANGED,
  useProfileActions,
  useProfileDetail,
  useProfileDraft,
} from "@/hooks/useProfile";
import { useUnsaved } from "@/hooks/useUnsaved";
import { fieldProblem } from "@/profileProblem";
import { S } from "@/strings";
import type { App, AppPreview, ProfileDetail } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { ProfileConditions } from "./ProfileConditions";
import { ProfileEffect } from "./ProfileEffect";
import { ProfileHead } from "./ProfileHead";
import { ProfileRules } from "./ProfileRules";
import { Button, Failure, Skeleton } from "./ui";

interface Props {
  app: App;
  /** What the preview of the application says; nothing when it cannot be made. */
  preview: AppPreview | undefined;
}

export function ProfileEditor({ app, preview }: Props) {
  const guess = app.variant ? `${app.kind}+${app.variant}` : app.kind;
  const name = preview?.profile ?? guess;
  const { data: detail, error, refetch } = useProfileDetail(name);
  if (error && !detail) return <Failure error={error} onRetry={refetch} />;
  if (!detail) return <Skeleton className="mt-5 h-64" />;
  return <Editor key={detail.name} app={app} detail={detail} preview={preview} />;
}

interface EditorProps {
  app: App;
  detail: ProfileDetail;
  preview: AppPreview | undefined;
}

function Editor({ app, detail, preview }: EditorProps) {
  const { draft, setDraft, trial, isSettled } = useProfileDraft(detail.name, app.app_id);
  const actions = useProfileActions(app.app_id, () => setDraft(UNCHANGED));
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  // To look at the text is no change of it.
  const changed = isChanged(draft) && draft.text !== detail.text;
  const shown = (changed && trial.data?.profile) || detail;
  const unsaved = useUnsaved(changed);
  const error = changed ? trial.error : null;
  const problem = error && draft.text === null ? fieldProblem(error.message) : null;
  const isText = draft.text !== null || detail.error !== null;
  return (
    <div className="mt-5 space-y-4">
      <ProfileHead app={app} detail={detail} actions={actions} hasDraft={changed}>
        <Button
          icon={isText ? "table" : "edit"}
          className="h-8"
          isDisabled={detail.error !== null || (isText && changed && draft.text !== detail.text)}
          onPress={() =>
            isText ? setDraft(UNCHANGED) : setDraft({ ...UNCHANGED, text: shown.text })
          }
        >
          {isText ? S.profile.asForm : S.profile.asText}
        </Button>
      </ProfileHead>
      {detail.error && (
        <div role="alert" className="rounded-lg bg-bad-soft px-4 py-3">
          <p className="font-medium">{S.profile.invalid}</p>
          <p className="break-words text-ink-2">{detail.error.message}</p>
        </div>
      )}
      {isText ? (
        <TextForm
          value={draft.text ?? detail.text}
          onChange={(text) => setDraft({ ...UNCHANGED, text })}
        />
      ) : (
        <>
          <ProfileConditions
            detail={detail}
            draft={draft}
            problem={problem}
            cautions={((changed && trial.data?.preview) || preview)?.warnings ?? []}
            onChange={change}
          />
          <ProfileRules
            detail={detail}
            draft={draft}
            found={preview?.discovered ?? []}
            problem={problem}
            onChange={change}
          />
        </>
      )}
      <Confirm
        isOpen={unsaved.isAsking}
        title={S.profile.leaveTitle}
        confirm={S.profile.leaveConfirm}
        danger
        onCancel={unsaved.stay}
        onConfirm={unsaved.leave}
      >
        <p>{S.profile.leaveText}</p>
      </Confirm>
      <ProfileEffect
        app={app}
        detail={detail}
        draft={draft}
        trial={trial}
        isSettled={isSettled}
        actions={actions}
        hasChanges={changed}
        isTold={problem !== null}
        onDiscard={() => setDraft(UNCHANGED)}
      />
    </div>
  );
}

function TextForm({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  return (
    <section>
      <textarea
        aria-label={S.profile.text}
        value={value}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        className="h-80 w-full resize-y rounded-lg border border-line-strong bg-canvas p-3 font-mono text-xs leading-5 text-ink"
      />
      <p className="text-xs text-ink-3">{S.profile.textHint}</p>
    </section>
  );
}
