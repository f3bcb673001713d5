/** The library: find models, see what they are, and do something with one or many. */
import { type MouseEvent, memo, useCallback, useEffect, useState } from "react";
import {
  Button as AriaButton,
  Select,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";
import * as format from "@/format";
import { useBatch } from "@/hooks/useBatch";
import { isAskable, useHubSearch } from "@/hooks/useHub";
import { setParameters } from "@/hooks/useLocation";
import { clearFilters, SORTS, useModelQuery, type View } from "@/hooks/useModelQuery";
import { type Models, useModels } from "@/hooks/useModels";
import { MOST_SELECTED, type Selection, useSelection } from "@/hooks/useSelection";
import { toast, toastError } from "@/hooks/useToasts";
import { hubWords } from "@/hubWords";
import { S } from "@/strings";
import type { Model, ModelList, Sort } from "@/types/shapes";
import { BatchBar } from "./BatchBar";
import { BatchEditDialog } from "./BatchEditDialog";
import { Confirm } from "./Confirm";
import { Choices, Chosen } from "./Editable";
import { Facets } from "./Facets";
import { GetStarted } from "./GetStarted";
import { HUB_SECTION, HubBelow } from "./HubBelow";
import { Icon } from "./icons";
import { ModelDetail } from "./ModelDetail";
import { ModelGrid } from "./ModelGrid";
import type { ListProps } from "./ModelList";
import { ModelTable } from "./ModelTable";
import { RepositoryPanel } from "./RepositoryPanel";
import { SearchField } from "./SearchField";
import { Button, Empty, Failure, IconButton, Skeleton, Visible } from "./ui";

const NO_FACETS = {};

export function ModelManager() {
  const { query, chosen, view, model: open, repo } = useModelQuery();
  const models = useModels(query);
  const words = hubWords(query.text);
  const asksHub = isAskable(words);
  const hub = useHubSearch(words);
  const selection = useSelection(models.between);
  const batch = useBatch(selection);
  const [cursor, setCursor] = useState(0);
  const [asking, setAsking] = useState<readonly Model[] | null>(null);
  const [editing, setEditing] = useState<readonly Model[] | null>(null);
  const [facetsShown, setFacetsShown] = useState(true);
  const toggleFacets = useCallback(() => setFacetsShown((shown) => !shown), []);

  useEffect(() => {
    if (models.shown) setCursor(0);
  }, [models.shown]);

  const openModel = (id: string) => setParameters({ model: id, repo: "" });
  const act = listActions({ models, selection, setCursor, open, openModel, setAsking });
  const confirmDelete = async () => {
    const chosen = asking ?? [];
    setAsking(null);
    if (chosen.some((model) => model.model_id === open)) openModel("");
    selection.clear();
    await batch.remove(chosen);
  };
  const isFiltered = query.text !== "" || Object.keys(query.filters).length > 0;
  const below = asksHub && <HubBelow search={hub} words={words} selected={repo} />;
  const list: ListProps = { models, selection, cursor, below, ...act };

  return (
    <div className="flex h-full flex-col">
      <Toolbar
        text={query.text}
        sort={query.sort}
        view={view}
        facetsShown={facetsShown}
        onFacets={toggleFacets}
      />
      <div className="flex min-h-0 flex-1">
        {facetsShown && (
          <Facets
            counts={models.head?.facets ?? (models.error ? NO_FACETS : undefined)}
            total={models.total}
            chosen={chosen}
            isBeside={open !== null || repo !== null}
          />
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          {selection.models.size > 1 || batch.deleting ? (
            <BatchBar
              selection={selection}
              deleting={batch.deleting}
              onEdit={() => setEditing(batch.current())}
              onVerify={() => batch.verify([...selection.models.keys()])}
              onLookUp={() => batch.lookUp([...selection.models.keys()])}
              onSync={(app) => batch.sync(app, [...selection.models.keys()])}
              onDelete={() => setAsking([...selection.models.values()])}
            />
          ) : (
            <Summary models={models} hub={asksHub ? hub : null} />
          )}
          <Content models={models} isFiltered={isFiltered} below={below}>
            {view === "grid" ? (
              <ModelGrid {...list} />
            ) : (
              <ModelTable {...list} sort={query.sort} onSort={(sort) => setParameters({ sort })} />
            )}
          </Content>
        </div>
        {repo && !open && (
          <RepositoryPanel key={repo} repo={repo} onClose={() => setParameters({ repo: "" })} />
        )}
        {open && (
          <ModelDetail
            id={open}
            onClose={() => openModel("")}
            onDelete={(model) => setAsking([model])}
            onVerify={(id) => batch.verify([id])}
            onLookUp={(id) => batch.lookUp([id])}
          />
        )}
      </div>
      <Confirm
        isOpen={asking !== null}
        title={S.batch.deleteTitle(asking?.length ?? 0)}
        confirm={S.batch.deleteConfirm}
        danger
        onConfirm={confirmDelete}
        onCancel={() => setAsking(null)}
      >
        <p>{S.batch.deleteText}</p>
      </Confirm>
      {editing && (
        <BatchEditDialog models={editing} edit={batch.edit} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}

interface Around {
  models: Models;
  selection: Selection;
  open: string | null;
  setCursor: (index: number) => void;
  openModel: (id: string) => void;
  setAsking: (models: readonly Model[]) => void;
}

/** What clicks and keys on the list do. */
function listActions({ models, selection, open, setCursor, openModel, setAsking }: Around) {
  const go = (index: number) => {
    setCursor(index);
    const model = models.row(index);
    if (!model) return;
    selection.only(model, index);
    if (open) openModel(model.model_id);
  };
  const extend = (index: number) => {
    setCursor(index);
    selection.extend(index).catch(toastError);
  };
  const toggle = (index: number) => {
    setCursor(index);
    const model = models.row(index);
    if (model) selection.toggle(model, index);
  };
  return {
    onMove: (index: number, extending: boolean) => (extending ? extend(index) : go(index)),
    onToggle: toggle,
    onClick: (index: number, event: MouseEvent) => {
      if (event.shiftKey) return extend(index);
      if (event.ctrlKey || event.metaKey) return toggle(index);
      go(index);
      const model = models.row(index);
      if (model) openModel(model.model_id);
    },
    onOpen: (index: number) => {
      const model = models.row(index);
      if (model) openModel(model.model_id);
    },
    onAll: () => {
      const last = Math.min(models.total, MOST_SELECTED) - 1;
      if (models.total > MOST_SELECTED)
        toast({ tone: "info", text: S.batch.tooMany(MOST_SELECTED) });
      models.between(0, last).then(selection.set).catch(toastError);
    },
    onClear: () => (selection.models.size > 0 ? selection.clear() : openModel("")),
    onDelete: () => {
      if (selection.models.size > 0) setAsking([...selection.models.values()]);
    },
  };
}

interface ToolbarProps {
  text: string;
  sort: Sort;
  view: View;
  facetsShown: boolean;
  onFacets: () => void;
}

const Toolbar = memo(function Toolbar({ text, sort, view, facetsShown, onFacets }: ToolbarProps) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-3">
      <h1 className="sr-only">{S.pages.library}</h1>
      <IconButton
        icon="filter"
        label={S.facets.toggle}
        aria-pressed={facetsShown}
        className={facetsShown ? "bg-hover" : ""}
        onPress={onFacets}
      />
      <SearchField help value={text} onChange={(next) => setParameters({ q: next })} />
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
      <AriaButton className="flex h-8 w-36 cursor-default items-center justify-between gap-2 rounded-md border border-line-strong px-2.5 hover:bg-hover">
        <Chosen />
        <Icon name="chevron" size={12} className="text-ink-3" />
      </AriaButton>
      <Choices options={SORTS.map((name) => [name, S.sort.names[name]])} />
    </Select>
  );
}

/** How much was found, how fast, and how far the Hub is. */
function Summary({ models, hub }: { models: Models; hub: ReturnType<typeof useHubSearch> | null }) {
  const { head } = models;
  if (!head) return <div className="h-8 shrink-0" />;
  const total = head.total_is_exact ? S.models(head.total) : S.table.atLeast(S.models(head.total));
  return (
    <div
      role="status"
      className="flex h-8 shrink-0 items-center gap-3 px-4 text-xs text-ink-3 tabular-nums"
    >
      <span className="shrink-0">{S.search.took(total, head.took_ms)}</span>
      {head.total > 0 && <Misread warnings={head.warnings} />}
      {models.isRefreshing && <span>{S.search.refreshing}</span>}
      <span className="flex-1" />
      {hub && <HubSummary hub={hub} />}
    </div>
  );
}

/** What of the search was not understood; what is possible appears when it is pointed at. */
function Misread({ warnings }: { warnings: ModelList["warnings"] }) {
  const [first] = warnings;
  if (!first) return null;
  return (
    <span
      title={warnings.map(({ message, hint }) => format.sentences(message, hint)).join("\n")}
      className="flex min-w-0 items-center gap-1.5 text-warn"
    >
      <Icon name="warning" size={12} />
      <bdi className="truncate">
        <Visible text={first.message} />
      </bdi>
    </span>
  );
}

/** Below a long list nobody sees what the Hub has: this says it, and leads there. */
function HubSummary({ hub }: { hub: ReturnType<typeof useHubSearch> }) {
  if (!hub.data) return hub.error ? null : <span>{S.search.askingHub}</span>;
  const text = hub.isFetching ? S.search.askingHub : S.search.onHub(hub.data.models.length);
  return (
    <AriaButton
      aria-label={S.search.toHub(text)}
      onPress={() => document.getElementById(HUB_SECTION)?.scrollIntoView()}
      className="flex cursor-default items-center gap-1 rounded px-1 hover:bg-hover hover:text-ink"
    >
      {text}
      <Icon name="chevron" size={11} />
    </AriaButton>
  );
}

interface ContentProps {
  models: Models;
  isFiltered: boolean;
  below: React.ReactNode;
  children: React.ReactNode;
}

/** The list, or why there is none. */
function Content({ models, isFiltered, below, children }: ContentProps) {
  if (models.error && !models.head) return <Failure error={models.error} onRetry={models.retry} />;
  if (models.isLoading) return <LoadingRows />;
  if (models.total > 0) return children;
  if (!isFiltered) return <GetStarted />;
  const warning = models.head?.warnings[0];
  const reset = () => {
    clearFilters();
    setParameters({ q: "" });
  };
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <div className={below ? "" : "h-full"}>
        <Empty
          icon="search"
          title={S.empty.search}
          hint={
            warning ? (
              <bdi className="line-clamp-4 break-words">
                <Visible text={format.sentences(warning.message, warning.hint)} />
              </bdi>
            ) : (
              S.empty.searchHint
            )
          }
        >
          <Button onPress={reset}>{S.empty.searchAction}</Button>
        </Empty>
      </div>
      {below}
    </div>
  );
}

const LOADING = ["w-2/3", "w-1/2", "w-3/5", "w-2/5", "w-1/2", "w-3/4", "w-1/3", "w-3/5"];

function LoadingRows() {
  return (
    <div role="status" aria-label={S.loading} className="space-y-5 px-4 py-3">
      {LOADING.map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change
        <Skeleton key={index} className={`h-4 ${width}`} />
      ))}
    </div>
  );
}
