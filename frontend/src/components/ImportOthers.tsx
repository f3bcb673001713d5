import { adviceOf } from "@/advice";
import * as format from "@/format";
import { S } from "@/strings";
import type { ImportDone } from "@/types/shapes";
import { Icon } from "./icons";
import { Foreign } from "./ui";

/** What will not come in, and why. */
type Left = Pick<ImportDone, "failed" | "duplicates" | "skipped">;

export function Others({ done, isOpen }: { done: Left; isOpen?: boolean }) {
  const groups = [
    {
      title: S.import.failed(done.failed.length),
      rows: done.failed.map((one) => ({
        path: one.path,
        why: one.error.message,
        hint: adviceOf(one.error),
      })),
    },
    {
      title: S.import.duplicates(done.duplicates.length),
      rows: done.duplicates.map((one) => ({
        path: one.path,
        why: S.import.duplicateOf(one.model_id),
        hint: "",
      })),
    },
    {
      title: S.import.skipped(done.skipped.length),
      rows: done.skipped.map((one) => ({ path: one.path, why: one.reason, hint: "" })),
    },
  ];
  return groups.map(({ title, rows }, index) =>
    rows.length === 0 ? null : (
      <details key={title} open={isOpen || index === 0} className="group/more px-4 py-1.5">
        <summary className="flex h-6 cursor-default list-none items-center gap-1.5 rounded text-xs font-semibold text-ink-2">
          <Icon name="right" size={12} className="transition-transform group-open/more:rotate-90" />
          {title}
        </summary>
        <ul className="mt-1 ml-4 space-y-1.5">
          {rows.slice(0, 200).map((row) => (
            <li key={row.path}>
              <Foreign text={format.baseName(row.path)} />
              <p className="text-xs break-words text-ink-2">{row.why}</p>
              {row.hint && <p className="text-xs break-words text-ink-3">{row.hint}</p>}
            </li>
          ))}
        </ul>
      </details>
    ),
  );
}
