/**
 * What the desktop window adds to the pages: `window.pywebview.api` carries the operations of the server
 * under the names of its schema, and what only a window can do. Every function takes one object with all
 * arguments and resolves to the document of the operation, or to the problem document that says what went
 * wrong; it does not reject.
 */
import type { components, operations } from "./api";

type Problem = components["schemas"]["ProblemJson"];

/** Events, pictures and uploads are bytes, and bytes go over HTTP. */
type OnlyHttp =
  | "events"
  | "preview"
  | "uploads"
  | "upload"
  | "announce_upload"
  | "send_upload"
  | "cancel_upload";

type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer T } } } }
  ? T
  : O extends { responses: { 202: { content: { "application/json": infer T } } } }
    ? T
    : never;

type Part<O, Name extends string> = O extends { parameters: Record<Name, infer T> } ? T : unknown;
type Query<O> = O extends { parameters: { query?: infer T } } ? NonNullable<T> : unknown;
type Body<O> = O extends { requestBody?: { content: { "application/json": infer T } } }
  ? T
  : unknown;

type Operations = {
  [Name in Exclude<keyof operations, OnlyHttp>]: (
    sent?: Part<operations[Name], "path"> & Query<operations[Name]> & Body<operations[Name]>,
  ) => Promise<Answer<operations[Name]> | Problem>;
};

interface NativeWindow {
  /** Dialogs of the system; absolute paths, none when the dialog was closed. */
  choose_files(): Promise<string[] | Problem>;
  choose_folder(): Promise<string[] | Problem>;
  /** Full paths of what was just dropped, taken once. */
  dropped_paths(): Promise<string[] | Problem>;
  /** What the window was opened with, taken once; the event `model-library-given` tells of more. */
  given_paths(): Promise<string[] | Problem>;
  show_in_file_manager(sent: { path: string }): Promise<null | Problem>;
}

declare global {
  interface Window {
    /** Only in the desktop window, and there from the event `pywebviewready` on. */
    pywebview?: { api: Operations & NativeWindow };
  }
}
