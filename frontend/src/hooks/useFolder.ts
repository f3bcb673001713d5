import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { importKeys, listFolder } from "@/api/import";

/** What is in a folder of the server's machine; of an empty path in the home directory. */
export function useFolder(path: string, hidden: boolean) {
  return useQuery({
    queryKey: importKeys.folder(path, hidden),
    queryFn: ({ signal }) => listFolder(path, hidden, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}
