import { useEffect, useRef } from "react";
import {
  Button as AriaButton,
  SearchField as AriaSearchField,
  Dialog,
  DialogTrigger,
  Input,
  Popover,
} from "react-aria-components";
import { S } from "@/strings";
import { Icon } from "./icons";
import { IconButton } from "./ui";

interface Props {
  value: string;
  onChange: (text: string) => void;
  label?: string;
  placeholder?: string;
  /** Whether the query language is explained. */
  help?: boolean;
  /** Go on to what was found: Enter or the arrow down. */
  onDown?: () => void;
}

/** The search of a page: `/` or Ctrl+F goes there, Escape empties it. */
export function SearchField({ value, onChange, label, placeholder, help, onDown }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const find = event.key === "f" && (event.ctrlKey || event.metaKey);
      if (!find && (event.key !== "/" || isTyping(event.target))) return;
      if (event.defaultPrevented || isBehindDialog(input.current)) return;
      event.preventDefault();
      input.current?.select();
      input.current?.focus();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return (
    <AriaSearchField
      aria-label={label ?? S.search.label}
      value={value}
      onChange={onChange}
      onSubmit={onDown}
      className="group flex h-8 min-w-0 flex-1 items-center rounded-md border border-line-strong bg-canvas focus-within:border-accent"
    >
      <Icon name="search" size={14} className="ml-2.5 text-ink-3" />
      <Input
        ref={input}
        placeholder={placeholder ?? S.search.placeholder}
        spellCheck={false}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || !onDown) return;
          event.preventDefault();
          onDown();
        }}
        className="h-full min-w-0 flex-1 bg-transparent px-2 text-sm text-ellipsis outline-none placeholder:text-ink-3 [&::-webkit-search-cancel-button]:hidden"
      />
      <AriaButton
        aria-label={S.search.clear}
        className="mr-0.5 flex size-6 cursor-default items-center justify-center rounded text-ink-3 group-data-empty:hidden hover:bg-hover hover:text-ink"
      >
        <Icon name="close" size={13} />
      </AriaButton>
      {help && <SearchHelp />}
    </AriaSearchField>
  );
}

/** While a dialog is open the rest of the page cannot have the focus. */
function isBehindDialog(element: Element | null): boolean {
  return Boolean(element?.closest("[inert], [aria-hidden=true]"));
}

const TEXTS = "input:not([type=checkbox], [type=radio], [type=range]), textarea, [contenteditable]";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(TEXTS) !== null;
}

function SearchHelp() {
  return (
    // A slot of null: this button is none of the parts of the search field.
    <DialogTrigger>
      <IconButton
        slot={null}
        icon="info"
        size={14}
        className="mr-0.5 size-6"
        label={S.search.help}
      />
      <Popover
        placement="bottom end"
        className="animate-appear w-[430px] max-w-[calc(100vw-24px)] rounded-lg border border-line bg-raised p-4 shadow-float"
      >
        <Dialog aria-label={S.search.help} className="outline-none">
          <p className="mb-2 font-semibold">{S.search.help}</p>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            {S.search.helpRows.map(([query, meaning]) => (
              <div key={query} className="contents">
                <dt className="font-mono text-xs leading-5 text-accent-text">{query}</dt>
                <dd className="text-ink-2">{meaning}</dd>
              </div>
            ))}
          </dl>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
