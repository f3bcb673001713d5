/**
 * The one way to the server. Requests carry the token as a cookie that the browser holds; answers that are
 * no success become an `ApiError` with the server's own code, message and hint.
 */
import createClient from "openapi-fetch";
import { adviceOf } from "@/advice";
import { S } from "@/strings";
import type { paths } from "@/types/api";
import type { Problem } from "@/types/shapes";

export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly path: string | null;
  /** HTTP status; 0 when the server did not answer. */
  readonly status: number;

  constructor(problem: Pick<Problem, "code" | "detail" | "hint" | "path" | "status">) {
    super(problem.detail);
    this.name = "ApiError";
    this.code = problem.code;
    this.hint = adviceOf(problem);
    this.path = problem.path;
    this.status = problem.status;
  }

  /** The server does not know this browser: it was started anew, or the page was opened without a token. */
  get isUnknownBrowser(): boolean {
    return this.status === 401;
  }
}

export const client = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  // Looked up at each call, so that tests can stand in for the network.
  fetch: (request) => fetch(request),
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The document of an answer. Raises `ApiError`; an aborted request stays what it is. */
export async function document<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    throw asApiError(error);
  }
  if (answer.error !== undefined || !answer.response.ok) {
    throw problemOf(answer.error, answer.response);
  }
  return answer.data as T;
}

export function asApiError(error: unknown): unknown {
  if (error instanceof ApiError || (error instanceof DOMException && error.name === "AbortError")) {
    return error;
  }
  return new ApiError({
    code: "no-server",
    detail: S.errors.noServer,
    hint: S.errors.noServerHint,
    path: null,
    status: 0,
  });
}

function problemOf(body: unknown, response: Response): ApiError {
  if (isProblem(body)) return new ApiError(body);
  return new ApiError({
    code: "unexpected",
    detail: S.errors.unexpected(response.status),
    hint: S.errors.unexpectedHint,
    path: null,
    status: response.status,
  });
}

export function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}
