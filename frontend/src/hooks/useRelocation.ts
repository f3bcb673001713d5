/** A root or an application that is somewhere else now: what that would change, and doing it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { addApp, listApps, tryApp } from "@/api/apps";
import { relocateRoot } from "@/api/library";
import { S } from "@/strings";
import { toast, toastError } from "./useToasts";

/** What moved: a root by the path where it was, or an application by its id. */
export type Moved = { root: string } | { app: string };

/** What a person is shown before and after. */
export interface Move {
  from: string;
  to: string;
  /** Links that would be written anew, with what they say then. */
  links: readonly { path: string; text: string }[];
  left: readonly { path: string; reason: string }[];
  models: number | null;
  /** Of how many models files are not there. */
  absent: number;
}

async function ofRoot(root: string, place: string, dryRun: boolean): Promise<Move> {
  const done = await relocateRoot(root, place, dryRun);
  return {
    from: done.old_path,
    to: done.path,
    links: done.rewritten.map((one) => ({ path: one.path, text: one.new_text })),
    left: done.left,
    models: done.models,
    absent: done.absent,
  };
}

async function ofApp(appId: string, place: string, dryRun: boolean): Promise<Move> {
  const app = (await listApps()).find((one) => one.app_id === appId);
  const asked = { kind: app?.kind ?? appId, path: place };
  const done = await (dryRun ? tryApp(asked) : addApp({ ...asked, sync: true }));
  const links = done.preview.create.map((one) => ({ path: one.path, text: "" }));
  return {
    from: done.was ?? app?.path ?? "",
    to: done.app.path,
    links,
    left: [],
    models: null,
    absent: 0,
  };
}

const move = (moved: Moved, place: string, dryRun: boolean) =>
  "root" in moved ? ofRoot(moved.root, place, dryRun) : ofApp(moved.app, place, dryRun);

export function useRelocationPreview(moved: Moved, place: string) {
  return useQuery({
    queryKey: ["relocation", moved, place],
    queryFn: () => move(moved, place, true),
    enabled: place !== "",
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}

export function useRelocate(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ moved, place }: { moved: Moved; place: string }) => move(moved, place, false),
    onSuccess: ({ to }) => {
      toast({ tone: "good", text: S.health.relocated(to) });
      for (const name of ["models", "links", "health", "apps", "roots", "status"]) {
        queries.invalidateQueries({ queryKey: [name] });
      }
      onDone();
    },
    onError: toastError,
  });
}
