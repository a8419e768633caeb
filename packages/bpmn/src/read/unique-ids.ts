/** Makes ids that occur twice different for the reader, which would drop the second element with all that is wrong with it. */
import type { Problem } from '../model.ts';

const MARK = '.again.';
const MARKED = /\.again\.\d+/g;

/** The text with a mark behind every id that a `duplicate-id` problem points at; lines stay what they are. */
export function withUniqueIds(xml: string, duplicates: readonly Problem[]): string {
  const lines = xml.split('\n');
  const byPlaceBackwards = duplicates.toSorted((a, b) => b.line - a.line || (b.column ?? 0) - (a.column ?? 0));
  for (const [index, { line, column = 1, elementId = '' }] of byPlaceBackwards.entries()) {
    let rest = (lines[line - 1] ?? '').slice(column - 1);
    const before = (lines[line - 1] ?? '').slice(0, column - 1);
    // The attribute may stand some lines below its tag.
    for (let at = line - 1; at < lines.length; at += 1) {
      const text = at === line - 1 ? rest : (lines[at] ?? '');
      const found = idAttribute(text, elementId);
      if (found === undefined) continue;
      rest = `${text.slice(0, found)}${MARK}${index}${text.slice(found)}`;
      lines[at] = at === line - 1 ? before + rest : rest;
      break;
    }
  }
  return lines.join('\n');
}

/** The problem as it is for the file as it was written. */
export function withoutMarks(problem: Problem): Problem {
  const elementId = problem.elementId?.replace(MARKED, '');
  const message = problem.message.replace(MARKED, '');
  return { ...problem, message, ...(elementId === undefined ? {} : { elementId }) };
}

/** Where the value of the `id` attribute ends in the text. */
function idAttribute(text: string, id: string): number | undefined {
  for (const quote of ['"', "'"]) {
    const attribute = `id=${quote}${id}${quote}`;
    for (let at = text.indexOf(attribute); at !== -1; at = text.indexOf(attribute, at + 1)) {
      if (at === 0 || /\s/.test(text[at - 1] ?? '')) return at + attribute.length - 1;
    }
  }
  return undefined;
}
