/** The library: find models, see what they are, and do something with one or many. */
import { useEffect, useState } from "react";
import * as format from "@/format";
import { useBatch } from "@/hooks/useBatch";
import { useFacetsPlace } from "@/hooks/useFacetsPlace";
import { isAskable, useHubSearch } from "@/hooks/useHub";
import { setParameters } from "@/hooks/useLocation";
import { NARROW, useMedia } from "@/hooks/useMedia";
import { clearFilters, useModelQuery } from "@/hooks/useModelQuery";
import { type Models, useModels } from "@/hooks/useModels";
import { MOST_SELECTED, type Selection, useSelection } from "@/hooks/useSelection";
import { toast, toastError } from "@/hooks/useToasts";
import { hubWords } from "@/hubWords";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { BatchBar } from "./BatchBar";
import { BatchEditDialog } from "./BatchEditDialog";
import { focusBeside } from "./Beside";
import { DeleteConfirm } from "./DeleteConfirm";
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
  const isBeside = open !== null || repo !== null;
  const isCovered = useMedia(NARROW) && isBeside;
  const facets = useFacetsPlace(isBeside);

  useEffect(() => {
    if (models.shown) setCursor(0);
  }, [models.shown]);

  const close = () => openModel("");
  const act = listActions({ models, selection, cursor, setCursor, open, isBeside, setAsking });
  const confirmDelete = async () => {
    const chosen = asking ?? [];
    setAsking(null);
    if (chosen.some((model) => model.model_id === open)) close();
    selection.clear();
    await batch.remove(chosen);
  };
  const isFiltered = query.text !== "" || Object.keys(query.filters).length > 0;
  const isEmpty = !isFiltered && models.head?.total === 0;
  const below = asksHub && <HubBelow search={hub} words={words} selected={repo} />;
  const list: ListProps = { models, selection, open, cursor, below, ...act };

  return (
    <div className="relative flex h-full flex-col">
      <h1 className="sr-only">{S.pages.library}</h1>
      <LibraryToolbar
        inert={isCovered}
        text={query.text}
        sort={query.sort}
        view={view}
        isEmpty={isEmpty}
        facetsShown={facets.place !== null && !isEmpty}
        filters={Object.keys(query.filters).length}
        onFacets={facets.toggle}
      />
      <div className="flex min-h-0 flex-1">
        {facets.place && !isEmpty && (
          <Facets
            counts={models.head?.facets ?? (models.error ? NO_FACETS : undefined)}
            chosen={chosen}
            place={facets.place}
            onClose={facets.close}
          />
        )}
        <div className="flex min-w-0 flex-1 flex-col" inert={isCovered}>
          {selection.models.size > 0 || batch.deleting ? (
            <BatchBar
              selection={selection}
              deleting={batch.deleting}
              onEdit={() => setEditing(batch.current())}
              onVerify={() => batch.verify([...selection.models.keys()])}
              onLookUp={() => batch.lookUp([...selection.models.keys()])}
              onSync={(app) => batch.sync(app, [...selection.models.keys()])}
              onDelete={() => setAsking([...selection.models.values()])}
            />
          ) : isEmpty ? null : (
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
        {repo && !open && <RepositoryPanel key={repo} repo={repo} onClose={close} />}
        {open && (
          <ModelDetail
            id={open}
            onClose={close}
            onDelete={(model) => setAsking([model])}
            onVerify={(id) => batch.verify([id])}
            onLookUp={(id) => batch.lookUp([id])}
          />
        )}
      </div>
      {asking && (
        <DeleteConfirm models={asking} onConfirm={confirmDelete} onCancel={() => setAsking(null)} />
      )}
      {editing && (
        <BatchEditDialog models={editing} edit={batch.edit} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}

interface Around {
  models: Models;
  selection: Selection;
  cursor: number;
  setCursor: (index: number) => void;
  open: string | null;
  isBeside: boolean;
  setAsking: (models: readonly Model[]) => void;
}

/** What clicks and keys on the list do: opening shows one model beside it, selecting is for acting on some. */
function listActions(around: Around) {
  const { models, selection, cursor, setCursor, open, isBeside, setAsking } = around;
  const go = (index: number) => {
    setCursor(index);
    selection.startAt(index);
  };
  const show = (index: number) => {
    go(index);
    const model = models.row(index);
    if (model) openModel(model.model_id);
  };
  const extend = (index: number) => {
    setCursor(index);
    selection.extend(index).catch(toastError);
  };
  return {
    onMove: (index: number, extending: boolean) => {
      if (extending) extend(index);
      else if (open) show(index);
      else go(index);
    },
    onToggle: (index: number) => {
      setCursor(index);
      const model = models.row(index);
      if (model) selection.toggle(model, index);
    },
    onClick: show,
    onOpen: (index: number) => {
      if (open !== null && models.row(index)?.model_id === open) focusBeside();
      else show(index);
    },
    onAll: () => {
      const last = Math.min(models.total, MOST_SELECTED) - 1;
      if (models.total > MOST_SELECTED)
        toast({ tone: "info", text: S.batch.tooMany(MOST_SELECTED) });
      models.between(0, last).then(selection.set).catch(toastError);
    },
    onEscape: () => (isBeside ? openModel("") : selection.clear()),
    onDelete: () => {
      const current = models.row(cursor);
      if (selection.models.size > 0) setAsking([...selection.models.values()]);
      else if (current) setAsking([current]);
    },
  };
}

/** Show the details of a model; an empty id closes what is open. */
function openModel(id: string): void {
  setParameters({ model: id, repo: "" });
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
              <bdi className="block max-h-40 overflow-auto break-words">
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
