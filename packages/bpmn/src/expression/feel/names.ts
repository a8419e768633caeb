/** FEEL's names may hold blanks, operators and keywords, so that what a text means depends on the names in scope (DMN 1.5, 10.3.1.3). */

/** First character of a word, and the others (DMN 1.5, grammar rules 28 to 30; `?` is kept for the input of unary tests). */
const START = String.raw`[\p{L}\p{Nl}_\u{10000}-\u{EFFFF}]`;
const PART = String.raw`[\p{L}\p{N}\p{M}_\u00B7\u203F\u2040\u{10000}-\u{EFFFF}]`;
const SYMBOLS = String.raw`.\/\-'’+*`;

export const WORD: RegExp = new RegExp(`${START}${PART}*`, 'uy');
/** A further word of a name: it may begin with a digit. */
export const FURTHER_WORD: RegExp = new RegExp(`${PART}+`, 'uy');
/** What a name in front of a colon may consist of: the key of an entry or of an argument. */
export const KEY: RegExp = new RegExp(String.raw`${START}(?:${PART}|[\s${SYMBOLS}])*`, 'uy');
const PLAIN = new RegExp(`^${START}${PART}*(?: ${PART}+)*$`, 'u');
const PARTS = new RegExp(String.raw`${PART}+|[${SYMBOLS}]|\S`, 'gu');

/** Words that end a name, unless a name in scope contains them; `instance` only in front of `of`. */
export const INFIX: ReadonlySet<string> = new Set([
  'and',
  'or',
  'between',
  'in',
  'instance',
  'then',
  'else',
  'return',
  'satisfies',
]);
const PREFIX = /^(?:if|for|some|every|function|true|false|null)$/;

/** A name that only a scope can tell from an expression such as `a - b`. */
export interface SpecialName {
  readonly name: string;
  readonly parts: readonly string[];
}

const known = new Map<string, SpecialName | null>();

/** Undefined for names that are read as names wherever they stand: words with single blanks between them, none a keyword. */
export function specialName(name: string): SpecialName | undefined {
  let found = known.get(name);
  if (found === undefined) {
    const words = name.split(' ');
    const ends = (word: string, index: number) =>
      INFIX.has(word) && (word !== 'instance' || (index > 0 && words[index + 1] === 'of'));
    const plain = PLAIN.test(name) && !words.some(ends) && !PREFIX.test(words[0] ?? '');
    found = plain ? null : { name, parts: name.match(PARTS) ?? [] };
    if (known.size >= 10_000) known.clear();
    known.set(name, found);
  }
  return found === null || found.parts.length === 0 ? undefined : found;
}

/** Where the longest of the names that stands at this place ends, with the name; undefined where none does. */
export function matchSpecial(
  text: string,
  at: number,
  names: readonly SpecialName[],
): { readonly name: string; readonly end: number } | undefined {
  let best: { name: string; end: number } | undefined;
  for (const { name, parts } of names) {
    const end = endOf(text, at, parts);
    if (end !== undefined && end > (best?.end ?? at)) best = { name, end };
  }
  return best;
}

function endOf(text: string, start: number, parts: readonly string[]): number | undefined {
  let at = start;
  for (const part of parts) {
    while (/\s/.test(text.charAt(at))) at += 1;
    if (!text.startsWith(part, at)) return undefined;
    at += part.length;
    if (isWordAt(part, 0) && isWordAt(text, at)) return undefined;
  }
  return at;
}

function isWordAt(text: string, at: number): boolean {
  FURTHER_WORD.lastIndex = at;
  return FURTHER_WORD.test(text);
}

export function singleBlanks(name: string): string {
  return name.trim().replace(/\s+/g, ' ');
}
