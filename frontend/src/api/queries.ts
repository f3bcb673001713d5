/** How answers are kept: the server's events say what is out of date, so nothing is asked for twice. */
import type { DefaultOptions } from "@tanstack/react-query";
import { ApiError } from "./client";

const RETRIES = 2;

/** Only a server that did not answer is asked again by itself; an error it gave would be the same. */
function retry(failures: number, error: Error): boolean {
  return failures < RETRIES && error instanceof ApiError && error.status === 0;
}

export const queryDefaults: DefaultOptions = {
  queries: {
    retry,
    staleTime: 60_000,
    gcTime: 5 * 60_000,
    refetchOnWindowFocus: false,
    // The server is on this machine: it is there with and without a network.
    networkMode: "always",
  },
  mutations: { networkMode: "always" },
};
