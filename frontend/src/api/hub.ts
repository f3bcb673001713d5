/** The Hugging Face Hub: what is published, and fetching it. */
import type { DownloadArguments, Found, Job, Repository } from "@/types/shapes";
import { ApiError, client, document } from "./client";

export const hubKeys = {
  all: ["hub"] as const,
  find: (query: string) => ["hub", "find", query] as const,
  repository: (repo: string) => ["hub", "repository", repo] as const,
};

const MOST_FOUND = 40;
const SWITCHED_OFF = "offline";
const AWAY = new Set([SWITCHED_OFF, "connection-failed", "timed-out"]);

/** Whether no answer came because of the network. */
export function isAway(error: unknown): error is ApiError {
  return error instanceof ApiError && AWAY.has(error.code);
}

/** Whether nobody was asked, because the library works offline. */
export function isSwitchedOff(error: unknown): boolean {
  return error instanceof ApiError && error.code === SWITCHED_OFF;
}

export function findModels(query: string, signal?: AbortSignal): Promise<Found> {
  const parameters = { query: { query, limit: MOST_FOUND } };
  return document(client.GET("/api/v1/hub/search", { params: parameters, signal }));
}

export function getRepository(repo: string, signal?: AbortSignal): Promise<Repository> {
  return document(client.GET("/api/v1/hub/repository", { params: { query: { repo } }, signal }));
}

/**
 * Before what a person wants now: hosts that are left in peace are tried all the same, by one request. What repeats by
 * itself does not call this.
 */
export async function askAgain(): Promise<void> {
  await document(client.POST("/api/v1/network/ask-again", {}));
}

export async function download(body: DownloadArguments): Promise<Job> {
  await askAgain();
  return document(client.POST("/api/v1/downloads", { body }));
}
