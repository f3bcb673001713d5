/** The filter of a profile: what holds for every model that an app gets. */
import { useState } from "react";
import { FieldError, Input, Label, Text, TextField } from "react-aria-components";
import { asked, idsOf } from "@/axes";
import type { Draft } from "@/hooks/useProfile";
import { doubtsOf, type FieldProblem } from "@/profileProblem";
import { S } from "@/strings";
import type { Caution, ProfileDetail } from "@/types/shapes";
import { Icon } from "./icons";

interface Props {
  detail: ProfileDetail;
  draft: Draft;
  problem: FieldProblem | null;
  /** What the preview with these conditions warns of. */
  cautions: readonly Caution[];
  onChange: (part: Partial<Draft>) => void;
}

export function ProfileConditions({ detail, draft, problem, cautions, onChange }: Props) {
  const set = (key: string, text: string) => {
    const { [key]: _, ...others } = draft.conditions;
    const isAsBefore = text === (detail.conditions[key] ?? "");
    onChange({ conditions: isAsBefore ? others : { ...others, [key]: text } });
  };
  const inherited = detail.inherited.map((conditions) =>
    Object.entries(conditions)
      .map(([key, value]) => `${S.profile.conditions[key] ?? key} ${asked(key, value)}`)
      .join(", "),
  );
  return (
    <section className="rounded-lg border border-line px-4 py-3">
      <h3 className="font-semibold">{S.profile.filters}</h3>
      <p className="text-xs text-ink-2">{S.profile.filtersHint}</p>
      {inherited.map((text) => (
        <p key={text} className="mt-1 text-xs break-words text-ink-2">
          {S.profile.inherited(text)}
        </p>
      ))}
      <div className="mt-3 grid grid-cols-2 gap-x-6 gap-y-3 max-xl:grid-cols-1">
        {Object.entries(S.profile.conditions).map(([key, label]) => (
          <Condition
            key={key}
            name={key}
            label={label}
            value={draft.conditions[key] ?? detail.conditions[key] ?? ""}
            problem={problem?.key === key ? problem.text : null}
            doubts={doubtsOf(key, draft.conditions[key] ?? detail.conditions[key] ?? "", cautions)}
            onChange={(text) => set(key, text)}
          />
        ))}
      </div>
    </section>
  );
}

interface ConditionProps {
  /** Its key in the file. */
  name: string;
  label: string;
  /** As the file has it. */
  value: string;
  problem: string | null;
  /** What of it can be so, and is probably not meant. */
  doubts: readonly string[];
  onChange: (value: string) => void;
}

/** What is typed stays as it is typed; ids are put for the names that people know. */
function Condition({ name, label, value, problem, doubts, onChange }: ConditionProps) {
  const [typed, setTyped] = useState(() => asked(name, value));
  const shown = idsOf(name, typed) === value ? typed : asked(name, value);
  return (
    <TextField
      value={shown}
      isInvalid={problem !== null}
      onChange={(text) => {
        setTyped(text);
        onChange(idsOf(name, text));
      }}
      className="grid grid-cols-[140px_1fr] content-start gap-x-2 max-sm:grid-cols-1"
    >
      <Label className="pt-2 text-xs text-ink-2 max-sm:pt-0 max-sm:pb-0.5">{label}</Label>
      <Input
        placeholder={S.profile.examples[name]}
        spellCheck={false}
        className="h-8 w-full min-w-0 rounded-md border border-line-strong bg-canvas px-2.5 text-ink invalid:border-bad placeholder:text-ink-3"
      />
      <Text slot="description" className="col-start-2 mt-0.5 text-xs text-ink-3 max-sm:col-start-1">
        {S.profile.fieldHints[name]}
        {doubts.map((doubt) => (
          <span key={doubt} className="flex gap-1.5 text-warn">
            <Icon name="warning" size={12} className="mt-0.5 shrink-0" />
            <span className="min-w-0 break-words">{doubt}</span>
          </span>
        ))}
      </Text>
      <FieldError className="col-start-2 text-xs break-words text-bad max-sm:col-start-1">
        {problem}
      </FieldError>
    </TextField>
  );
}
