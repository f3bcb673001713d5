/** What is done with several models at once. One that fails stops no other, and stays selected. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { libraryKeys } from "@/api/library";
import {
  deleteModel,
  editModels,
  lookUpModels,
  modelKeys,
  restoreModel,
  verifyModels,
  type Words,
} from "@/api/models";
import * as format from "@/format";
import { S } from "@/strings";
import type { EditedModels, Job, Model, ModelList, Status } from "@/types/shapes";
import { whenOver } from "./useAfterwards";
import { useSyncOf } from "./useApps";
import { takeJob } from "./useEvents";
import { navigate } from "./useLocation";
import type { Selection } from "./useSelection";
import { dismiss, toast, toastError } from "./useToasts";

/** Models of one request of an edit: about a second of work. */
const EDITED_AT_ONCE = 50;
/** Models that a message names, or says something of. */
const NAMED = 3;

export interface Progress {
  done: number;
  all: number;
  /** Ends after what is being done now. */
  stop: () => void;
}

export type EditModels = (
  models: readonly Model[],
  words: Words,
  tell: (progress: Progress) => void,
) => Promise<void>;

interface Failed {
  id: string;
  message: string;
}

export function useBatch(selection: Selection) {
  const queries = useQueryClient();
  const [deleting, setDeleting] = useState<Progress | null>(null);
  const sync = useSyncOf();

  const refresh = () => queries.invalidateQueries({ queryKey: modelKeys.all });

  const queue = async (begin: () => Promise<Job>, text: string) => {
    try {
      const job = await begin();
      takeJob(queries, job);
      const id = toast({ tone: "info", text });
      whenOver(job.job_id, () => dismiss(id));
    } catch (error) {
      toastError(error);
    }
  };

  /** Says which failed, and keeps them selected. */
  const tellFailed = (models: readonly Model[], failed: readonly Failed[], text: string) => {
    const ids = new Set(failed.map(({ id }) => id));
    const left = models.filter((model) => ids.has(model.model_id));
    const names = new Map(left.map((model) => [model.model_id, model.official_name]));
    const hint = firstOf(failed.map(({ id, message }) => `${names.get(id)}: ${message}`));
    toast({ tone: "bad", text, hint });
    selection.set(left);
  };

  const restore = async (ids: readonly string[]) => {
    const { done, failed } = await inSteps(ids, 1, one(restoreModel), () => {});
    if (done.length > 0) toast({ tone: "good", text: S.batch.restored(done.length) });
    for (const { message } of failed) toast({ tone: "bad", text: message });
    await refresh();
  };

  /** To the trash, one after the other. */
  const remove = async (models: readonly Model[]): Promise<void> => {
    const ids = models.map((model) => model.model_id);
    const { done, failed } = await inSteps(ids, 1, one(deleteModel), setDeleting);
    setDeleting(null);
    for (const id of done) queries.removeQueries({ queryKey: modelKeys.one(id) });
    await refresh();
    if (done.length > 0) {
      const action = { label: S.undo, run: () => restore(done) };
      const more = { label: S.trash.open, run: () => navigate("/trash") };
      toast({ tone: "good", text: S.batch.deleted(done.length), action, more });
    }
    if (failed.length > 0) tellFailed(models, failed, S.batch.failed(failed.length));
  };

  const undoEdit = async (undo: EditedModels["undo"]) => {
    const done: string[] = [];
    const failed: Failed[] = [];
    for (const { model_ids, ...words } of undo) {
      const act = async (ids: string[]) => notEdited(await editModels(ids, words));
      const some = await inSteps(model_ids, EDITED_AT_ONCE, act, () => {});
      done.push(...some.done);
      failed.push(...some.failed);
    }
    await refresh();
    if (done.length > 0) toast({ tone: "good", text: S.batch.editUndone(done.length) });
    if (failed.length > 0) {
      const hint = firstOf(failed.map(({ message }) => message));
      toast({ tone: "warn", text: S.batch.notUndone(failed.length), hint });
    }
  };

  /** Throws what is wrong with the words; then nothing was changed. */
  const edit: EditModels = async (models, words, tell) => {
    const edited = new Map<string, Model>();
    const undo: EditedModels["undo"] = [];
    const act = async (ids: string[]): Promise<Failed[]> => {
      const answer = await editModels(ids, words);
      for (const model of answer.edited) edited.set(model.model_id, model);
      undo.push(...answer.undo);
      return notEdited(answer);
    };
    const ids = models.map((model) => model.model_id);
    const { done, failed } = await inSteps(ids, EDITED_AT_ONCE, act, tell);
    await refresh();
    if (done.length > 0) {
      const action = undo.length > 0 ? { label: S.undo, run: () => undoEdit(undo) } : undefined;
      toast({ tone: "good", text: S.batch.edited(done.length), hint: changedFields(undo), action });
    }
    if (failed.length > 0) tellFailed(models, failed, S.batch.notEdited(failed.length));
    else selection.set(models.map((model) => edited.get(model.model_id) ?? model));
  };

  /** The selected models as they are now: since they were selected, somebody may have edited them. */
  const current = (): Model[] => {
    const loaded = queries.getQueryCache().findAll({ queryKey: [...modelKeys.all, "page"] });
    loaded.sort((a, b) => a.state.dataUpdatedAt - b.state.dataUpdatedAt);
    const lists = loaded.map((query) => query.state.data as ModelList | undefined);
    const known = lists.flatMap((list) => list?.models ?? []);
    const newest = new Map(known.map((model) => [model.model_id, model]));
    return [...selection.models.values()].map((model) => {
      const listed = newest.get(model.model_id);
      return listed && listed.updated >= model.updated ? listed : model;
    });
  };

  /** Not while working offline: nobody would be asked. */
  const lookUp = (ids: string[]) => {
    if (!queries.getQueryData<Status>(libraryKeys.status)?.network.offline) {
      return queue(() => lookUpModels(ids), S.batch.lookingUp(ids.length));
    }
    const action = { label: S.pages.settings, run: () => navigate("/settings") };
    const text = S.batch.offline(ids.length);
    toast({ tone: "warn", text, hint: S.batch.offlineHint, action });
  };

  return {
    deleting,
    current,
    remove,
    edit,
    sync,
    verify: (ids: string[]) => queue(() => verifyModels(ids), S.batch.verifying(ids.length)),
    lookUp,
  };
}

