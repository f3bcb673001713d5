/** What a model is, field by field, with how it is known and how sure that is. */
import type { Change } from "@/api/models";
import { wholeSize } from "@/axes";
import * as format from "@/format";
import { S } from "@/strings";
import { familyLabel, familyNamed } from "@/strings/families";
import names from "@/strings/names.json";
import type { Model } from "@/types/shapes";
import { ByHand, EditableChoice, EditableText } from "./Editable";
import { Foreign, Visible } from "./ui";

interface Props {
  model: Model;
  change: (next: Change) => void;
}

const FIELDS = [
  "kind",
  "adapter_type",
  "family",
  "variant",
  "lineage",
  "precision",
  "container",
] as const;
type FieldName = (typeof FIELDS)[number];
const MEASURED: readonly FieldName[] = ["precision", "container"];

export function EvidenceTable({ model, change }: Props) {
  const shown = FIELDS.filter((name) => model[name] !== null || name === "variant");
  return (
    <table className="w-full table-fixed">
      <colgroup>
        <col className="w-25" />
        <col />
      </colgroup>
      <tbody>
        {shown.map((name) => (
          <tr key={name} className="align-top">
            <th scope="row" className="py-1 text-left font-normal text-ink-3">
              {S.fields[name]}
            </th>
            <td className="py-1">
              <div className="flex min-h-5 items-center justify-between gap-2">
                <div className="min-w-0 flex-1">
                  <Value name={name} model={model} change={change} />
                </div>
                <ByHand
                  label={S.fields[name] ?? name}
                  isSetByHand={model.user_set.includes(name)}
                  onUnset={() => change({ field: name, value: null })}
                />
              </div>
              <Because name={name} model={model} />
            </td>
          </tr>
        ))}
        <Plain name={S.detail.sizeOf} value={wholeSize(model.size, model.files.length)} />
        {model.parameter_count !== null && (
          <Plain name={S.detail.parameters} value={format.parameters(model.parameter_count)} />
        )}
      </tbody>
    </table>
  );
}

function Plain({ name, value }: { name: string; value: string }) {
  return (
    <tr>
      <th scope="row" className="py-1 text-left font-normal text-ink-3">
        {name}
      </th>
      <td className="py-1 tabular-nums">{value}</td>
    </tr>
  );
}

function Value({ name, model, change }: Props & { name: FieldName }) {
  const value = model[name] ?? "";
  const label = S.fields[name] ?? name;
  if (name === "container") return <span>{S.containers[value] ?? value}</span>;
  if (MEASURED.includes(name)) return <Foreign text={value} />;
  if (name === "kind" || name === "adapter_type") {
    return (
      <EditableChoice
        label={label}
        value={value}
        options={Object.entries(names[name])}
        onSave={(next) => change({ field: name, value: next })}
      />
    );
  }
  return (
    <EditableText
      label={label}
      value={labelOf(name, value)}
      placeholder="–"
      onSave={(next) =>
        change({ field: name, value: name === "family" ? familyNamed(next) : next })
      }
    />
  );
}

function labelOf(name: FieldName, value: string): string {
  if (name === "family") return familyLabel(value);
  return name === "kind" || name === "adapter_type" ? (S.kinds[value] ?? value) : value;
}

/** How it is known, and what was found when a person said otherwise. */
function Because({ name, model }: { name: FieldName; model: Model }) {
  const automatic = model.automatic[name];
  if (automatic) {
    const found = automatic.value === null ? S.none : labelOf(name, String(automatic.value));
    return (
      <p className="text-xs break-words text-ink-3">
        <Visible text={S.detail.automatic(found)} />
      </p>
    );
  }
  const evidence = model.evidence[name];
  if (!evidence || evidence.method === "user") return null;
  return (
    <p className="flex items-center gap-2 text-xs text-ink-3">
      <Confidence value={evidence.confidence} />
      <span className="truncate" title={S.methods[evidence.method]}>
        {S.methods[evidence.method]}
      </span>
      <span className="-ml-1 shrink-0">· {format.percent(evidence.confidence)}</span>
    </p>
  );
}

const STEPS = [0.3, 0.6, 0.9];

/** Three bars, as many full as it is sure; the number stands beside it. */
function Confidence({ value }: { value: number }) {
  return (
    <span aria-hidden="true" className="flex items-end gap-px">
      {STEPS.map((step, index) => (
        <span
          key={step}
          style={{ height: 4 + index * 3 }}
          className={`w-1 rounded-[1px] ${value >= step ? "bg-accent" : "bg-line-strong"}`}
        />
      ))}
    </span>
  );
}
