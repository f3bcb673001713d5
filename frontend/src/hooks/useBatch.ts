/** What is done with several models at once. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteModel, lookUpModels, modelKeys, restoreModel, verifyModels } from "@/api/models";
import { S } from "@/strings";
import type { Job } from "@/types/shapes";
import { takeJob } from "./useEvents";
import { toast, toastError } from "./useToasts";

export function useBatch() {
  const queries = useQueryClient();
  /** How many of how many are deleted; null when nothing is. */
  const [deleting, setDeleting] = useState<{ done: number; all: number } | null>(null);

  const refresh = () => queries.invalidateQueries({ queryKey: modelKeys.all });

  const queue = async (begin: () => Promise<Job>, text: string) => {
    try {
      takeJob(queries, await begin());
      toast({ tone: "info", text });
    } catch (error) {
      toastError(error);
    }
  };

  const restore = async (ids: readonly string[]) => {
    const { done } = await each(ids, restoreModel, () => {});
    if (done.length > 0) toast({ tone: "good", text: S.batch.restored(done.length) });
    await refresh();
  };

  /** To the trash, one after the other. */
  const remove = async (ids: readonly string[]): Promise<void> => {
    setDeleting({ done: 0, all: ids.length });
    const { done, failed } = await each(ids, deleteModel, (count) =>
      setDeleting({ done: count, all: ids.length }),
    );
    setDeleting(null);
    for (const id of done) queries.removeQueries({ queryKey: modelKeys.one(id) });
    await refresh();
    if (done.length > 0) {
      const action = { label: S.undo, run: () => restore(done) };
      toast({ tone: "good", text: S.batch.deleted(done.length), action });
    }
    if (failed.length > 1) toast({ tone: "bad", text: S.batch.failed(failed.length) });
  };

  return {
    deleting,
    remove,
    verify: (ids: string[]) => queue(() => verifyModels(ids), S.batch.verifying(ids.length)),
    lookUp: (ids: string[]) => queue(() => lookUpModels(ids), S.batch.lookingUp(ids.length)),
  };
}

async function each(
  ids: readonly string[],
  act: (id: string) => Promise<unknown>,
  tell: (count: number) => void,
) {
  const done: string[] = [];
  const failed: string[] = [];
  for (const id of ids) {
    try {
      await act(id);
      done.push(id);
    } catch (error) {
      failed.push(id);
      toastError(error);
    }
    tell(done.length + failed.length);
  }
  return { done, failed };
}
