/** Hints for who sits before a page. Pure. */
import { S } from "./strings";

/** A command in backquotes, or an option of one: for a terminal, where the same is a button here. */
const COMMAND = /`|(^|\s)--[a-z]/;

interface Told {
  code: string;
  hint: string;
}

/** What to do about it: in the words of the pages where the hint names a command and they have some. */
export function adviceOf({ code, hint }: Told): string {
  return (COMMAND.test(hint) && S.advice[code]) || hint;
}
