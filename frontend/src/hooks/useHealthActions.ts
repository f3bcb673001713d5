/** What the Health page does: repair, verify, scan, and the trash. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";
import { fixHealth, libraryKeys, scanLibrary } from "@/api/library";
import {
  deleteModel,
  emptyTrash,
  listTrash,
  modelKeys,
  purgeTrashed,
  restoreModel,
  verifyModels,
} from "@/api/models";
import * as format from "@/format";
import { S } from "@/strings";
import type { Health, Job } from "@/types/shapes";
import { takeJob } from "./useEvents";
import { toast, toastError } from "./useToasts";

export function useTrash() {
  return useQuery({
    queryKey: modelKeys.trash,
    queryFn: ({ signal }) => listTrash(signal),
  });
}

/** What a fix did to the links in all applications. */
function linksOf({ repair, caught_up: apps = [] }: Health) {
  const sum = (of: "made" | "removed" | "failed") => apps.reduce((all, app) => all + app[of], 0);
  const repaired = repair?.repaired.length ?? 0;
  return { repaired, made: sum("made"), removed: sum("removed"), failed: sum("failed") };
}

/** What a person is told after a fix: what it did, and what it could not do with the first reason for it. */
function outcomeOf(health: Health): { tone: "good" | "warn"; text: string } {
  const links = linksOf(health);
  const left = health.repair?.left ?? [];
  const changed = Object.values(links).some((count) => count > 0);
  const why = left.map(({ reason }) => reason).find((reason) => reason.includes(" ")); // others are codes
  const reason = left.length > 0 ? S.health.notFixed(left.length, why) : "";
  return {
    tone: left.length > 0 || links.failed > 0 || !changed ? "warn" : "good",
    text: format.sentences(S.health.fixed(links), reason),
  };
}

export function useHealthActions() {
  const queries = useQueryClient();
  const stale = () => {
    for (const name of ["models", "trash", "status", "links"]) {
      queries.invalidateQueries({ queryKey: [name] });
    }
  };
  const queued = (job: Job) => takeJob(queries, job);

  const fix = useMutation({
    mutationFn: (findings: string[]) => fixHealth(findings),
    onSuccess: (health: Health) => {
      queries.setQueryData(libraryKeys.health, health);
      toast(outcomeOf(health));
      stale();
    },
    onError: (error) => {
      if (!(error instanceof ApiError && error.code === "finding-not-found")) {
        toastError(error);
        return;
      }
      // Its name is ours, not the person's; what stands now is what they want to see.
      queries.invalidateQueries({ queryKey: libraryKeys.health });
      toast({ tone: "info", text: S.health.changed });
    },
  });
  const scan = useMutation({ mutationFn: scanLibrary, onSuccess: queued, onError: toastError });
  const verify = useMutation({
    mutationFn: () => verifyModels([]),
    onSuccess: queued,
    onError: toastError,
  });
  const verifyOne = useMutation({
    mutationFn: (id: string) => verifyModels([id]),
    onSuccess: queued,
    onError: toastError,
  });
  const purge = useMutation({
    mutationFn: purgeTrashed,
    onSuccess: ({ freed }) => {
      toast({ tone: "good", text: S.trash.freed(format.bytes(freed)) });
      stale();
    },
    onError: toastError,
  });
  const restore = useMutation({
    mutationFn: restoreModel,
    onSuccess: ({ official_name }) => {
      toast({ tone: "good", text: S.trash.restored(official_name) });
      stale();
      queries.invalidateQueries({ queryKey: libraryKeys.health });
    },
    onError: toastError,
  });
  const forget = useMutation({
    mutationFn: deleteModel,
    onSuccess: () => {
      toast({ tone: "good", text: S.health.forgotten });
      stale();
      queries.invalidateQueries({ queryKey: libraryKeys.health });
    },
    onError: toastError,
  });
  const empty = useMutation({
    mutationFn: emptyTrash,
    onSuccess: (gone) => {
      const freed = gone.reduce((sum, one) => sum + one.freed, 0);
      toast({ tone: "good", text: S.trash.freed(format.bytes(freed)) });
      stale();
    },
    onError: toastError,
  });
  return { fix, scan, verify, verifyOne, restore, forget, purge, empty };
}
