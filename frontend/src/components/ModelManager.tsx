/** The library: find models, see what they are, and do something with one or many. */
import { type MouseEvent, useCallback, useEffect, useState } from "react";
import * as format from "@/format";
import { useBatch } from "@/hooks/useBatch";
import { isAskable, useHubSearch } from "@/hooks/useHub";
import { setParameters } from "@/hooks/useLocation";
import { clearFilters, useModelQuery } from "@/hooks/useModelQuery";
import { type Models, useModels } from "@/hooks/useModels";
import { MOST_SELECTED, type Selection, useSelection } from "@/hooks/useSelection";
import { toast, toastError } from "@/hooks/useToasts";
import { hubWords } from "@/hubWords";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { BatchBar } from "./BatchBar";
import { BatchEditDialog } from "./BatchEditDialog";
import { Confirm } from "./Confirm";
import { Facets } from "./Facets";
import { GetStarted } from "./GetStarted";
import { HubBelow } from "./HubBelow";
import { LibrarySummary } from "./LibrarySummary";
import { LibraryToolbar } from "./LibraryToolbar";
import { ModelDetail } from "./ModelDetail";
import { ModelGrid } from "./ModelGrid";
import type { ListProps } from "./ModelList";
import { ModelTable } from "./ModelTable";
import { RepositoryPanel } from "./RepositoryPanel";
import { Button, Empty, Failure, Skeleton, Visible } from "./ui";

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
      <LibraryToolbar
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
            <LibrarySummary models={models} hub={asksHub ? hub : null} />
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
