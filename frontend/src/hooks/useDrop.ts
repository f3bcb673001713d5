/** Whether files are dragged over the window, and what was dropped. */
import { useEffect, useRef, useState } from "react";
import { dropped, type Given, holdsFiles, holdsText, pathsOfList } from "@/api/import";
import { toastError } from "./useToasts";

export function useDrop(onDrop: (given: Given) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;

  useEffect(() => {
    // What is dragged from the page itself is none of the files that it can take.
    let ours = false;
    const begin = () => {
      ours = true;
    };
    const end = () => {
      ours = false;
    };
    const move = (event: DragEvent) => {
      const isList = holdsText(event.dataTransfer) && !isField(event.target);
      if (ours || !(holdsFiles(event.dataTransfer) || isList)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      if (holdsFiles(event.dataTransfer)) setOver(true);
    };
    // A part of the page is left for another part, the window for nothing. Counting what was entered and left
    // goes wrong when a part disappears meanwhile.
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setOver(false);
    };
    const drop = (event: DragEvent) => {
      const data = event.dataTransfer;
      if (ours || !data) return;
      if (!holdsFiles(data) && (isField(event.target) || !isListOfFiles(data))) return;
      event.preventDefault();
      setOver(false);
      dropped(data).then((given) => {
        const any = "files" in given ? given.files.length > 0 : given.paths.length > 0;
        if (any) latest.current(given);
      }, toastError);
    };
    window.addEventListener("dragstart", begin);
    window.addEventListener("dragend", end);
    window.addEventListener("dragenter", move);
    window.addEventListener("dragover", move);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragstart", begin);
      window.removeEventListener("dragend", end);
      window.removeEventListener("dragenter", move);
      window.removeEventListener("dragover", move);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);
  return isOver;
}

/** Some file managers of GTK and Qt give their list as nothing but a text. */
function isListOfFiles(data: DataTransfer): boolean {
  return holdsText(data) && pathsOfList(data.getData("text/plain")).length > 0;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea") !== null;
}
