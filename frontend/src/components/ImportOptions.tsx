/** How an import shall be done: what may come in, what happens to the originals, where it goes. */
import { Button as AriaButton, Checkbox, Radio, RadioGroup, Select } from "react-aria-components";
import * as format from "@/format";
import { S } from "@/strings";
import type { Placement, Root } from "@/types/shapes";
import { Choices, Chosen } from "./Editable";
import { Tick } from "./Facets";
import { Icon } from "./icons";

interface RiskProps {
  count: number;
  accepted: boolean;
  onAccept: (yes: boolean) => void;
}

export function Risk({ count, accepted, onAccept }: RiskProps) {
  return (
    <div className="rounded-lg bg-warn-soft p-3">
      <p className="flex gap-2 font-medium text-warn">
        <Icon name="warning" size={14} className="mt-[3px]" />
        {S.import.risky(count)}
      </p>
      <p className="mt-1 text-xs text-ink-2">{S.import.riskyHint}</p>
      <Checkbox isSelected={accepted} onChange={onAccept} className="group mt-2 flex gap-2">
        <span className="mt-[3px]">
          <Tick />
        </span>
        {S.import.accept}
      </Checkbox>
    </div>
  );
}

const PLACES = ["auto", "copy", "move", "reference"] as const;

export function Placing({
  place,
  onPlace,
}: {
  place: Placement;
  onPlace: (place: Placement) => void;
}) {
  return (
    <RadioGroup
      aria-label={S.import.place}
      value={place}
      onChange={(value) => onPlace(value as Placement)}
    >
      <p className="mb-1 text-xs font-semibold text-ink-2">{S.import.place}</p>
      {PLACES.map((name) => (
        <Radio
          key={name}
          value={name}
          className="group -mx-2 flex cursor-default gap-2.5 rounded-md px-2 py-1.5 hover:bg-hover selected:bg-accent-soft"
        >
          <span className="mt-1 size-3.5 shrink-0 rounded-full border border-line-strong bg-canvas group-selected:border-4 group-selected:border-accent" />
          <span>
            <span className="block font-medium">{S.import.placings[name][0]}</span>
            <span className="block text-xs text-ink-2">{S.import.placings[name][1]}</span>
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

interface SpaceProps {
  space: number;
  root: Root;
  roots: readonly Root[];
  fits: boolean;
  onRoot: (id: string) => void;
}

export function Space({ space, root, roots, fits, onRoot }: SpaceProps) {
  const free = format.bytes(root.free ?? 0);
  const size = format.bytes(space);
  return (
    <div>
      {roots.length > 1 && (
        <Select
          aria-label={S.import.root}
          selectedKey={root.root_id}
          onSelectionChange={(key) => onRoot(String(key))}
        >
          <p className="mb-1 text-xs font-semibold text-ink-2">{S.import.root}</p>
          <Opener />
          <Choices options={roots.map((one) => [one.root_id, one.path])} />
        </Select>
      )}
      <p className={`mt-1 text-xs tabular-nums ${fits ? "text-ink-2" : "text-bad"}`}>
        {fits ? S.import.needs(size, free) : S.import.tooLittle(size, free)}
      </p>
    </div>
  );
}

function Opener() {
  return (
    <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover">
      <Chosen />
      <Icon name="chevron" size={12} className="text-ink-3" />
    </AriaButton>
  );
}

const KINDS = [["", S.import.kindAuto], ...Object.entries(S.kinds)] as const;

export function KindChoice({ kind, onKind }: { kind: string; onKind: (kind: string) => void }) {
  return (
    <Select
      aria-label={S.import.kindOf}
      selectedKey={kind}
      onSelectionChange={(key) => onKind(String(key))}
    >
      <p className="mb-1 text-xs font-semibold text-ink-2">{S.import.kindOf}</p>
      <Opener />
      <Choices options={KINDS} />
    </Select>
  );
}
