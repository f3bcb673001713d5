/** What stands above the library: the filters, the search, the order and the view. */
import { memo } from "react";
import {
  Button as AriaButton,
  Select,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";
import { setParameters } from "@/hooks/useLocation";
import { SORTS, type View } from "@/hooks/useModelQuery";
import { S } from "@/strings";
import type { Sort } from "@/types/shapes";
import { Choices, Chosen } from "./Editable";
import { Icon } from "./icons";
import { LIST } from "./ModelList";
import { SearchField } from "./SearchField";
import { IconButton } from "./ui";

interface ToolbarProps {
  /** Something covers it. */
  inert: boolean;
  text: string;
  sort: Sort;
  view: View;
  /** There is nothing to filter yet. */
  isEmpty: boolean;
  facetsShown: boolean;
  /** How many groups of filters have a choice. */
  filters: number;
  onFacets: () => void;
}

export const LibraryToolbar = memo(function LibraryToolbar({
  inert,
  text,
  sort,
  view,
  isEmpty,
  facetsShown,
  filters,
  onFacets,
}: ToolbarProps) {
  return (
    <header
      inert={inert}
      className="flex min-h-12 shrink-0 items-center gap-2 border-b border-line px-3 max-md:flex-wrap max-md:py-2"
    >
      <IconButton
        icon="filter"
        label={S.facets.toggle(filters)}
        isDisabled={isEmpty}
        aria-pressed={facetsShown}
        className={`${facetsShown ? "bg-hover" : ""} ${filters > 0 ? "text-accent-text" : ""}`}
        onPress={onFacets}
      />
      <div className="flex min-w-0 flex-1 max-md:basis-[calc(100%-44px)]">
        <SearchField
          help
          value={text}
          onChange={(next) => setParameters({ q: next })}
          onDown={() => document.getElementById(LIST)?.focus()}
        />
      </div>
      <SortChoice sort={sort} />
      <ToggleButtonGroup
        aria-label={S.view.label}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[view]}
        onSelectionChange={(keys) => setParameters({ view: [...keys].join("") })}
        className="flex h-8 rounded-md border border-line-strong p-0.5"
      >
        {(["table", "grid"] as const).map((name) => (
          <ToggleButton
            key={name}
            id={name}
            aria-label={S.view[name]}
            className="flex w-7 cursor-default items-center justify-center rounded text-ink-3 hover:text-ink selected:bg-accent-soft selected:text-accent-text"
          >
            <Icon name={name} size={14} />
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </header>
  );
});

function SortChoice({ sort }: { sort: Sort }) {
  return (
    <Select
      aria-label={S.sort.label}
      selectedKey={sort}
      onSelectionChange={(key) => setParameters({ sort: String(key) })}
    >
      <AriaButton className="flex h-8 w-36 max-w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong px-2.5 hover:bg-hover">
        <Chosen />
        <Icon name="chevron" size={12} className="text-ink-3" />
      </AriaButton>
      <Choices options={SORTS.map((name) => [name, S.sort.names[name]])} />
    </Select>
  );
}
