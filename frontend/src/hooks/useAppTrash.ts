/** The trash of installed apps. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  listTrashedApps,
  purgeTrashedApp,
  purgeTrashedApps,
  restoreTrashedApp,
  trashKeys,
} from "@/api/appTrash";
import * as format from "@/format";
import { S } from "@/strings";
import { toast, toastError } from "./useToasts";

export function useAppTrash() {
  return useQuery({ queryKey: trashKeys.apps, queryFn: ({ signal }) => listTrashedApps(signal) });
}

export function useAppTrashActions() {
  const queries = useQueryClient();
  const stale = () => {
    for (const name of ["trash", "apps", "links", "health", "storage"]) {
      queries.invalidateQueries({ queryKey: [name] });
    }
  };
  const tellFreed = ({ freed }: { freed: number }) =>
    toast({ tone: "good", text: S.trash.freed(format.bytes(freed)) });
  const restore = useMutation({
    mutationFn: restoreTrashedApp,
    onSuccess: ({ app }) => toast({ tone: "good", text: S.trash.restored(app.name) }),
    onError: toastError,
    onSettled: stale,
  });
  const purge = useMutation({
    mutationFn: purgeTrashedApp,
    onSuccess: tellFreed,
    onError: toastError,
    onSettled: stale,
  });
  const purgeAll = useMutation({
    mutationFn: purgeTrashedApps,
    onSuccess: tellFreed,
    onError: toastError,
    onSettled: stale,
  });
  return { restore, purge, purgeAll };
}
