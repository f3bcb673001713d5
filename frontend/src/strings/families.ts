/** The names of families and how they are stored. */
import names from "./names.json";

/** What people call a family, by how it is stored and searched (`family:sdxl`). */
export const families: Record<string, string> = names.family;

/** What people call a family; one that has no other name is shown as it is stored. */
export function familyLabel(family: string): string {
  return Object.hasOwn(families, family) ? (families[family] ?? family) : family;
}

/** The family as it is stored, in lower case, of one that was typed by its name. */
export function familyNamed(text: string): string {
  const typed = text.trim();
  const known = Object.entries(families).find(
    ([, name]) => name.toLowerCase() === typed.toLowerCase(),
  );
  return known ? known[0] : typed.toLowerCase();
}
