/** What is set, and how it is changed. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getLimits, jobKeys, setLimits } from "@/api/jobs";
import { libraryKeys, listDrives, listRoots } from "@/api/library";
import {
  addRoot,
  forgetToken,
  getSettings,
  relocateRoot,
  removeRoot,
  setDriveLimit,
  setSettings,
  setToken,
  settingsKeys,
} from "@/api/settings";
import { S } from "@/strings";
import type { Limits, Settings } from "@/types/shapes";
import { toast, toastError } from "./useToasts";

export function useSettings() {
  return useQuery({
    queryKey: settingsKeys.all,
    queryFn: ({ signal }) => getSettings(signal),
  });
}

export function useRoots() {
  return useQuery({ queryKey: libraryKeys.roots, queryFn: ({ signal }) => listRoots(signal) });
}

export function useDrives() {
  return useQuery({ queryKey: libraryKeys.drives, queryFn: ({ signal }) => listDrives(signal) });
}

export function useLimits() {
  return useQuery({ queryKey: jobKeys.limits, queryFn: ({ signal }) => getLimits(signal) });
}

export function useSettingsActions() {
  const queries = useQueryClient();
  const take = (settings: Settings) => {
    queries.setQueryData(settingsKeys.all, settings);
    queries.invalidateQueries({ queryKey: libraryKeys.status });
  };
  const rootsAreStale = () => {
    for (const name of ["roots", "drives", "status", "models", "storage"]) {
      queries.invalidateQueries({ queryKey: [name] });
    }
  };
  const change = useMutation({ mutationFn: setSettings, onSuccess: take, onError: toastError });
  const keep = useMutation({ mutationFn: setToken, onSuccess: take });
  const forget = useMutation({
    mutationFn: forgetToken,
    onSuccess: (settings) => {
      take(settings);
      toast({ tone: "good", text: S.settings.forgotten });
    },
    onError: toastError,
  });
  const limit = useMutation({
    mutationFn: setLimits,
    onSuccess: (limits: Limits) => queries.setQueryData(jobKeys.limits, limits),
    onError: toastError,
  });
  const drive = useMutation({
    mutationFn: setDriveLimit,
    onSuccess: (drives) => queries.setQueryData(libraryKeys.drives, drives),
    onError: toastError,
  });
  const add = useMutation({ mutationFn: addRoot, onSuccess: rootsAreStale });
  const remove = useMutation({
    mutationFn: removeRoot,
    onSuccess: (root) => {
      toast({ tone: "good", text: S.settings.rootRemoved(root.path) });
      rootsAreStale();
    },
    onError: toastError,
  });
  const relocate = useMutation({
    mutationFn: relocateRoot,
    onSuccess: ({ path, rewritten }) => {
      toast({ tone: "good", text: S.settings.rootMoved(path, rewritten.length) });
      rootsAreStale();
    },
    onError: toastError,
  });
  return { change, keep, forget, limit, drive, add, remove, relocate };
}
