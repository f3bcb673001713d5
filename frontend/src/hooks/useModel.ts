/** One model: what is known of it, its links, and changes by hand. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { listApps } from "@/api/apps";
import { type Change, editModel, linksOf, modelKeys, relatedFiles, showModel } from "@/api/models";
import type { Model, ModelList } from "@/types/shapes";
import { toastError } from "./useToasts";

export function useModel(id: string, enabled = true) {
  return useQuery({
    queryKey: modelKeys.one(id),
    queryFn: ({ signal }) => showModel(id, signal),
    enabled,
  });
}

/** What its repository has besides; asks the Hub, and says nothing when there is none. */
export function useRelated(id: string) {
  return useQuery({
    queryKey: modelKeys.related(id),
    queryFn: ({ signal }) => relatedFiles(id, signal),
    retry: false,
  });
}

export function useLinksOf(id: string) {
  return useQuery({
    queryKey: modelKeys.links(id),
    queryFn: ({ signal }) => linksOf(id, signal),
  });
}

/** Models whose links are asked for one by one; for more of them, all links are one answer. */
const ASKED_ALONE = 5;

/** The names of the apps that have links to any of the models. */
export function useAppsOf(ids: readonly string[]) {
  return useQuery({
    queryKey: modelKeys.linkedApps(ids),
    queryFn: async ({ signal }) => {
      const wanted = new Set(ids);
      const asked = ids.length > ASKED_ALONE ? [undefined] : ids;
      const found = await Promise.all(asked.map((id) => linksOf(id, signal)));
      const apps = new Set(
        found
          .flat()
          .filter((link) => wanted.has(link.model_id))
          .map((link) => link.app),
      );
      if (apps.size === 0) return [];
      const known = await listApps(signal);
      const names = new Map(known.map((app) => [app.app_id, app.name]));
      return [...apps].map((app) => names.get(app) ?? app);
    },
  });
}

/** Edits one field. The answer is shown everywhere at once, without loading the list again. */
export function useEdit(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Change) => editModel(id, change),
    onSuccess: (edited) => {
      queries.setQueryData(modelKeys.one(id), edited);
      queries.setQueriesData<ModelList>({ queryKey: [...modelKeys.all, "page"] }, (list) =>
        list === undefined ? list : { ...list, models: list.models.map(replaced(edited)) },
      );
    },
    onError: toastError,
  });
}

const replaced = (edited: Model) => (model: Model) =>
  model.model_id === edited.model_id ? edited : model;
