/** What takes the space, and what lies outside the library a second time. */
import type { Copies, Job, Storage } from "@/types/shapes";
import { client, document } from "./client";

export const storageKeys = { all: ["storage"] as const, copies: ["storage-copies"] as const };

export function getStorage(signal?: AbortSignal): Promise<Storage> {
  return document(client.GET("/api/v1/storage", { signal }));
}

export function findCopies(signal?: AbortSignal): Promise<Copies> {
  return document(client.GET("/api/v1/storage/copies", { signal }));
}

/** A job that reads a file whole and says in its result whether the library holds exactly it. */
export function compareCopy(path: string): Promise<Job> {
  return document(client.POST("/api/v1/storage/compare", { body: { path } }));
}