function notEdited({ failed }: EditedModels): Failed[] {
  return failed.map(({ model_id, error }) => ({ id: model_id, message: error.message }));
}

function firstOf(messages: readonly string[]): string {
  const named = messages.slice(0, NAMED);
  if (messages.length > NAMED) named.push(S.batch.andMore(messages.length - NAMED));
  return named.join(" · ");
}

/** What was changed, in words. A type of adapter goes with the kind. */
function changedFields(undo: EditedModels["undo"]): string {
  const words = undo.flatMap(({ as_left }) => as_left);
  const names = new Set(words.map((word) => word.slice(0, word.indexOf("="))));
  if (names.has("kind")) names.delete("adapter_type");
  const fields: Record<string, string> = S.fields;
  return [...names].map((name) => fields[name] ?? name).join(", ");
}

type Act = (ids: string[]) => Promise<Failed[]>;

/** An act on one model as one on several. */
function one(act: (id: string) => Promise<unknown>): Act {
  return async ([id = ""]) => {
    try {
      await act(id);
      return [];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return [{ id, message: format.sentences(error.message, error.hint) }];
    }
  };
}

/** Acts on a few at a time, tells how far it is, and ends early when it is told to. */
async function inSteps(
  ids: readonly string[],
  size: number,
  act: Act,
  tell: (progress: Progress) => void,
) {
  const done: string[] = [];
  const failed: Failed[] = [];
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  tell({ done: 0, all: ids.length, stop });
  for (let first = 0; first < ids.length && !isStopped; first += size) {
    const few = ids.slice(first, first + size);
    const wrong = await act(few);
    failed.push(...wrong);
    done.push(...few.filter((id) => !wrong.some((one) => one.id === id)));
    tell({ done: first + few.length, all: ids.length, stop });
  }
  return { done, failed };
}
