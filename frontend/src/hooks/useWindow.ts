/** What the desktop window was opened with comes into the import, also when a second start passes it on. */
import { useEffect } from "react";
import { givenPaths } from "@/api/native";
import { openImport } from "./useOpenedImport";
import { toastError } from "./useToasts";

const TELLING = ["pywebviewready", "model-library-given"];

export function useGivenPaths(): void {
  useEffect(() => {
    const take = () => {
      givenPaths().then((paths) => paths.length > 0 && openImport({ paths }), toastError);
    };
    for (const name of TELLING) window.addEventListener(name, take);
    take();
    return () => {
      for (const name of TELLING) window.removeEventListener(name, take);
    };
  }, []);
}
