/**
 * What the desktop window adds to the pages: `window.pywebview.api` carries the operations of the server
 * under the names of its schema, and what only a window can do.
 */
import type { operations } from "./api";

type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer T } } } }
  ? T
  : O extends { responses: { 202: { content: { "application/json": infer T } } } }
    ? T
    : never;

type Operations = {
  [Name in Exclude<keyof operations, "events" | "preview">]: (
    ...args: unknown[]
  ) => Promise<Answer<operations[Name]>>;
};

interface NativeWindow {
  /** Native dialogs; absolute paths, empty when cancelled. */
  choose_files(): Promise<string[]>;
  choose_folder(): Promise<string[]>;
  /** Full paths of what was just dropped, taken once. */
  dropped_paths(): Promise<string[]>;
  show_in_file_manager(path: string): Promise<void>;
}

declare global {
  interface Window {
    /** Only in the desktop window, and there from the event `pywebviewready` on. */
    pywebview?: { api: Operations & NativeWindow };
  }
}
