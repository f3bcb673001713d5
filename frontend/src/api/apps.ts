/** Applications, the links in them, and what a sync would do. */
import type {
  App,
  AppAdded,
  AppPreview,
  AppRemoved,
  FoundApp,
  Job,
  Profile,
  PutBack,
  Repaired,
  Replaced,
  SyncDone,
} from "@/types/shapes";
import { client, document } from "./client";

export const appKeys = {
  all: ["apps"] as const,
  list: ["apps", "list"] as const,
  found: (path: string) => ["apps", "found", path] as const,
  preview: (app: string, prune: boolean) => ["apps", "preview", app, prune] as const,
  replaced: (app: string) => ["apps", "replaced", app] as const,
  profiles: ["apps", "profiles"] as const,
  /** Not below "apps": what was added meanwhile cannot be tried again. */
  trial: (asked: AppAsked) => ["trial of an app", asked] as const,
};

export function listApps(signal?: AbortSignal): Promise<App[]> {
  return document(client.GET("/api/v1/apps", { signal }));
}

/** The installations of the usual places, or of one folder. */
export function findApps(path: string, signal?: AbortSignal): Promise<FoundApp[]> {
  const query = path ? { path } : {};
  return document(client.GET("/api/v1/installations", { params: { query }, signal }));
}

export interface AppAsked {
  kind: string;
  path: string;
  variant?: string;
}

/** What adding it would give; nothing is changed. */
export function tryApp(asked: AppAsked, signal?: AbortSignal): Promise<AppAdded> {
  return document(client.POST("/api/v1/apps", { body: { ...asked, dry_run: true }, signal }));
}

export function addApp(asked: AppAsked & { sync: boolean }): Promise<AppAdded> {
  return document(client.POST("/api/v1/apps", { body: asked }));
}

export interface InstallAsked {
  kind: string;
  version: string;
  source: string;
  sync: boolean;
}

export function installApp(asked: InstallAsked): Promise<Job> {
  return document(client.POST("/api/v1/apps/install", { body: asked }));
}

export function removeApp(app: string, trash: boolean): Promise<AppRemoved> {
  return document(
    client.DELETE("/api/v1/apps/{app}", { params: { path: { app }, query: { trash } } }),
  );
}

export function previewLinks(
  app: string,
  prune: boolean,
  signal?: AbortSignal,
): Promise<AppPreview> {
  return document(
    client.GET("/api/v1/apps/{app}/preview", {
      params: { path: { app }, query: { prune } },
      signal,
    }),
  );
}

export interface SyncAsked {
  /** Ids of models: only their links. */
  only?: string[];
  prune?: boolean;
  accept?: string[];
  choices?: Record<string, string>;
}

export function syncLinks(app: string, asked: SyncAsked): Promise<SyncDone> {
  return document(
    client.POST("/api/v1/apps/{app}/sync", { params: { path: { app } }, body: asked }),
  );
}

export function cleanLinks(app: string) {
  return document(client.POST("/api/v1/apps/{app}/clean", { params: { path: { app } } }));
}

export function repairLinks(): Promise<Repaired> {
  return document(client.POST("/api/v1/links/repair", { body: {} }));
}

export function listProfiles(signal?: AbortSignal): Promise<Profile[]> {
  return document(client.GET("/api/v1/profiles", { signal }));
}

/** The files that gave way to links. */
export function listReplaced(app: string, signal?: AbortSignal): Promise<Replaced[]> {
  return document(client.GET("/api/v1/apps/{app}/replaced", { params: { path: { app } }, signal }));
}

export function putBack(app: string, targets: string[]): Promise<PutBack> {
  return document(
    client.POST("/api/v1/apps/{app}/replaced/put-back", {
      params: { path: { app } },
      body: { targets },
    }),
  );
}

export function purgeReplaced(app: string, targets: string[]): Promise<PutBack> {
  return document(
    client.POST("/api/v1/apps/{app}/replaced/purge", {
      params: { path: { app } },
      body: { targets },
    }),
  );
}
