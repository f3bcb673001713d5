/** Narrowing by what there is, with how many of each. */
import { memo, type ReactNode, useState } from "react";
import { Button as AriaButton, Checkbox, Dialog, Modal, ModalOverlay } from "react-aria-components";
import * as format from "@/format";
import type { FacetsPlace } from "@/hooks/useFacetsPlace";
import { clearFilters, FACETS, toggleFilter } from "@/hooks/useModelQuery";
import { familyLabel, S } from "@/strings";
import { Icon } from "./icons";
import { Button, IconButton, Skeleton, Visible } from "./ui";

type Counts = Record<string, Record<string, number>>;
type FacetName = (typeof FACETS)[number];

interface Props {
  counts: Counts | undefined;
  chosen: ReadonlyMap<FacetName, readonly string[]>;
  place: FacetsPlace;
  /** Of the drawer. */
  onClose: () => void;
}

const FIRST = 6;

export const Facets = memo(function Facets({ place, onClose, ...found }: Props) {
  if (place === "column") {
    return (
      <aside
        aria-label={S.facets.label}
        className="w-52 shrink-0 overflow-y-auto border-r border-line py-2"
      >
        <Groups {...found} />
      </aside>
    );
  }
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="animate-appear fixed inset-0 z-40 bg-black/25"
    >
      <Modal className="fixed inset-y-0 left-0 w-64 max-w-full border-r border-line bg-raised shadow-float">
        <Dialog
          aria-label={S.facets.label}
          className="relative h-full overflow-y-auto py-2 outline-none"
        >
          <Groups
            {...found}
            close={<IconButton icon="close" label={S.facets.close} onPress={onClose} />}
          />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
});

interface GroupsProps extends Pick<Props, "counts" | "chosen"> {
  close?: ReactNode;
}

function Groups({ counts, chosen, close }: GroupsProps) {
  const any = [...chosen.values()].some((values) => values.length > 0);
  return (
    <>
      <div className="flex h-7 items-center gap-1 pr-2 pl-4">
        <h2 className="flex-1 text-xs font-semibold text-ink-2">{S.facets.label}</h2>
        {any && (
          <Button look="quiet" className="h-6 px-1.5 text-xs" onPress={clearFilters}>
            {S.facets.clear}
          </Button>
        )}
        {close}
      </div>
      {counts === undefined
        ? [0, 1, 2].map((key) => <Skeleton key={key} className="mx-4 my-4 h-20" />)
        : FACETS.map((name) => (
            <Facet
              key={name}
              name={name}
              counts={counts[name] ?? {}}
              chosen={chosen.get(name) ?? []}
            />
          ))}
    </>
  );
}

interface FacetProps {
  name: FacetName;
  counts: Record<string, number>;
  chosen: readonly string[];
}

function Facet({ name, counts, chosen }: FacetProps) {
  const [all, setAll] = useState(false);
  // A chosen value stays, also when nothing has it any more: it has to be possible to take it back.
  const values = [...new Set([...Object.keys(counts), ...chosen])];
  if (values.length === 0) return null;
  const shown = all
    ? values
    : values.filter((value, index) => index < FIRST || chosen.includes(value));
  return (
    <fieldset className="min-w-0 px-2 py-1.5">
      <legend className="px-2 pb-0.5 text-xs text-ink-3">{S.facets.names[name]}</legend>
      {shown.map((value) => (
        <Checkbox
          key={value}
          isSelected={chosen.includes(value)}
          onChange={() => toggleFilter(name, value)}
          className="group flex min-h-6 cursor-default items-center gap-2 rounded px-2 hover:bg-hover"
        >
          <Tick />
          <bdi
            className="line-clamp-2 min-w-0 flex-1 break-words"
            title={format.visible(valueLabel(name, value))}
          >
            <Visible text={valueLabel(name, value)} />
          </bdi>
          <span className="text-xs text-ink-3 tabular-nums">
            {format.count(counts[value] ?? 0)}
          </span>
        </Checkbox>
      ))}
      {values.length > FIRST && (
        <AriaButton
          onPress={() => setAll(!all)}
          className="ml-1 flex h-6 cursor-default items-center gap-1 rounded px-1 text-xs text-ink-3 hover:text-ink"
        >
          <Icon name="chevron" size={12} className={all ? "rotate-180" : ""} />
          {all ? S.facets.less : S.facets.more(values.length - FIRST)}
        </AriaButton>
      )}
    </fieldset>
  );
}

/** The box of a `Checkbox` of React Aria, which is its group. */
export function Tick() {
  return (
    <span className="flex size-3.5 shrink-0 items-center justify-center rounded-[3px] border border-line-strong bg-canvas text-transparent group-selected:border-accent group-selected:bg-accent group-selected:text-accent-ink group-indeterminate:border-accent group-indeterminate:bg-accent group-indeterminate:text-accent-ink">
      <span className="hidden group-selected:block group-indeterminate:hidden">
        <Icon name="check" size={11} />
      </span>
      <span className="hidden group-indeterminate:block">
        <Icon name="minus" size={11} />
      </span>
    </span>
  );
}

function valueLabel(name: FacetName, value: string): string {
  switch (name) {
    case "kind":
    case "adapter_type":
      return S.kinds[value] ?? value;
    case "family":
      return familyLabel(value);
    case "container":
      return S.containers[value] ?? value;
    case "match":
      return S.matches[value] ?? value;
    case "tier":
      return value in S.tiers ? S.tiers[value as keyof typeof S.tiers][0] : value;
    case "state":
      return value in S.states ? S.states[value as keyof typeof S.states][0] : value;
    default:
      return value;
  }
}
