/** `like` of the query language. */

/** What stands between `%`, of the pattern that was asked last: one is asked of many rows. */
let last: { readonly pattern: string; readonly parts: readonly string[] } = { pattern: '', parts: [''] };

/**
 * `%`: any text, also none; `_`: one character; letter case counts. Takes time by the length of both texts added; only a
 * part with `_` after a `%` may take both multiplied.
 */
export function isLike(text: string, pattern: string): boolean {
  if (last.pattern !== pattern) last = { pattern, parts: pattern.split('%') };
  const { parts } = last;
  let at = endOf(text, 0, parts[0] ?? '');
  if (parts.length === 1) return at === text.length;
  if (at === undefined) return false;
  for (let next = 1; next < parts.length - 1; next++) {
    at = afterNext(text, at, parts[next] ?? '');
    if (at === undefined) return false;
  }
  return endsWith(text, at, parts.at(-1) ?? '');
}

/** Where the part ends that begins at `at`; undefined: it does not stand there. */
function endOf(text: string, at: number, part: string): number | undefined {
  if (!part.includes('_')) return text.startsWith(part, at) ? at + part.length : undefined;
  let end = at;
  for (const character of part) {
    if (end >= text.length) return undefined;
    if (character === '_') end += widthAt(text, end);
    else if (text.startsWith(character, end)) end += character.length;
    else return undefined;
  }
  return end;
}

/** Where the part ends that stands first from `from` on. */
function afterNext(text: string, from: number, part: string): number | undefined {
  if (!part.includes('_')) {
    const found = text.indexOf(part, from);
    return found < 0 ? undefined : found + part.length;
  }
  for (let at = from; at < text.length; at += widthAt(text, at)) {
    const end = endOf(text, at, part);
    if (end !== undefined) return end;
  }
  return undefined;
}

/** The part stands at the very end, and not before `from`. */
function endsWith(text: string, from: number, part: string): boolean {
  let at = text.length;
  if (!part.includes('_')) at -= part.length;
  else for (const _ of part) at -= at > 1 && widthAt(text, at - 2) === 2 ? 2 : 1;
  return at >= from && endOf(text, at, part) === text.length;
}

/** A character beyond U+FFFF has two code units. */
function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
