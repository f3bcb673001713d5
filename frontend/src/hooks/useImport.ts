/** The import as a person goes through it: give, send, review, watch, and see what became of it. */
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { download } from "@/api/hub";
import {
  announceUpload,
  beginImport,
  cancelUpload,
  type Given,
  importKeys,
  inspectPaths,
  type LocalFile,
  previewImport,
  sendFile,
} from "@/api/import";
import { jobResult } from "@/api/jobs";
import type { DownloadArguments, ImportArguments, ImportDone, Job, Upload } from "@/types/shapes";
import { whenDone } from "./useAfterwards";
import { takeJob } from "./useEvents";
import { useJobAction, useJobs } from "./useJobs";
import { firstStep, type Step } from "./useOpenedImport";
import { toastError } from "./useToasts";

// --- the steps ------------------------------------------------------------------------------------------

export function useImportSteps(first: Step) {
  const queries = useQueryClient();
  const [step, setStep] = useState(first);
  const [isBeginning, setBeginning] = useState(false);

  /** `then`: what is fetched when the import has ended well. */
  const begin = async (asked: ImportArguments, then: readonly Afterwards[] = []) => {
    setBeginning(true);
    try {
      const job = await beginImport(asked);
      if (then.length > 0) whenDone(job.job_id, () => fetchAll(queries, job.job_id, then));
      takeJob(queries, job);
      setStep({ name: "watch", jobId: job.job_id });
    } catch (error) {
      toastError(error);
    }
    setBeginning(false);
  };

  return { step, isBeginning, begin, give: (more: Given) => setStep(firstStep(more)), setStep };
}

/** A download after an import. */
export interface Afterwards {
  asked: DownloadArguments;
  /** The path of a file of the imported model that the fetched files come to. */
  beside?: string | undefined;
}

async function fetchAll(
  queries: QueryClient,
  jobId: string,
  wanted: readonly Afterwards[],
): Promise<void> {
  try {
    const ids = wanted.some(({ beside }) => beside) ? await idsByPath(jobId) : new Map();
    for (const { asked, beside } of wanted) {
      if (beside !== undefined && !ids.has(beside)) continue; // it did not come in
      const more = beside !== undefined && { beside: ids.get(beside) };
      takeJob(queries, await download({ ...asked, ...more }));
    }
  } catch (error) {
    toastError(error);
  }
}

/** Which model each imported file belongs to now. */
async function idsByPath(jobId: string): Promise<Map<string, string>> {
  const { kind, document } = await jobResult(jobId);
  if (kind !== "import") return new Map();
  return new Map(
    [...document.imported, ...document.duplicates].flatMap(({ model_id, paths }) =>
      paths.map((path) => [path, model_id] as const),
    ),
  );
}

/** First what the headers tell, at once; then what reading all of it tells: which models are here already. */
export function useImportPreview(paths: string[]) {
  const inspection = useQuery({
    queryKey: importKeys.inspection(paths),
    queryFn: ({ signal }) => inspectPaths(paths, signal),
    staleTime: 0,
    gcTime: 0,
  });
  const preview = useQuery({
    queryKey: importKeys.preview(paths),
    queryFn: ({ signal }) => previewImport(paths, signal),
    enabled: inspection.isSuccess,
    staleTime: 0,
    gcTime: 0,
  });
  return { inspection, preview };
}

const ENDED_EARLY = new Set(["failed", "cancelled"]);

/** An import that was begun: its job while it runs, and what became of every file when it is over. */
export function useImportJob(jobId: string) {
  const job: Job | undefined = useJobs().jobs.find((one) => one.job_id === jobId);
  const result = useQuery({
    queryKey: importKeys.result(jobId),
    queryFn: ({ signal }) => jobResult(jobId, signal),
    enabled: job?.state === "done",
    staleTime: Number.POSITIVE_INFINITY,
  });
  const done: ImportDone | undefined =
    result.data?.kind === "import" ? result.data.document : undefined;
  const act = useJobAction();
  return {
    job,
    /** All there is to know is here. */
    isOver: result.isFetched || (job !== undefined && ENDED_EARLY.has(job.state)),
    done,
    resultError: result.error,
    cancel: () => act.mutate({ action: "cancel", id: jobId }),
    resume: () => act.mutate({ action: "resume", id: jobId }),
  };
}

// --- sending ----------------------------------------------------------------------------------------------

export interface Sending {
  arrived: number;
  total: number;
  /** Of the file that is being sent. */
  name: string;
  finished: number;
  error: Error | null;
}

/** Sends the files one after the other and says where they are when all have arrived. */
export function useSending(files: readonly LocalFile[], onSent: (directory: string) => void) {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const start = { arrived: 0, total, name: "", finished: 0, error: null };
  const [state, setState] = useState<Sending>(start);
  const [tries, setTries] = useState(0);
  const uploads = useRef(new Map<LocalFile, Upload>());
  const sent = useRef(onSent);
  sent.current = onSent;
  const isSent = useRef(false);
  const isOpen = useRef(true);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try begins it again
  useEffect(() => {
    const stop = new AbortController();
    const tell = (change: Partial<Sending>) => {
      if (!stop.signal.aborted) setState((now) => ({ ...now, ...change }));
    };
    tell({ error: null });
    sendAll(files, uploads.current, tell, stop.signal).then(
      (directory) => {
        if (stop.signal.aborted) return;
        isSent.current = true;
        sent.current(directory);
      },
      (error) => {
        tell({ error });
        if (!isOpen.current) forget(uploads.current); // one was announced meanwhile
      },
    );
    return () => stop.abort();
  }, [files, tries]);

  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
      if (!isSent.current) forget(uploads.current);
    };
  }, []);
  return { ...state, retry: () => setTries(tries + 1) };
}

/** Whoever closes the dialog, or drops something else on it, does not want what has arrived so far. */
function forget(uploads: Map<LocalFile, Upload>): void {
  for (const { upload_id } of uploads.values()) cancelUpload(upload_id).catch(() => {});
  uploads.clear();
}

async function sendAll(
  files: readonly LocalFile[],
  uploads: Map<LocalFile, Upload>,
  tell: (change: Partial<Sending>) => void,
  signal: AbortSignal,
): Promise<string> {
  let before = 0;
  let last: Upload | undefined = [...uploads.values()][0];
  for (const [index, local] of files.entries()) {
    tell({ name: local.name, finished: index, arrived: before });
    signal.throwIfAborted();
    const upload = uploads.get(local) ?? (await announceUpload(local, last?.batch ?? null));
    uploads.set(local, upload);
    const arrived = (bytes: number) => tell({ arrived: before + bytes });
    last = await sendFile(upload, local.file, arrived, signal);
    uploads.set(local, last);
    before += local.file.size;
  }
  tell({ finished: files.length, arrived: before });
  return last?.directory ?? "";
}
