/** What of a search of the library can be asked of the Hub. Pure. */

const FILTERS = /(?:^|\s)-?\w+:(?:"[^"]*"|\S*)/g;
const NOT = /(?:^|\s)-(?:"[^"]*"|\S+)/g;

/** The plain words: filters such as `kind:lora` and what is excluded mean nothing to the Hub. */
export function hubWords(text: string): string {
  return text
    .replace(FILTERS, " ")
    .replace(NOT, " ")
    .replaceAll('"', " ")
    .replace(/\s+/g, " ")
    .trim();
}
