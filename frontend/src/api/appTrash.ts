/** Installed versions of apps that were removed. */
import type { AppAdded, TrashedApp } from "@/types/shapes";
import { client, document } from "./client";

export const trashKeys = { apps: ["trash", "apps"] as const };

export function listTrashedApps(signal?: AbortSignal): Promise<TrashedApp[]> {
  return document(client.GET("/api/v1/trashed-apps", { signal }));
}

export function restoreTrashedApp(name: string): Promise<AppAdded> {
  return document(client.POST("/api/v1/trashed-apps/restore", { body: { name } }));
}

export function purgeTrashedApp(name: string) {
  return document(client.POST("/api/v1/trashed-apps/purge", { body: { names: [name] } }));
}

/** Free the space of all of them. */
export function purgeTrashedApps() {
  return document(client.POST("/api/v1/trashed-apps/purge", { body: { names: [] } }));
}
