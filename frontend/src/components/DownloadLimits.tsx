import { Button as AriaButton, Select } from "react-aria-components";
import * as format from "@/format";
import { useLimits } from "@/hooks/useJobs";
import { S } from "@/strings";
import { Choices, Chosen } from "./Editable";
import { Icon } from "./icons";

const AT_ONCE = [1, 2, 3, 4, 6, 8];
const MEGABYTE = 1_000_000;
const SPEEDS = [1, 2, 5, 10, 25, 50, 100].map((count) => count * MEGABYTE); // bytes a second

/** How many downloads run at once, and how fast they may be together. */
export function DownloadLimits() {
  const { limits, change } = useLimits();
  if (!limits) return null;
  const { at_once, bandwidth } = limits;
  const speeds = known(SPEEDS, bandwidth ?? 0).map(
    (speed) => [String(speed), S.hub.perSecond(format.bytes(speed))] as const,
  );
  return (
    <fieldset className="flex gap-2" aria-label={S.hub.limits}>
      <Limit
        label={S.hub.atOnce}
        value={String(at_once)}
        options={known(AT_ONCE, at_once).map((count) => [String(count), S.hub.atOnceCount(count)])}
        onChange={(text) => change.mutate({ at_once: Number(text) })}
      />
      <Limit
        label={S.hub.bandwidth}
        value={String(bandwidth ?? 0)}
        options={[["0", S.hub.noLimit], ...speeds]}
        onChange={(text) => change.mutate({ bandwidth: Number(text) })}
      />
    </fieldset>
  );
}

/** With the one that is set, wherever that was done; zero is none. */
function known(offered: readonly number[], set: number): number[] {
  return [...new Set([...offered, ...(set > 0 ? [set] : [])])].sort((one, other) => one - other);
}

interface LimitProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

function Limit({ label, value, options, onChange }: LimitProps) {
  return (
    <Select
      aria-label={label}
      selectedKey={value}
      onSelectionChange={(key) => key !== value && onChange(String(key))}
    >
      <AriaButton className="flex h-7 cursor-default items-center gap-2 rounded-md border border-line-strong px-2 text-xs hover:bg-hover">
        <Chosen />
        <Icon name="chevron" size={11} className="text-ink-3" />
      </AriaButton>
      <Choices options={options} />
    </Select>
  );
}
