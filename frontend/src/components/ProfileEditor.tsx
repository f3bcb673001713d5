/** The profile of an application: what goes where, changed with a view of what that would do. */
import { type ReactNode, useState } from "react";
import { Button as AriaButton, Checkbox, Input, Select, TextField } from "react-aria-components";
import { useAppActions, useIsBusy, useProfiles } from "@/hooks/useApps";
import {
  type Draft,
  isChanged,
  UNCHANGED,
  useProfileActions,
  useProfileDetail,
  useProfileDraft,
} from "@/hooks/useProfile";
import { S } from "@/strings";
import type { App, AppPreview, ProfileDetail } from "@/types/shapes";
import { AppGroups } from "./AppGroups";
import { Confirm } from "./Confirm";
import { Choices, Chosen } from "./Editable";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { ProfileRules } from "./ProfileRules";
import { Badge, Button, Failure, Foreign, Skeleton } from "./ui";

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
  return <Editor key={detail.name} app={app} detail={detail} found={preview?.discovered ?? []} />;
}

interface EditorProps {
  app: App;
  detail: ProfileDetail;
  found: AppPreview["discovered"];
}

function Editor({ app, detail, found }: EditorProps) {
  const { draft, setDraft, trial, isSettled } = useProfileDraft(detail.name, app.app_id);
  const actions = useProfileActions(app.app_id, () => setDraft(UNCHANGED));
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const changed = isChanged(draft);
  const shown = (changed && trial.data?.profile) || detail;
  const isText = draft.text !== null || detail.error !== null;
  return (
    <div className="mt-5 space-y-4">
      <Head app={app} detail={detail} actions={actions} hasDraft={changed}>
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
      </Head>
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
          <Conditions detail={detail} draft={draft} onChange={change} />
          <ProfileRules detail={detail} draft={draft} found={found} onChange={change} />
        </>
      )}
      <Effect
        app={app}
        detail={detail}
        draft={draft}
        trial={trial}
        isSettled={isSettled}
        actions={actions}
        onDiscard={() => setDraft(UNCHANGED)}
      />
    </div>
  );
}

type Actions = ReturnType<typeof useProfileActions>;

interface HeadProps {
  app: App;
  detail: ProfileDetail;
  actions: Actions;
  hasDraft: boolean;
  children: ReactNode;
}

function Head({ app, detail, actions, hasDraft, children }: HeadProps) {
  const [asking, setAsking] = useState(false);
  const [name, setName] = useState<string | null>(null);
  const profiles = useProfiles().data ?? [];
  const variants = profiles.filter((one) => one.app === app.kind && one.variant && !one.hidden);
  const options = [
    ["", S.profile.usual] as const,
    ...variants.map((one) => [one.variant, `${one.variant} (${one.display})`] as const),
  ];
  const isVariant = detail.variant !== "" && !detail.built_in;
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Select
        className="w-72"
        aria-label={S.profile.variant}
        selectedKey={app.variant}
        isDisabled={hasDraft}
        onSelectionChange={(key) => actions.variant.mutate(String(key))}
      >
        <p className="mb-1 text-xs font-semibold text-ink-2">{S.profile.variant}</p>
        <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover disabled:opacity-45">
          <Chosen />
          <Icon name="chevron" size={12} className="text-ink-3" />
        </AriaButton>
        <Choices options={options} />
      </Select>
      <Button icon="plus" className="h-8" isDisabled={hasDraft} onPress={() => setName("")}>
        {S.profile.begin}
      </Button>
      <div className="min-w-0 flex-1 pb-1.5">
        <Badge
          tone={detail.own ? "accent" : "neutral"}
          title={detail.own ? S.profile.ownHint : S.profile.builtInHint}
        >
          {detail.own ? S.profile.own : S.profile.builtIn}
        </Badge>
      </div>
      {children}
      {detail.own && (
        <Button icon="undo" className="h-8" onPress={() => setAsking(true)}>
          {isVariant ? S.profile.removeVariant : S.profile.remove}
        </Button>
      )}
      <Foreign text={detail.path} className="w-full font-mono text-xs text-ink-3" />
      <Confirm
        isOpen={asking}
        title={S.profile.removeTitle}
        confirm={S.profile.removeConfirm}
        danger
        onCancel={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          actions.remove.mutate({ name: detail.name, isUsed: isVariant });
        }}
      >
        <p>{S.profile.removeText}</p>
      </Confirm>
      <Confirm
        isOpen={name !== null}
        title={S.profile.beginTitle}
        confirm={S.profile.beginConfirm}
        onCancel={() => setName(null)}
        onConfirm={() => {
          if (name) actions.begin.mutate({ kind: app.kind, name });
          setName(null);
        }}
      >
        <p className="mb-3">{S.profile.beginHint}</p>
        <Field label={S.profile.beginName} value={name ?? ""} onChange={setName} />
      </Confirm>
    </div>
  );
}

