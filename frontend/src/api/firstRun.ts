/** The first start: where the library is to live, and what this machine holds already. */
import type { FirstRun, FoundFolder, Job, Place } from "@/types/shapes";
import { client, document } from "./client";

export const firstRunKeys = {
  state: ["first-run"] as const,
  place: (path: string) => ["first-run", "place", path] as const,
  folders: ["found-folders"] as const,
};

export function getFirstRun(signal?: AbortSignal): Promise<FirstRun> {
  return document(client.GET("/api/v1/first-run", { signal }));
}

export function getPlace(path: string, signal?: AbortSignal): Promise<Place> {
  return document(client.GET("/api/v1/first-run/place", { params: { query: { path } }, signal }));
}

export function beginLibrary(path: string): Promise<FirstRun> {
  return document(client.POST("/api/v1/first-run", { body: { path } }));
}

/** The folders of other programs that hold models. */
export function findFolders(signal?: AbortSignal): Promise<FoundFolder[]> {
  return document(client.GET("/api/v1/first-run/folders", { signal }));
}

/** Put the import of small sample models in the queue. */
export function addSamples(): Promise<Job> {
  return document(client.POST("/api/v1/samples"));
}
