/**
 * What happens in the library, as the server tells it (`/api/v1/events`).
 *
 * The browser goes on by itself after a cut, with `Last-Event-ID`. When it gives up (the server was started
 * anew, or answered with an error) we begin again and have to load everything, because events were missed.
 */
import type { Job, JobProgress, Network } from "@/types/shapes";

export interface EventHandlers {
  job: (job: Job) => void;
  progress: (news: ProgressNews) => void;
  changed: (areas: string[]) => void;
  working: (running: readonly Working[]) => void;
  network: (network: Network) => void;
  notice: (notice: { code: string; message: string; hint: string }) => void;
  /** Events were missed. */
  reset: () => void;
  connection: (open: boolean) => void;
  /** The server answered, but not with events: it may not know this browser any more. */
  refused: () => void;
}

/** How far a job is, and what it finished since the last time. Not in the schema: streams have none. */
export interface ProgressNews {
  job_id: string;
  kind: string;
  progress: JobProgress;
  finished: { stage: string; name: string; outcome: string }[];
}

/** An operation that somebody waits for, here or on another page, and how many things it has done. */
export interface Working {
  operation: string;
  app: string | null;
  done: number;
  total: number | null;
}

const ADDRESS = "/api/v1/events";
const AGAIN = 2_000; // milliseconds

/** Listen until the returned function is called. */
export function listen(handlers: EventHandlers): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let missed = false;

  const on = <K extends keyof EventHandlers>(name: string, act: (data: never) => void) => {
    source.addEventListener(name as K, (event) =>
      act(JSON.parse((event as MessageEvent).data) as never),
    );
  };

  const open = () => {
    source = new EventSource(ADDRESS);
    source.onopen = () => {
      handlers.connection(true);
      if (missed) handlers.reset();
      missed = false;
    };
    source.onerror = () => {
      handlers.connection(false);
      // It is told again by a server that still does it.
      handlers.working([]);
      if (source.readyState !== EventSource.CLOSED) return;
      missed = true;
      handlers.refused();
      timer = setTimeout(open, AGAIN);
    };
    on("job", handlers.job);
    on("progress", handlers.progress);
    on("changed", (data: { areas: string[] }) => handlers.changed(data.areas));
    on("working", (data: { running: Working[] }) => handlers.working(data.running));
    on("network", handlers.network);
    on("notice", handlers.notice);
    on("reset", handlers.reset);
  };

  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
