/** One model: what is known of it, its links, and changes by hand. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
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
