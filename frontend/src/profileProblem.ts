/** Which field of the profile editor an error is about, in words for it. The server's message names the key. */
import { S } from "@/strings";

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

function wrong(key: string, value: string, message: string): string {
  if (message.includes("is more than max_size")) return S.profile.wrong.limits;
  if (key.endsWith("_size")) return S.profile.wrong.size;
  if (!value) return message;
  const names = S.profile.possible[key.replace("exclude_", "")];
  return S.profile.wrong.name(value, names);
}
