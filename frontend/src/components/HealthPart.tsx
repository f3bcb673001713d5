/** One part of the Health page. */
import type { ReactNode } from "react";

export function Part({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section>
      <div className="mb-2 flex h-7 items-center justify-between gap-2">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside}
      </div>
      <div className="overflow-hidden rounded-lg border border-line">{children}</div>
    </section>
  );
}
