/** A profile while it is edited: what is to be different, and what a sync would do then. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  getVersions,
  profileKeys,
  removeProfile,
  saveProfile,
  setVariant,
  setVersions,
  showProfile,
  tryProfile,
} from "@/api/profiles";
import { S } from "@/strings";
import type { ProfileChange } from "@/types/shapes";
import { useDebounced } from "./useLatest";
import { toast, toastError } from "./useToasts";

/** Milliseconds without a key before the preview is made anew. */
const QUIET = 300;

/** What is to be different; `text` is the whole file. */
export interface Draft {
  off: readonly string[];
  on: readonly string[];
  conditions: Readonly<Record<string, string>>;
  rules: readonly string[];
  drop: readonly string[];
  text: string | null;
}

export const UNCHANGED: Draft = {
  off: [],
  on: [],
  conditions: {},
  rules: [],
  drop: [],
  text: null,
};

function changeOf(draft: Draft): ProfileChange {
  const { text, off, on, conditions, rules, drop } = draft;
  if (text !== null) return { text };
  return {
    ...(off.length > 0 && { off: [...off] }),
    ...(on.length > 0 && { on: [...on] }),
    ...(Object.keys(conditions).length > 0 && { conditions: { ...conditions } }),
    ...(rules.length > 0 && { rules: [...rules] }),
    ...(drop.length > 0 && { drop: [...drop] }),
  };
}

export const isChanged = (draft: Draft) => Object.keys(changeOf(draft)).length > 0;

export function useProfileDetail(name: string) {
  return useQuery({
    queryKey: profileKeys.one(name),
    queryFn: ({ signal }) => showProfile(name, signal),
    retry: false,
  });
}

/** The profile with a draft, and what a sync of the application would do. */
export function useProfileDraft(name: string, app: string) {
  const [draft, setDraft] = useState<Draft>(UNCHANGED);
  const settled = useDebounced(draft, QUIET);
  const change = { ...changeOf(settled), app };
  const trial = useQuery({
    queryKey: profileKeys.trial(name, change),
    queryFn: ({ signal }) => tryProfile(name, change, signal),
    enabled: isChanged(settled),
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });
  return { draft, setDraft, trial, isSettled: settled === draft && !trial.isFetching };
}

export type ProfileTrial = ReturnType<typeof useProfileDraft>["trial"];
export type ProfileActions = ReturnType<typeof useProfileActions>;

export function useProfileActions(app: string, onSaved: () => void) {
  const queries = useQueryClient();
  const stale = () => queries.invalidateQueries({ queryKey: ["apps"] });
  const save = useMutation({
    mutationFn: ({ name, draft, revision }: { name: string; draft: Draft; revision?: string }) =>
      saveProfile(name, { ...changeOf(draft), ...(revision !== undefined && { revision }) }),
    onSuccess: ({ profile }) => {
      queries.setQueryData(profileKeys.one(profile.name), profile);
      onSaved();
      toast({ tone: "good", text: S.profile.saved(profile.name) });
    },
    onError: toastError,
    onSettled: stale,
  });
  const variant = useMutation({
    mutationFn: (name: string) => setVariant(app, name),
    onSuccess: onSaved,
    onError: toastError,
    onSettled: stale,
  });
  /** A variant of the user's own is begun and used. */
  const begin = useMutation({
    mutationFn: async ({ kind, name }: { kind: string; name: string }) => {
      await saveProfile(`${kind}+${name}`, {});
      return setVariant(app, name);
    },
    onSuccess: onSaved,
    onError: toastError,
    onSettled: stale,
  });
  const remove = useMutation({
    mutationFn: async ({ name, isUsed }: { name: string; isUsed: boolean }) => {
      if (isUsed) await setVariant(app, "");
      return removeProfile(name);
    },
    onSuccess: () => {
      onSaved();
      toast({ tone: "good", text: S.profile.removed });
    },
    onError: toastError,
    onSettled: stale,
  });
  return { save, variant, begin, remove };
}

export function useVersions(model: string) {
  return useQuery({
    queryKey: profileKeys.versions(model),
    queryFn: ({ signal }) => getVersions(model, signal),
  });
}

export function useSetVersions(model: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (ranges: Record<string, string>) => setVersions(model, ranges),
    onSuccess: (found) => queries.setQueryData(profileKeys.versions(model), found),
    onSettled: () => {
      for (const name of ["links", "apps"]) queries.invalidateQueries({ queryKey: [name] });
    },
  });
}
