/** The rules of a profile, a line for each directory; they are switched on and off, and more are added. */
import { useState } from "react";
import { Button as AriaButton, Checkbox, Input, Select, TextField } from "react-aria-components";
import { asked } from "@/axes";
import type { Draft } from "@/hooks/useProfile";
import type { FieldProblem } from "@/profileProblem";
import { kindLabel, S } from "@/strings";
import type { AppPreview, ProfileDetail, Rule } from "@/types/shapes";
import { Choices, Chosen } from "./Editable";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { Badge, Button, Foreign, IconButton } from "./ui";

interface Props {
  detail: ProfileDetail;
  draft: Draft;
  found: AppPreview["discovered"];
  problem: FieldProblem | null;
  onChange: (part: Partial<Draft>) => void;
}

export function ProfileRules({ detail, draft, found, problem, onChange }: Props) {
  const targets = [...new Set(detail.rules.map((rule) => rule.target))];
  const toggle = (target: string, isOff: boolean, to: boolean) => {
    const without = (list: readonly string[]) => list.filter((one) => one !== target);
    const off = without(draft.off);
    const on = without(draft.on);
    if (to && isOff) on.push(target);
    if (!to && !isOff) off.push(target);
    onChange({ off, on });
  };
  const drop = (target: string, isOff: boolean) => {
    const isDropped = draft.drop.includes(target);
    onChange({
      drop: isDropped ? draft.drop.filter((one) => one !== target) : [...draft.drop, target],
      off: draft.off.filter((one) => one !== target),
      // A folder that has no rule any more cannot be switched off.
      on: [...draft.on.filter((one) => one !== target), ...(isOff && !isDropped ? [target] : [])],
    });
  };
  return (
    <section className="rounded-lg border border-line">
      <div className="border-b border-line px-4 py-3">
        <h3 className="font-semibold">{S.profile.rules}</h3>
        <p className="text-xs text-ink-2">{S.profile.rulesHint}</p>
      </div>
      <ul>
        {targets.map((target) => (
          <Target
            key={target}
            target={target}
            rules={detail.rules.filter((rule) => rule.target === target)}
            draft={draft}
            onToggle={toggle}
            onDrop={drop}
          />
        ))}
        {draft.rules.map((word) => (
          <NewRule
            key={word}
            word={word}
            problem={
              problem?.key === "rule" && word.startsWith(`${problem.value}=`) ? problem.text : null
            }
            onTake={() => onChange({ rules: draft.rules.filter((one) => one !== word) })}
          />
        ))}
      </ul>
      <AddRule
        found={found.filter(
          (one) => !draft.rules.some((word) => word.startsWith(`${one.directory}=`)),
        )}
        onAdd={(word) => onChange({ rules: [...draft.rules, word] })}
      />
    </section>
  );
}

interface TargetProps {
  target: string;
  rules: readonly Rule[];
  draft: Draft;
  onToggle: (target: string, isOff: boolean, to: boolean) => void;
  onDrop: (target: string, isOff: boolean) => void;
}

const ROW =
  "flex min-h-9 items-center gap-x-3 border-b border-line/60 px-4 py-1 last:border-b-0 max-sm:flex-wrap";
const DIRECTORY = "w-[32%] shrink-0 font-mono text-xs max-sm:w-auto max-sm:flex-1";

function Target({ target, rules, draft, onToggle, onDrop }: TargetProps) {
  const isOff = rules.every((rule) => rule.off);
  const isHere = rules.some((rule) => rule.off_here);
  const isOwn = rules.some((rule) => rule.own);
  const isDropped = draft.drop.includes(target);
  const isOn = isOff ? draft.on.includes(target) : !draft.off.includes(target);
  const kinds = [...new Set(rules.flatMap((rule) => rule.kinds))];
  const asks = [...new Set(rules.map(asksOf).filter(Boolean))].join(" · ");
  return (
    <li className={`${ROW} ${isDropped ? "text-ink-3 line-through" : ""}`}>
      <Checkbox
        aria-label={S.profile.on(target)}
        isSelected={isOn && !isDropped}
        isDisabled={isDropped || (isOff && !isHere)}
        onChange={(to) => onToggle(target, isOff, to)}
        className="group relative shrink-0 disabled:opacity-45"
      >
        <Tick />
      </Checkbox>
      <Foreign text={target} className={DIRECTORY} />
      <span className={`w-[26%] shrink-0 truncate max-sm:w-auto ${isOn ? "" : "text-ink-3"}`}>
        {kinds.map((kind) => kindLabel(kind)).join(", ")}
      </span>
      <Foreign
        text={isOff && !isHere ? S.profile.offAbove : asks}
        className="min-w-0 flex-1 text-xs text-ink-3"
      />
      {isOwn && <Badge tone="accent">{isDropped ? S.profile.dropped : S.profile.own}</Badge>}
      {isOwn && (
        <IconButton
          icon={isDropped ? "undo" : "trash"}
          size={13}
          className="size-6"
          label={S.profile.drop(target)}
          onPress={() => onDrop(target, isOff)}
        />
      )}
    </li>
  );
}

