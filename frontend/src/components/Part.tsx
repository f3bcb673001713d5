/** A titled box of a page; what is in it is divided by lines. */
import type { ReactNode } from "react";

interface PartProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}

export function Part({ title, aside, children }: PartProps) {
  return (
    <section>
      <div className="mb-2 flex h-7 items-center justify-between gap-2">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside}
      </div>
      <div className="divide-y divide-line/60 overflow-hidden rounded-lg border border-line">
        {children}
      </div>
    </section>
  );
}
