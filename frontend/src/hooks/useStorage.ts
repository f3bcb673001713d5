/** What takes the space, and the copies outside, which are looked for only when a person asks. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState } from "react";
import { compareCopy, findCopies, getStorage, storageKeys } from "@/api/storage";

export function useStorage() {
  return useQuery({
    queryKey: storageKeys.all,
    queryFn: ({ signal }) => getStorage(signal),
    staleTime: 0,
  });
}

export function useCopies() {
  return useQuery({
    queryKey: storageKeys.copies,
    queryFn: ({ signal }) => findCopies(signal),
    enabled: false,
  });
}

export function useComparison() {
  return useMutation({ mutationFn: compareCopy });
}

/** The width of an element, followed as it changes. */
export function useWidth<T extends HTMLElement>() {
  const box = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, width };
}
