/** Whether files are dragged over the window, and what was dropped. */
import { useEffect, useRef, useState } from "react";
import { dropped, type Given, holdsFiles } from "@/api/import";
import { toastError } from "./useToasts";

export function useDrop(onDrop: (given: Given) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;

  useEffect(() => {
    // Entering a part of the page leaves the part before: only when all are left is the window left.
    let depth = 0;
    const over = (now: boolean) => {
      if (!now) depth = 0;
      setOver(now);
    };
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event.dataTransfer)) return;
      event.preventDefault();
      depth += 1;
      over(true);
    };
    const move = (event: DragEvent) => {
      if (!holdsFiles(event.dataTransfer)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    };
    const leave = () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) over(false);
    };
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event.dataTransfer) || !event.dataTransfer) return;
      event.preventDefault();
      over(false);
      dropped(event.dataTransfer).then((given) => {
        const any = "files" in given ? given.files.length > 0 : given.paths.length > 0;
        if (any) latest.current(given);
      }, toastError);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragover", move);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragover", move);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);
  return isOver;
}
