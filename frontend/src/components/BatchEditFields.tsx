/** What can be said of many models, a row for each field, and what they are now where nothing is said. */
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Checkbox,
  ComboBox,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  TextField,
  ToggleButton,
} from "react-aria-components";
import { type Draft, now, setByHand, tagsOf } from "@/batchEdit";
import * as format from "@/format";
import { S } from "@/strings";
import { families } from "@/strings/families";
import type { Model } from "@/types/shapes";
import { Choices, Chosen } from "./Editable";
import { Tick } from "./Facets";
import { Icon } from "./icons";
import { Visible } from "./ui";

interface PartProps {
  models: readonly Model[];
  draft: Draft;
  say: (next: Partial<Draft>) => void;
}

export function BatchEditFields({ models, draft, say }: PartProps) {
  const row = { models, draft, say };
  return (
    <div className="grid grid-cols-[96px_1fr] gap-x-3 gap-y-3">
      <Tags {...row} />
      <Row {...row} field="kind">
        <Kind {...row} />
      </Row>
      <Row {...row} field="family">
        <Family {...row} />
      </Row>
      <Row {...row} field="license">
        <Text
          label={S.fields.license ?? ""}
          value={draft.license}
          placeholder={S.batch.leave(now(models, "license"))}
          isDisabled={draft.unset.has("license")}
          onChange={(license) => say({ license })}
        />
      </Row>
    </div>
  );
}

interface RowProps extends PartProps {
  /** Of the model. */
  field: "tags" | "kind" | "family" | "license";
  label?: string;
  children: ReactNode;
}

/** A field with its name, and the way back to what was found where some of them were set by hand. */
function Row({ models, draft, say, field, label = S.fields[field], children }: RowProps) {
  const count = setByHand(models, field);
  const toggle = (isSelected: boolean) => {
    const unset = new Set(draft.unset);
    if (isSelected) unset.add(field);
    else unset.delete(field);
    say({ unset });
  };
  return (
    <>
      <span aria-hidden="true" className="pt-1.5 text-xs font-semibold text-ink-2">
        {label}
      </span>
      <div className="min-w-0">
        {children}
        {count > 0 && (
          <Checkbox
            isSelected={draft.unset.has(field)}
            onChange={toggle}
            className="group mt-1.5 flex items-start gap-2 text-xs text-ink-2"
          >
            <span className="flex h-4 items-center">
              <Tick />
            </span>
            {S.batch.findAgain(count)}
          </Checkbox>
        )}
      </div>
    </>
  );
}

const FIELD =
  "h-8 w-full rounded-md border border-line-strong bg-canvas px-2.5 outline-none placeholder:text-ink-3 focus:border-accent disabled:opacity-45";

interface TextProps {
  label: string;
  value: string;
  placeholder: string;
  isDisabled: boolean;
  autoFocus?: boolean;
  onChange: (text: string) => void;
}

function Text({ label, placeholder, ...rest }: TextProps) {
  return (
    <TextField aria-label={label} {...rest}>
      <Input placeholder={placeholder} className={FIELD} />
    </TextField>
  );
}

function Tags({ models, draft, say }: PartProps) {
  const present = tagsOf(models);
  const isDisabled = draft.unset.has("tags");
  const toggle = (tag: string, isSelected: boolean) => {
    const removed = new Set(draft.removeTags);
    if (isSelected) removed.add(tag);
    else removed.delete(tag);
    say({ removeTags: removed });
  };
  return (
    <>
      <span aria-hidden="true" className="pt-1.5 text-xs font-semibold text-ink-2">
        {S.batch.addTags}
      </span>
      <Text
        autoFocus
        label={S.batch.addTags}
        value={draft.addTags}
        placeholder={S.batch.addTagsHint}
        isDisabled={isDisabled}
        onChange={(addTags) => say({ addTags })}
      />
      <Row models={models} draft={draft} say={say} field="tags" label={S.batch.removeTags}>
        {present.length === 0 && <p className="pt-1 text-ink-3">{S.batch.noTags(models.length)}</p>}
        <fieldset className="flex max-h-28 min-w-0 flex-wrap gap-1 overflow-auto pt-1">
          <legend className="sr-only">{S.batch.removeTags}</legend>
          {present.map(([tag, count]) => (
            <ToggleButton
              key={tag}
              isDisabled={isDisabled}
              isSelected={draft.removeTags.has(tag)}
              onChange={(isSelected) => toggle(tag, isSelected)}
              className="flex h-6 max-w-full cursor-default items-center gap-1.5 rounded bg-sunken pr-1.5 pl-2 hover:bg-hover disabled:opacity-45 selected:bg-bad-soft selected:text-bad selected:line-through dark:bg-hover"
            >
              <bdi title={format.visible(tag)} className="truncate">
                <Visible text={tag} />
              </bdi>
              <span aria-hidden="true" className="text-xs tabular-nums opacity-80">
                {count}
              </span>
              <span className="sr-only">{S.batch.onModels(count)}</span>
            </ToggleButton>
          ))}
        </fieldset>
      </Row>
    </>
  );
}

const LEAVE = "leave";
const KINDS = Object.entries(S.kinds);

function Kind({ models, draft, say }: PartProps) {
  return (
    <Select
      aria-label={S.fields.kind}
      isDisabled={draft.unset.has("kind")}
      selectedKey={draft.kind || LEAVE}
      onSelectionChange={(key) => say({ kind: key === LEAVE ? "" : String(key) })}
    >
      <AriaButton
        className={`${FIELD} flex cursor-default items-center justify-between gap-2 hover:bg-hover ${draft.kind ? "" : "text-ink-3"}`}
      >
        <Chosen />
        <Icon name="chevron" size={12} className="text-ink-3" />
      </AriaButton>
      <Choices options={[[LEAVE, S.batch.leave(now(models, "kind"))], ...KINDS]} />
    </Select>
  );
}

const FAMILIES = Object.entries(families).map(([id, name]) => ({ id, name }));

/** One that is known by its name, or any other as it is stored. */
function Family({ models, draft, say }: PartProps) {
  return (
    <ComboBox
      aria-label={S.fields.family}
      allowsCustomValue
      isDisabled={draft.unset.has("family")}
      defaultItems={FAMILIES}
      inputValue={draft.family}
      onInputChange={(family) => say({ family })}
      className="relative"
    >
      <Input placeholder={S.batch.leave(now(models, "family"))} className={`${FIELD} pr-8`} />
      <AriaButton className="absolute inset-y-0 right-0 flex w-8 cursor-default items-center justify-center text-ink-3 hover:text-ink disabled:opacity-45">
        <Icon name="chevron" size={12} />
      </AriaButton>
      <Popover className="animate-appear max-h-64 min-w-(--trigger-width) overflow-auto rounded-lg border border-line bg-raised p-1 shadow-float">
        <ListBox<(typeof FAMILIES)[number]> aria-label={S.batch.families} className="outline-none">
          {({ id, name }) => (
            <ListBoxItem
              id={id}
              textValue={name}
              className="flex h-7 cursor-default items-center rounded px-2 text-sm focus:bg-hover"
            >
              {name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