function asksOf(rule: Rule): string {
  const parts = Object.entries(rule.asks).map(
    ([key, value]) => `${S.profile.asks[key] ?? key} ${asked(key, value)}`,
  );
  if (rule.if_exists) parts.push(S.profile.onlyThere);
  return parts.join(", ");
}

interface NewRuleProps {
  word: string;
  problem: string | null;
  onTake: () => void;
}

function NewRule({ word, problem, onTake }: NewRuleProps) {
  const cut = word.lastIndexOf("=");
  const target = word.slice(0, cut);
  const kinds = word.slice(cut + 1).split(",");
  return (
    <li className={ROW}>
      <Icon name="plus" size={13} className="text-good" />
      <Foreign text={target} className={DIRECTORY} />
      <span className="min-w-0 flex-1 truncate">
        {kinds.map((kind) => kindLabel(kind)).join(", ")}
      </span>
      {problem ? (
        <span role="alert" className="text-xs text-bad">
          {problem}
        </span>
      ) : (
        <Badge tone="good">{S.profile.added}</Badge>
      )}
      <IconButton
        icon="close"
        size={13}
        className="size-6"
        label={S.profile.drop(target)}
        onPress={onTake}
      />
    </li>
  );
}

const KINDS = Object.entries(S.kinds).slice(0, Object.keys(S.kinds).indexOf("unknown"));

interface AddProps {
  found: AppPreview["discovered"];
  onAdd: (word: string) => void;
}

function AddRule({ found, onAdd }: AddProps) {
  const [target, setTarget] = useState("");
  const [kind, setKind] = useState<string | null>(null);
  const add = () => {
    if (kind === null) return;
    onAdd(`${target.trim().replace(/\/+$/, "")}=${kind}`);
    setTarget("");
    setKind(null);
  };
  return (
    <div className="border-t border-line px-4 py-3">
      <h4 className="mb-1.5 text-xs font-semibold text-ink-2">{S.profile.addRule}</h4>
      {found.length > 0 && (
        <div className="mb-2 flex flex-wrap items-center gap-1.5">
          <span className="text-xs text-ink-3">{S.profile.there}</span>
          {found.map((one) => (
            <Button
              key={one.directory}
              aria-label={S.profile.discovered(one.directory)}
              className="h-6 max-w-full font-mono text-xs"
              onPress={() =>
                one.known
                  ? onAdd(`${one.directory}=${one.kinds.join(",")}`)
                  : setTarget(one.directory)
              }
            >
              {one.directory}
            </Button>
          ))}
        </div>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <TextField
          aria-label={S.profile.addTarget}
          value={target}
          onChange={setTarget}
          className="min-w-48 flex-1"
        >
          <Input
            placeholder={S.profile.addTarget}
            spellCheck={false}
            className="h-8 w-full rounded-md border border-line-strong bg-canvas px-2.5 placeholder:text-ink-3"
          />
        </TextField>
        <Select
          aria-label={S.profile.addKind}
          placeholder={S.profile.addKind}
          selectedKey={kind}
          onSelectionChange={(key) => setKind(key === null ? null : String(key))}
          className="w-52"
        >
          <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover">
            <Chosen />
            <Icon name="chevron" size={12} className="text-ink-3" />
          </AriaButton>
          <Choices options={KINDS} />
        </Select>
        <Button
          icon="plus"
          className="h-8"
          isDisabled={kind === null || target.trim() === ""}
          onPress={add}
        >
          {S.profile.add}
        </Button>
      </div>
    </div>
  );
}
