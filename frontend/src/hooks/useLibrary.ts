/** How the library stands. */
import { useQuery } from "@tanstack/react-query";
import { getHealth, getStatus, libraryKeys } from "@/api/library";

export function useStatus() {
  return useQuery({
    queryKey: libraryKeys.status,
    queryFn: ({ signal }) => getStatus(signal),
  });
}

/** Looking at every link takes a while, so it is not done with every change. */
const HEALTH_AGE = 60_000; // milliseconds

/** `looks`: look again when it begins to be shown, however fresh the last answer is. */
export function useHealth({ looks = false } = {}) {
  return useQuery({
    queryKey: libraryKeys.health,
    queryFn: ({ signal }) => getHealth(signal),
    staleTime: HEALTH_AGE,
    refetchOnMount: looks ? "always" : true,
  });
}
