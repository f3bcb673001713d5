/** What a part of the settings page is made of: rows, a switch, a number, one of several. */
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Group,
  Input,
  NumberField,
  Radio,
  Switch,
} from "react-aria-components";
import { S } from "@/strings";
import { Icon } from "./icons";

interface RowProps {
  title: ReactNode;
  hint?: ReactNode;
  children?: ReactNode;
}

export function Row({ title, hint, children }: RowProps) {
  return (
    <div className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-48 flex-1">
        <div className="font-medium">{title}</div>
        {hint && <div className="break-words text-ink-2">{hint}</div>}
      </div>
      {children}
    </div>
  );
}

interface ToggleProps {
  /** Of its input, for a `label` beside it. */
  id: string;
  label: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (on: boolean) => void;
}

export function Toggle({ id, label, isOn, isDisabled, onChange }: ToggleProps) {
  return (
    <Switch
      id={id}
      aria-label={label}
      isSelected={isOn}
      isDisabled={isDisabled}
      onChange={onChange}
      className="group cursor-default rounded-full disabled:opacity-50"
    >
      <span className="flex h-5 w-9 items-center rounded-full border border-line-strong bg-sunken p-0.5 transition-colors group-selected:border-accent group-selected:bg-accent dark:bg-hover">
        <span className="size-3.5 rounded-full bg-ink-3 transition-transform group-selected:translate-x-4 group-selected:bg-accent-ink" />
      </span>
    </Switch>
  );
}

interface AmountProps {
  label: string;
  value: number | null;
  least: number;
  most: number;
  placeholder?: string;
  onChange: (value: number | null) => void;
}

export function Amount({ label, value, least, most, placeholder, onChange }: AmountProps) {
  const step =
    "flex w-7 cursor-default items-center justify-center text-ink-2 hover:bg-hover hover:text-ink disabled:opacity-40";
  return (
    <NumberField
      aria-label={label}
      value={value ?? Number.NaN}
      minValue={least}
      maxValue={most}
      onChange={(next) => onChange(Number.isNaN(next) ? null : next)}
    >
      <Group className="flex h-8 overflow-hidden rounded-md border border-line-strong">
        <AriaButton slot="decrement" aria-label={S.settings.decrease} className={step}>
          <Icon name="minus" size={12} />
        </AriaButton>
        <Input
          placeholder={placeholder}
          className="w-20 border-x border-line bg-canvas px-2 text-right tabular-nums"
        />
        <AriaButton slot="increment" aria-label={S.settings.increase} className={step}>
          <Icon name="plus" size={12} />
        </AriaButton>
      </Group>
    </NumberField>
  );
}

interface OptionProps {
  value: string;
  title: string;
  hint?: string;
}

/** One of several, to be put into a `RadioGroup`. */
export function Option({ value, title, hint }: OptionProps) {
  return (
    <Radio
      value={value}
      className="group flex cursor-default gap-2.5 rounded-md px-2 py-1.5 hover:bg-hover selected:bg-accent-soft"
    >
      <span className="mt-1 size-3.5 shrink-0 rounded-full border border-line-strong bg-canvas group-selected:border-4 group-selected:border-accent" />
      <span>
        <span className="block font-medium">{title}</span>
        {hint && <span className="block text-xs text-ink-2">{hint}</span>}
      </span>
    </Radio>
  );
}
