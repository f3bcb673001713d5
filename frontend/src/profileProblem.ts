/** Which field of the profile editor an error or a warning is about, in words for it. The server's message names the key. */
import { familyLabel, S } from "@/strings";
import type { Caution } from "@/types/shapes";

export interface FieldProblem {
  /** A key of the filter; `rule` for a directory. */
  key: string;
  /** What of it is wrong. */
  value: string;
  text: string;
}

export function fieldProblem(message: string): FieldProblem | null {
  const [, table, , key = ""] = /\b(filter|rule)(\[\d+\])?\.(\w+) /.exec(message) ?? [];
  if (table === undefined) return null;
  const value = /\bhas '([^']*)'/.exec(message)?.[1] ?? "";
  if (table === "rule") {
    return key === "target" && value ? { key: table, value, text: S.profile.wrong.target } : null;
  }
  return { key, value, text: wrong(key, value, message) };
}

/** What the warnings of a preview say about the families that a field has. */
export function doubtsOf(key: string, value: string, cautions: readonly Caution[]): string[] {
  if (!key.endsWith("families")) return [];
  const ids = value.toLowerCase().split(/,\s*/);
  return cautions.flatMap(({ code, message, hint }) => {
    const family = /the family '([^']*)'/.exec(message)?.[1];
    if (code !== "unknown-family" || family === undefined || !ids.includes(family)) return [];
    const meant = /'([^']*)'/.exec(hint)?.[1];
    return [S.profile.unknownFamily(family, meant && familyLabel(meant))];
  });
}

function wrong(key: string, value: string, message: string): string {
  if (message.includes("is more than max_size")) return S.profile.wrong.limits;
  if (key.endsWith("_size")) return S.profile.wrong.size;
  if (!value) return message;
  const names = S.profile.possible[key.replace("exclude_", "")];
  return S.profile.wrong.name(value, names);
}