interface FieldProps {
  label: string;
  value: string;
  placeholder?: string;
  onChange: (text: string) => void;
}

function Field({ label, value, placeholder, onChange }: FieldProps) {
  return (
    <TextField aria-label={label} value={value} onChange={onChange} className="w-full">
      <Input
        placeholder={placeholder}
        spellCheck={false}
        className="h-8 w-full rounded-md border border-line-strong bg-canvas px-2.5 text-ink placeholder:text-ink-3"
      />
    </TextField>
  );
}

interface FormProps {
  detail: ProfileDetail;
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

function Conditions({ detail, draft, onChange }: FormProps) {
  const set = (key: string, text: string) => {
    const { [key]: _, ...others } = draft.conditions;
    const isAsBefore = text === (detail.conditions[key] ?? "");
    onChange({ conditions: isAsBefore ? others : { ...others, [key]: text } });
  };
  const inherited = detail.inherited.map((asked) =>
    Object.entries(asked)
      .map(([key, value]) => `${S.profile.conditions[key] ?? key} ${value}`)
      .join(", "),
  );
  return (
    <section className="rounded-lg border border-line px-4 py-3">
      <h3 className="font-semibold">{S.profile.filters}</h3>
      <p className="text-xs text-ink-3">{S.profile.filtersHint}</p>
      {inherited.map((text) => (
        <p key={text} className="text-xs break-words text-ink-2">
          {S.profile.inherited(text)}
        </p>
      ))}
      <div className="mt-2 grid grid-cols-2 gap-x-6 gap-y-2 max-lg:grid-cols-1">
        {Object.entries(S.profile.conditions).map(([key, label]) => (
          <div key={key} className="grid grid-cols-[140px_1fr] items-center gap-2">
            <span className="text-xs text-ink-2">{label}</span>
            <Field
              label={label}
              value={draft.conditions[key] ?? detail.conditions[key] ?? ""}
              placeholder={S.profile.examples[key]}
              onChange={(text) => set(key, text)}
            />
          </div>
        ))}
      </div>
    </section>
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

interface EffectProps {
  app: App;
  detail: ProfileDetail;
  draft: Draft;
  trial: ReturnType<typeof useProfileDraft>["trial"];
  isSettled: boolean;
  actions: Actions;
  onDiscard: () => void;
}

/** What a sync would do with the draft, always in sight, and saving it. */
function Effect({ app, detail, draft, trial, isSettled, actions, onDiscard }: EffectProps) {
  const { sync } = useAppActions(app.app_id);
  const isBusy = useIsBusy(app.app_id);
  const [open, setOpen] = useState(false);
  const changed = isChanged(draft);
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
        <div role="status" className="min-w-0 flex-1">
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
          {changed && trial.error && <p className="break-words text-bad">{trial.error.message}</p>}
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
        <div className="relative max-h-72 overflow-auto">
          <AppGroups preview={preview} />
        </div>
      )}
    </div>
  );
}
