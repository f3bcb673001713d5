/** One model: what it is and why, its files, where it came from, and what a person says of it. */
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import type { Change } from "@/api/models";
import { useApps } from "@/hooks/useApps";
import { navigate } from "@/hooks/useLocation";
import { useEdit, useLinksOf, useModel } from "@/hooks/useModel";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { isRisky } from "./Badges";
import { Beside } from "./Beside";
import { ByHand, EditableText, EditableTokens } from "./Editable";
import { EvidenceTable } from "./Evidence";
import { FileList } from "./FileList";
import { Icon } from "./icons";
import { ModelHead } from "./ModelHead";
import { ModelOrigin } from "./ModelOrigin";
import { RelatedFiles } from "./RelatedFiles";
import { Button, Cut, Failure, Foreign, IconButton, Section, Skeleton, Visible } from "./ui";
import { VersionRanges } from "./VersionRanges";

interface Props {
  id: string;
  onClose: () => void;
  onDelete: (model: Model) => void;
  onVerify: (id: string) => void;
  onLookUp: (id: string) => void;
}

export function ModelDetail({ id, onClose, onDelete, onVerify, onLookUp }: Props) {
  const { data: model, error, refetch } = useModel(id);
  return (
    <Beside label={S.detail.label} onClose={onClose}>
      <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
        <Cut text={model?.model_id ?? id} className="min-w-0 flex-1 text-xs text-ink-3" />
        {model && (
          <>
            <IconButton icon="shieldCheck" label={S.batch.verify} onPress={() => onVerify(id)} />
            <IconButton icon="search" label={S.batch.lookUp} onPress={() => onLookUp(id)} />
            <IconButton icon="trash" label={S.batch.delete} onPress={() => onDelete(model)} />
          </>
        )}
        <IconButton icon="close" label={S.detail.close} onPress={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {error && <Failure error={error} onRetry={refetch} />}
        {!model && !error && <Loading />}
        {model && <Body key={model.model_id} model={model} onLookUp={onLookUp} />}
      </div>
    </Beside>
  );
}

function Loading() {
  return (
    <div className="space-y-3 p-4">
      <Skeleton className="h-5 w-2/3" />
      <Skeleton className="h-4 w-1/2" />
      <Skeleton className="h-32" />
    </div>
  );
}

function Body({ model, onLookUp }: { model: Model; onLookUp: (id: string) => void }) {
  const edit = useEdit(model.model_id);
  const change = (next: Change) => edit.mutate(next);
  return (
    <>
      <ModelHead model={model} change={change} onLookUp={onLookUp} />
      <Own model={model} change={change} />
      <Section title={S.detail.overview}>
        <EvidenceTable model={model} change={change} />
      </Section>
      <Security model={model} />
      <Section title={S.detail.files}>
        <FileList model={model} />
      </Section>
      <RelatedFiles model={model} />
      <ModelOrigin model={model} />
      <Links id={model.model_id} />
      <VersionRanges id={model.model_id} />
    </>
  );
}

interface PartProps {
  model: Model;
  change: (next: Change) => void;
}

/** What only a person can say. */
function Own({ model, change }: PartProps) {
  return (
    <div className="space-y-4 border-b border-line px-4 py-4">
      {(
        [
          ["tags", S.detail.addTag, model.tags],
          ["trigger_words", S.detail.addTriggerWord, model.trigger_words],
        ] as const
      ).map(([field, addLabel, values]) => (
        <Field key={field} field={field} model={model} change={change}>
          <EditableTokens
            label={S.fields[field] ?? field}
            values={values}
            addLabel={addLabel}
            onSave={(next) => change({ field, value: next })}
          />
        </Field>
      ))}
      {(
        [
          ["notes", S.detail.addNotes, model.notes],
          ["description", S.detail.addDescription, model.description],
        ] as const
      ).map(([field, placeholder, value]) => (
        <Field key={field} field={field} model={model} change={change}>
          <EditableText
            multiline
            label={S.fields[field] ?? field}
            value={value ?? ""}
            placeholder={placeholder}
            onSave={(text) => change({ field, value: text })}
          >
            {value && <Long text={value} />}
          </EditableText>
        </Field>
      ))}
    </div>
  );
}

interface FieldProps extends PartProps {
  field: string;
  children: React.ReactNode;
}

function Field({ field, model, change, children }: FieldProps) {
  const label = S.fields[field] ?? field;
  return (
    <div>
      <div className="mb-1 flex h-5 items-center justify-between">
        <h3 className="text-xs font-semibold text-ink-2">{label}</h3>
        <ByHand
          label={label}
          isSetByHand={model.user_set.includes(field)}
          onUnset={() => change({ field, value: null })}
        />
      </div>
      {children}
    </div>
  );
}

function Long({ text }: { text: string }) {
  return (
    <bdi className="line-clamp-6">
      <Visible text={text.slice(0, 2000)} />
    </bdi>
  );
}

function Security({ model }: { model: Model }) {
  const { tier, findings } = model.security;
  const [label, why] = S.tiers[tier];
  const color = isRisky(tier) ? "text-warn" : tier === "safe-format" ? "text-good" : "text-ink-2";
  return (
    <Section title={S.detail.security}>
      <div className="flex gap-2.5">
        <Icon name={isRisky(tier) ? "warning" : "shieldCheck"} className={`mt-0.5 ${color}`} />
        <div className="min-w-0">
          <p className="font-medium">{label}</p>
          <p className="text-ink-2">{why}</p>
          {findings.length > 0 && (
            <>
              <p className="mt-2 text-xs text-ink-3">{S.detail.findings}</p>
              <ul className="mt-0.5 font-mono text-xs break-all text-ink-2">
                {findings.slice(0, 20).map((finding) => (
                  <li key={finding}>
                    <Visible text={finding} />
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      </div>
    </Section>
  );
}

const FEW = 5;

function Links({ id }: { id: string }) {
  const { data: links, error } = useLinksOf(id);
  const { data: apps } = useApps();
  const [all, setAll] = useState(false);
  if (error) return null;
  const nameOf = (id: string) => apps?.find((app) => app.app_id === id)?.name ?? id;
  return (
    <Section title={S.detail.links}>
      {links?.length === 0 && <p className="text-ink-2">{S.detail.noLinks}</p>}
      {!links && <Skeleton className="h-4 w-1/2" />}
      <ul className="space-y-1">
        {(all ? links : links?.slice(0, FEW))?.map((link) => (
          <li key={link.path} className="flex items-start gap-2">
            <Icon name="link" size={13} className="mt-1 text-ink-3" />
            <AriaButton
              aria-label={S.detail.showApp(link.path, nameOf(link.app))}
              onPress={() => navigate("/apps", new URLSearchParams({ app: link.app }))}
              className="min-w-0 flex-1 cursor-default rounded text-left hover:underline"
            >
              <Foreign text={nameOf(link.app)} />
              <Foreign text={link.path} className="font-mono text-xs text-ink-2" />
            </AriaButton>
          </li>
        ))}
      </ul>
      {!all && links && links.length > FEW && (
        <Button look="quiet" className="mt-1" onPress={() => setAll(true)}>
          {S.facets.more(links.length - FEW)}
        </Button>
      )}
    </Section>
  );
}
