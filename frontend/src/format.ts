/** Numbers, sizes and times as a person reads them. Pure. */

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Bytes in powers of 1000, three figures at most: `6.94 GB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : figures(value)} ${UNITS[unit]}`;
}

function figures(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const WHOLE = new Intl.NumberFormat("en");

export function count(value: number): string {
  return WHOLE.format(value);
}

/** Parameters of a model: `83.7M`, `7.24B`. */
export function parameters(value: number): string {
  for (const [size, letter] of [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const) {
    if (value >= size) return `${figures(value / size)}${letter}`;
  }
  return String(value);
}

/** Whole per cent; what is there and does not come to one is not called nothing. */
export function percent(fraction: number): string {
  if (fraction > 0 && fraction < 0.005) return "<1%";
  return `${Math.round(fraction * 100)}%`;
}

/** Seconds as the two largest units: `2 h 5 min`, `40 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return whole % 60 > 0 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return `${whole} s`;
}

/** Seconds as the one largest unit: `2 h`, `18 min`, `40 s`. */
export function roughDuration(seconds: number): string {
  if (seconds >= 3600) return duration(Math.floor(seconds / 3600) * 3600);
  return duration(seconds >= 60 ? Math.floor(seconds / 60) * 60 : seconds);
}

const DATE = { year: "numeric", month: "short", day: "numeric" } as const;
const DAY = new Intl.DateTimeFormat("en", DATE);
/** Of a date without a time, which is midnight in UTC to `Date`: west of it that is the day before. */
const SAME_DAY = new Intl.DateTimeFormat("en", { ...DATE, timeZone: "UTC" });
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;
const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export function day(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : (DATE_ONLY.test(iso) ? SAME_DAY : DAY).format(date);
}

export function moment(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : MOMENT.format(date);
}

/** The last part of a path, of either kind of system. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).pop() ?? path;
}

/** What a person typed as a path from the root: `~`, addresses and quotes are for the server to read, a bare name is
 * one in `folder`. */
export function absolutePath(text: string, folder: string): string {
  const typed = text.trim();
  if (/^([/~\\"']|file:|[a-z]:[\\/])/i.test(typed)) return typed;
  return typed === "" ? folder : inside(folder, typed);
}

/** A name in a folder, of either kind of system. */
export function inside(folder: string, name: string): string {
  const separator = folder.includes("\\") ? "\\" : "/";
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}

/** The name in an address: `https://huggingface.co` is `huggingface.co`. */
export function hostName(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

const ROUGH = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** How many, where the exact number says no more: `120K`. */
export function roughly(value: number): string {
  return ROUGH.format(value);
}

/** What is wrong and what to do about it, in one line of whole sentences. */
export function sentences(message: string, hint: string | null | undefined): string {
  if (!hint) return message;
  return `${/[.!?:…]$/.test(message) ? message : `${message}.`} ${hint}`;
}

const LIST = new Intl.ListFormat("en");

/** Names in one sentence: `ComfyUI, Forge, and Ollama`. */
export function list(names: readonly string[]): string {
  return LIST.format(names);
}

// --- characters that nobody sees -------------------------------------------------------------------------

/**
 * Controls and invisible formatting: what switches the direction of a text, splits a word or hides in it. The same
 * as the command line shows as a replacement. Tab and line breaks are meant as they are, and joiners shape letters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const MEANT = new Set(["\t", "\n", "\r", "\u200c", "\u200d"]);
const NAMES: Record<string, string> = {
  "\u061c": "Arabic letter mark",
  "\u00ad": "soft hyphen",
  "\u200b": "zero-width space",
  "\u200e": "left-to-right mark",
  "\u200f": "right-to-left mark",
  "\u202a": "left-to-right embedding",
  "\u202b": "right-to-left embedding",
  "\u202c": "end of a direction",
  "\u202d": "left-to-right override",
  "\u202e": "right-to-left override",
  "\u2066": "left-to-right isolate",
  "\u2067": "right-to-left isolate",
  "\u2068": "first-strong isolate",
  "\u2069": "end of an isolate",
  "\ufeff": "byte order mark",
};

export interface Piece {
  text: string;
  /** What stands there instead of being seen; null where the text is itself. */
  unseen: string | null;
}

/** A text in pieces, with a replacement character for each one that nobody would see. */
export function pieces(text: string): Piece[] {
  if (!UNSEEN.test(text)) return [{ text, unseen: null }];
  const found: Piece[] = [];
  let plain = "";
  for (const character of text) {
    if (MEANT.has(character) || !UNSEEN.test(character)) {
      plain += character;
      continue;
    }
    if (plain) found.push({ text: plain, unseen: null });
    plain = "";
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    const name = NAMES[character] ?? "control character";
    found.push({ text: "\ufffd", unseen: `U+${code} ${name}` });
  }
  if (plain) found.push({ text: plain, unseen: null });
  return found;
}

/** The same as one text, for where there can be no markup: titles, names that are read out. */
export function visible(text: string): string {
  return pieces(text)
    .map((piece) => piece.text)
    .join("");
}
