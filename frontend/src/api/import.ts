/**
 * Bringing files in: choosing them on the server's machine, sending them from the browser, and the import
 * itself. What was dropped becomes either paths, where a window or the system gives them, or files to send.
 */
import type {
  Folder,
  ImportArguments,
  ImportDone,
  Inspected,
  Inspection,
  Job,
  Matched,
  Upload,
} from "@/types/shapes";
import { ApiError, asApiError, client, document } from "./client";
import { droppedPaths } from "./native";

export const importKeys = {
  folder: (path: string, hidden: boolean) => ["files", path, hidden] as const,
  inspection: (paths: readonly string[]) => ["inspection", paths] as const,
  preview: (paths: readonly string[]) => ["import-preview", paths] as const,
  result: (jobId: string) => ["job-result", jobId] as const,
};

/** A file in the browser, with its place below what was dropped or chosen. */
export interface LocalFile {
  name: string;
  file: File;
}

/** What a person gave: paths that the server can read, or files that have to be sent to it. */
export type Given = { paths: string[] } | { files: LocalFile[] };

export function listFolder(path: string, hidden: boolean, signal?: AbortSignal): Promise<Folder> {
  return document(client.GET("/api/v1/files", { params: { query: { path, hidden } }, signal }));
}

/** What these files are, by their headers. */
export function inspectPaths(paths: string[], signal?: AbortSignal): Promise<Inspection> {
  return document(client.POST("/api/v1/inspections", { body: { paths }, signal }));
}

/** Which published model one of a preview is. */
export function matchFound(model: Inspected, signal?: AbortSignal): Promise<Matched> {
  const embedded = Object.entries(model.embedded ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const body = {
    files: model.files ?? [],
    name: model.official_name ?? model.name ?? "",
    form: model.form ?? "single-file",
    missing_files: model.missing_files ?? [],
    embedded: Object.fromEntries(embedded),
  };
  return document(client.POST("/api/v1/hub/matches", { body, signal }));
}

/** What an import of these paths would do. All files are read for it, to know which are here already. Pickles are shown as well: whether they come in is asked after. */
export function previewImport(paths: string[], signal?: AbortSignal): Promise<ImportDone> {
  const body = { paths, accept_pickle: true };
  return document(client.POST("/api/v1/imports/preview", { body, signal }));
}

export function beginImport(body: ImportArguments): Promise<Job> {
  return document(client.POST("/api/v1/imports", { body }));
}

// --- what was dropped ------------------------------------------------------------------------------------

/** The paths of a `text/uri-list`, as file managers of GTK and Qt give it; other addresses are left out. */
export function pathsOfList(list: string): string[] {
  return list
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.toLowerCase().startsWith("file:"))
    .flatMap((line) => {
      try {
        const path = decodeURIComponent(new URL(line).pathname);
        return [/^\/[A-Za-z]:/.test(path) ? path.slice(1) : path];
      } catch {
        return []; // an address that is none
      }
    });
}

/** Whether something that can be imported is dragged, and not a piece of text of the page. */
export function holdsFiles(data: DataTransfer | null): boolean {
  return data !== null && (data.types.includes("Files") || data.types.includes("text/uri-list"));
}

/** Whether a text is dragged, in which a file manager may have put its list of files. */
export function holdsText(data: DataTransfer | null): boolean {
  return data?.types.includes("text/plain") ?? false;
}

/**
 * What was dropped. It has to be called in the event itself: afterwards the browser gives nothing any more.
 */
export async function dropped(data: DataTransfer): Promise<Given> {
  const list = data.getData("text/uri-list") || data.getData("text/plain");
  const entries = [...data.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((one) => one !== null);
  const plain = [...data.files];
  const paths = await droppedPaths();
  if (paths.length > 0) return { paths };
  const files = entries.length > 0 ? await filesOf(entries) : chosen(plain);
  return files.length > 0 ? { files } : { paths: pathsOfList(list) };
}

/** Files of an `<input type="file">`, which knows folders by `webkitRelativePath`. */
export function chosen(files: Iterable<File>): LocalFile[] {
  return [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

async function filesOf(entries: readonly FileSystemEntry[]): Promise<LocalFile[]> {
  const found: LocalFile[] = [];
  for (const entry of entries) {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      found.push({ name: entry.fullPath.replace(/^\/+/, ""), file });
    } else if (entry.isDirectory) {
      found.push(...(await filesOf(await childrenOf(entry as FileSystemDirectoryEntry))));
    }
  }
  return found;
}

/** A browser gives the entries of a folder a hundred at a time, until it gives none. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

// --- sending ---------------------------------------------------------------------------------------------

const PIECE = 64 * 1024 * 1024; // bytes of one request: how much a cut costs at most in the worst browser
const TRIES = 6; // without a single byte that arrived
const PAUSE = 1_000; // milliseconds before the second try; it doubles

export type Arrived = (bytes: number) => void;

export function announceUpload(local: LocalFile, batch: string | null): Promise<Upload> {
  const body = { name: local.name, size: local.file.size, batch };
  return document(client.POST("/api/v1/uploads", { body }));
}

export function cancelUpload(id: string) {
  return document(
    client.DELETE("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: id } } }),
  );
}

function howFar(id: string, signal: AbortSignal): Promise<Upload> {
  return document(
    client.GET("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: id } }, signal }),
  );
}

/**
 * Send a file that was announced, from where it stands. After a cut it goes on with what the server has.
 * Raises `ApiError`, and `AbortError` when it was stopped.
 */
export async function sendFile(
  announced: Upload,
  file: File,
  arrived: Arrived,
  signal: AbortSignal,
): Promise<Upload> {
  let upload = announced;
  let failures = 0;
  while (!upload.complete) {
    signal.throwIfAborted();
    try {
      const before = upload.received;
      upload = await sendPiece(upload, file, arrived, signal);
      failures = upload.received > before || upload.complete ? 0 : failures + 1;
      if (failures >= TRIES) throw asApiError(new TypeError("nothing arrives"));
    } catch (error) {
      if (!isCut(error) || ++failures >= TRIES) throw error;
      await pause(PAUSE * 2 ** (failures - 1), signal);
      upload = await howFar(upload.upload_id, signal).catch((again) => {
        if (isCut(again)) return upload;
        throw again;
      });
    }
    arrived(upload.received);
  }
  return upload;
}

function isCut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** One request. Not `fetch`: only this one tells how much was sent. */
function sendPiece(
  upload: Upload,
  file: File,
  arrived: Arrived,
  signal: AbortSignal,
): Promise<Upload> {
  const first = upload.received;
  const end = Math.min(first + PIECE, upload.size);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/v1/uploads/${upload.upload_id}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (end > first) {
      request.setRequestHeader("Content-Range", `bytes ${first}-${end - 1}/${upload.size}`);
    }
    request.responseType = "json";
    request.upload.onprogress = (event) => arrived(first + event.loaded);
    request.onerror = () => reject(asApiError(new TypeError("cut")));
    request.onabort = () => reject(signal.reason);
    request.onload = () =>
      request.status < 300
        ? resolve(request.response as Upload)
        : reject(new ApiError({ ...request.response, status: request.status }));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file.slice(first, end));
  });
}
