/** The trash of installed apps. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { listTrashedApps, purgeTrashedApp, restoreTrashedApp, trashKeys } from "@/api/appTrash";
import * as format from "@/format";
import { S } from "@/strings";
import { toast, toastError } from "./useToasts";

export function useAppTrash() {
  return useQuery({ queryKey: trashKeys.apps, queryFn: ({ signal }) => listTrashedApps(signal) });
}

export function useAppTrashActions() {
  const queries = useQueryClient();
  const stale = () => {
    for (const name of ["trash", "apps", "links", "health"]) {
      queries.invalidateQueries({ queryKey: [name] });
    }
  };
  const restore = useMutation({
    mutationFn: restoreTrashedApp,
    onSuccess: ({ app }) => toast({ tone: "good", text: S.health.restored(app.name) }),
    onError: toastError,
    onSettled: stale,
  });
  const purge = useMutation({
    mutationFn: purgeTrashedApp,
    onSuccess: ({ freed }) => toast({ tone: "good", text: S.health.freed(format.bytes(freed)) }),
    onError: toastError,
    onSettled: stale,
  });
  return { restore, purge };
}
