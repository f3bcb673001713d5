/**
 * Applications. What takes long goes on when its page is closed: the request belongs to the application, and
 * `useIsBusy` tells of it wherever it is shown.
 */
import {
  keepPreviousData,
  useIsMutating,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { adviceOf } from "@/advice";
import {
  type AppAsked,
  addApp,
  appKeys,
  cleanLinks,
  findApps,
  type InstallAsked,
  installApp,
  listApps,
  listProfiles,
  listReplaced,
  previewLinks,
  purgeReplaced,
  putBack,
  removeApp,
  repairLinks,
  type SyncAsked,
  syncLinks,
  tryApp,
} from "@/api/apps";
import * as format from "@/format";
import { S } from "@/strings";
import type { PutBack } from "@/types/shapes";
import { takeJob } from "./useEvents";
import { navigate } from "./useLocation";
import { toast, toastError } from "./useToasts";
import { useWorkingOn } from "./useWorking";

export function useApps() {
  return useQuery({ queryKey: appKeys.list, queryFn: ({ signal }) => listApps(signal) });
}

/** Looking again is one click: what is on the disk can be another every minute. */
export function useFoundApps(path: string, enabled = true) {
  return useQuery({
    queryKey: appKeys.found(path),
    queryFn: ({ signal }) => findApps(path, signal),
    staleTime: 0,
    enabled,
  });
}

export function usePreview(app: string, prune: boolean) {
  return useQuery({
    queryKey: appKeys.preview(app, prune),
    queryFn: ({ signal }) => previewLinks(app, prune, signal),
    staleTime: 0,
    placeholderData: (before, query) =>
      query?.queryKey[2] === app ? keepPreviousData(before) : undefined,
  });
}

export function useReplaced(app: string) {
  return useQuery({
    queryKey: appKeys.replaced(app),
    queryFn: ({ signal }) => listReplaced(app, signal),
  });
}

export function useProfiles() {
  return useQuery({ queryKey: appKeys.profiles, queryFn: ({ signal }) => listProfiles(signal) });
}

/** What adding an installation would give. */
export function useTrial(asked: AppAsked | null) {
  return useQuery({
    queryKey: appKeys.trial(asked ?? { kind: "", path: "" }),
    queryFn: ({ signal }) => tryApp(asked as AppAsked, signal),
    enabled: asked !== null,
    staleTime: 0,
    retry: false,
  });
}

const key = (app: string) => ["apps", "busy", app];

/** Whether something is being done to an application, begun here, on another page or before this one was loaded. */
export function useIsBusy(app: string): boolean {
  const isWorkedOn = useWorkingOn(app) !== undefined;
  return useIsMutating({ mutationKey: key(app) }) > 0 || isWorkedOn;
}

function useStale() {
  const queries = useQueryClient();
  return () => {
    for (const name of ["apps", "links", "health"]) {
      queries.invalidateQueries({ queryKey: [name] });
    }
  };
}

export function useAddApp() {
  const stale = useStale();
  return useMutation({
    mutationKey: key(""),
    mutationFn: (asked: AppAsked & { sync: boolean }) => addApp(asked),
    onSuccess: ({ app, sync }) => {
      const left = S.apps.leftOf(sync?.conflicts.length ?? 0, 0);
      toast({
        tone: left ? "info" : "good",
        text: S.apps.added(app.name, sync?.made.length ?? null),
        ...(left && { hint: left }),
      });
    },
    onError: toastError,
    onSettled: stale,
  });
}

/** The job says how it ends; its error is shown where it was asked for only when it cannot begin. */
export function useInstallApp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asked: InstallAsked) => installApp(asked),
    onSuccess: (job) => takeJob(queries, job),
  });
}

/** Links some models into an application. What is in the way is left alone and decided on its page. */
export function useSyncOf() {
  const stale = useStale();
  return async (app: string, ids: string[]) => {
    try {
      const done = await syncLinks(app, { only: ids });
      const { made, kept, removed, failed, conflicts, excluded } = done;
      const left = S.apps.leftOf(conflicts.length, excluded);
      toast({
        tone: failed.length > 0 ? "bad" : left ? "info" : "good",
        text: S.apps.linked(made.length, kept, removed.length, failed.length),
        ...(left && { hint: left }),
        ...((left || failed.length > 0) && {
          action: {
            label: S.apps.show,
            run: () => navigate("/apps", new URLSearchParams({ app })),
          },
        }),
      });
    } catch (error) {
      toastError(error);
    } finally {
      stale();
    }
  };
}

function tellReturned(done: PutBack, text: string): void {
  const [first] = done.failed;
  if (first) {
    const hint = format.sentences(first.error.message, adviceOf(first.error));
    toast({ tone: "bad", text: S.apps.notReturned(done.failed.length), hint });
  }
  if (done.done.length > 0) toast({ tone: "good", text });
}

export function useAppActions(app: string) {
  const stale = useStale();
  const common = { mutationKey: key(app), onError: toastError, onSettled: stale };
  const sync = useMutation({
    ...common,
    mutationFn: (asked: SyncAsked) => syncLinks(app, asked),
    onSuccess: (done) => {
      const left = S.apps.leftOf(done.conflicts.length, 0);
      toast({
        tone: done.failed.length > 0 ? "bad" : left ? "info" : "good",
        text: S.apps.synced(done.made.length, done.removed.length, done.failed.length),
        ...(left && { hint: left }),
      });
    },
  });
  const clean = useMutation({
    ...common,
    mutationFn: () => cleanLinks(app),
    onSuccess: ({ removed }) => toast({ tone: "good", text: S.apps.cleaned(removed.length) }),
  });
  const remove = useMutation({
    ...common,
    mutationFn: (trash: boolean) => removeApp(app, trash),
    onSuccess: ({ removed, left }) =>
      toast({
        tone: left.length > 0 ? "info" : "good",
        text: S.apps.removed(removed),
        ...(left.length > 0 && { hint: S.apps.removedLeft(left.length) }),
      }),
  });
  const repair = useMutation({
    ...common,
    mutationFn: repairLinks,
    onSuccess: ({ repaired, left }) =>
      toast({
        tone: left.length > 0 ? "info" : "good",
        text: S.apps.repaired(repaired.length, left.length),
      }),
  });
  const back = useMutation({
    ...common,
    mutationFn: (targets: string[]) => putBack(app, targets),
    onSuccess: (done) => tellReturned(done, S.apps.isBack(done.done.length)),
  });
  const purge = useMutation({
    ...common,
    mutationFn: (targets: string[]) => purgeReplaced(app, targets),
    onSuccess: (done) => tellReturned(done, S.apps.freed(format.bytes(done.freed))),
  });
  return { sync, clean, remove, repair, back, purge };
}

export type AppActions = ReturnType<typeof useAppActions>;
