/** The library as a whole: how it stands, its roots and drives, its health. */
import type { Drive, Health, Relocation, Root, Status } from "@/types/shapes";
import { client, document } from "./client";

export const libraryKeys = {
  status: ["status"] as const,
  health: ["health"] as const,
  roots: ["roots"] as const,
  drives: ["drives"] as const,
};

export function getStatus(signal?: AbortSignal): Promise<Status> {
  return document(client.GET("/api/v1/status", { signal }));
}

export function getHealth(signal?: AbortSignal): Promise<Health> {
  return document(client.GET("/api/v1/health", { signal }));
}

/** Without `findings` (their ids) everything that can be fixed is. */
export function fixHealth(findings: string[] = []): Promise<Health> {
  return document(client.POST("/api/v1/health/fix", { body: { findings } }));
}

export function listRoots(signal?: AbortSignal): Promise<Root[]> {
  return document(client.GET("/api/v1/roots", { signal }));
}

export function listDrives(signal?: AbortSignal): Promise<Drive[]> {
  return document(client.GET("/api/v1/drives", { signal }));
}

/** What it means that a root is at another place now; with `dryRun` only what would be done. */
export function relocateRoot(old: string, place: string, dryRun: boolean): Promise<Relocation> {
  const body = { old, new: place, dry_run: dryRun };
  return document(client.POST("/api/v1/roots/relocate", { body }));
}

export function scanLibrary(deep: boolean) {
  return document(client.POST("/api/v1/scans", { body: { deep } }));
}
