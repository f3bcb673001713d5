/** Values that a person can change where they stand. What was set by hand is marked and can be taken back. */
import { type ReactNode, useId, useState } from "react";
import {
  Button as AriaButton,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  TextArea,
  TextField,
} from "react-aria-components";
import * as format from "@/format";
import { S } from "@/strings";
import { Icon } from "./icons";
import { IconButton, Visible } from "./ui";

export interface EditProps {
  /** What it is called, as in "Edit Notes". */
  label: string;
  isSetByHand: boolean;
  onUnset: () => void;
}

/** The mark of a value that was set by hand, with the way back to what was found. */
export function ByHand({ label, isSetByHand, onUnset }: EditProps) {
  if (!isSetByHand) return null;
  return (
    <span className="inline-flex h-6 shrink-0 items-center text-2xs font-medium text-accent-text">
      {S.detail.setByYou}
      <IconButton
        icon="undo"
        size={12}
        className="size-5"
        label={S.detail.unset(label)}
        onPress={onUnset}
      />
    </span>
  );
}

interface TextProps {
  label: string;
  value: string;
  placeholder: string;
  multiline?: boolean;
  onSave: (text: string) => void;
  children?: ReactNode;
}

/** A text; Enter or leaving it saves (Ctrl+Enter where it has lines), Escape leaves it as it was. */
export function EditableText({
  label,
  value,
  placeholder,
  multiline,
  onSave,
  children,
}: TextProps) {
  const [draft, setDraft] = useState<string | null>(null);
  // Whoever ended it with a key goes on from here; after a press elsewhere the focus stays there.
  const [isEndedByKey, setEndedByKey] = useState(false);
  if (draft === null) {
    return (
      <AriaButton
        autoFocus={isEndedByKey}
        onPress={() => {
          setEndedByKey(false);
          setDraft(value);
        }}
        className="group -mx-1.5 -my-0.5 flex w-[calc(100%+12px)] cursor-text items-start gap-1.5 rounded-md px-1.5 py-0.5 text-left hover:bg-hover"
      >
        <span className="sr-only">{S.detail.edit(label)}:</span>
        <span
          className={`min-w-0 flex-1 break-words whitespace-pre-wrap ${value ? "" : "text-ink-3"}`}
        >
          {children ?? <Visible text={value || placeholder} />}
        </span>
        <Icon
          name="edit"
          size={13}
          className="mt-1 text-ink-3 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
        />
      </AriaButton>
    );
  }
  const save = () => {
    setDraft(null);
    if (draft.trim() !== value) onSave(draft.trim());
  };
  const field = "w-full rounded-md border border-accent bg-canvas px-1.5 py-1 outline-none";
  return (
    <TextField
      aria-label={label}
      value={draft}
      onChange={setDraft}
      autoFocus
      onBlur={save}
      onKeyDown={(event) => {
        const saves = event.key === "Enter" && (!multiline || event.ctrlKey || event.metaKey);
        setEndedByKey(saves || event.key === "Escape");
        if (event.key === "Escape") setDraft(null);
        else if (saves) {
          event.preventDefault(); // of this Enter, or it would press the button that comes back
          save();
        } else event.continuePropagation();
      }}
    >
      {multiline ? (
        <TextArea
          rows={5}
          className={field}
          onFocus={({ currentTarget: area }) =>
            area.setSelectionRange(area.value.length, area.value.length)
          }
        />
      ) : (
        <Input className={field} />
      )}
    </TextField>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onSave: (value: string) => void;
}

export function EditableChoice({ label, value, options, onSave }: ChoiceProps) {
  return (
    <Select
      aria-label={S.detail.edit(label)}
      selectedKey={value}
      onSelectionChange={(key) => key !== value && onSave(String(key))}
    >
      <AriaButton className="group -mx-1.5 -my-0.5 flex h-6 max-w-full cursor-default items-center gap-1 rounded-md px-1.5 hover:bg-hover">
        <Chosen />
        <Icon
          name="chevron"
          size={12}
          className="text-ink-3 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
        />
      </AriaButton>
      <Choices options={options} />
    </Select>
  );
}

/** The text of what is chosen in a `Select`, or its placeholder. */
export function Chosen() {
  return (
    <SelectValue className="truncate placeholder-shown:text-ink-2">
      {({ selectedText, defaultChildren, isPlaceholder }) =>
        isPlaceholder ? defaultChildren : <span title={selectedText}>{selectedText}</span>
      }
    </SelectValue>
  );
}

/** The list that opens from a `Select`. */
export function Choices({ options }: { options: readonly (readonly [string, string])[] }) {
  return (
    <Popover className="animate-appear max-h-80 min-w-44 overflow-auto rounded-lg border border-line bg-raised p-1 shadow-float">
      <ListBox className="outline-none">
        {options.map(([id, text]) => (
          <ListBoxItem
            key={id}
            id={id}
            textValue={text}
            className="group flex h-7 cursor-default items-center justify-between gap-4 rounded px-2 text-sm focus:bg-hover selected:text-accent-text"
          >
            {text}
            <Icon name="check" size={13} className="invisible group-selected:visible" />
          </ListBoxItem>
        ))}
      </ListBox>
    </Popover>
  );
}

interface TokensProps {
  label: string;
  values: readonly string[];
  addLabel: string;
  onSave: (values: string[]) => void;
}

/** Short words, each with a button that takes it away, and a field for more; commas separate several. */
export function EditableTokens({ label, values, addLabel, onSave }: TokensProps) {
  const [draft, setDraft] = useState("");
  const id = useId();
  const add = () => {
    const words = draft
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean);
    setDraft("");
    const next = [...new Set([...values, ...words])];
    if (next.length > values.length) onSave(next);
  };
  return (
    <ul aria-label={label} className="flex flex-wrap items-center gap-1">
      {values.map((value) => (
        <li
          key={value}
          className="flex h-6 max-w-full items-center rounded bg-sunken pl-2 dark:bg-hover"
        >
          <bdi title={format.visible(value)} className="truncate">
            <Visible text={value} />
          </bdi>
          <AriaButton
            aria-label={S.detail.removeOf(format.visible(value))}
            onPress={() => onSave(values.filter((one) => one !== value))}
            className="mx-0.5 flex size-5 cursor-default items-center justify-center rounded text-ink-3 hover:text-bad"
          >
            <Icon name="close" size={11} />
          </AriaButton>
        </li>
      ))}
      <li className={`min-w-24 flex-1 ${values.length === 0 ? "-ml-1.5" : ""}`}>
        <TextField
          aria-label={addLabel}
          value={draft}
          onChange={setDraft}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === ",") {
              event.preventDefault();
              add();
            } else if (event.key === "Escape" && draft) setDraft("");
            else event.continuePropagation();
          }}
        >
          <Input
            id={id}
            placeholder={addLabel}
            className="h-6 w-full rounded bg-transparent px-1.5 outline-none placeholder:text-ink-3 hover:bg-hover focus:bg-hover"
          />
        </TextField>
      </li>
    </ul>
  );
}
