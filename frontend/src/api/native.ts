/**
 * What only the desktop window can do. In a browser there is no bridge: `isWindow` says no, and the functions
 * find nothing.
 */
import type { Problem } from "@/types/shapes";
import { ApiError, isProblem } from "./client";

type Bridge = NonNullable<typeof window.pywebview>["api"];

/** The bridge once its functions are there; until then its object is empty. */
function bridge(): Bridge | undefined {
  const api = window.pywebview?.api;
  return typeof api?.choose_files === "function" ? api : undefined;
}

export function isWindow(): boolean {
  return bridge() !== undefined;
}

export const chooseFiles = () => paths((api) => api.choose_files());
export const chooseFolder = () => paths((api) => api.choose_folder());
/** Full paths of what was just dropped; of nothing when the system gave none. */
export const droppedPaths = () => paths((api) => api.dropped_paths());
/** What the window was opened with, taken once. */
export const givenPaths = () => paths((api) => api.given_paths());

export async function showInFileManager(path: string): Promise<void> {
  const api = bridge();
  if (api) answer(await api.show_in_file_manager({ path }));
}

async function paths(call: (api: Bridge) => Promise<string[] | Problem>): Promise<string[]> {
  const api = bridge();
  return api ? answer(await call(api)) : [];
}

/** The document of a call. Raises `ApiError`. */
function answer<T>(document: T | Problem): T {
  if (isProblem(document)) throw new ApiError(document);
  return document as T;
}
