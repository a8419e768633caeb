/** What is too much about a text of JSON, told before anything is made of it: what is nested a million deep takes a hundred times its length. */

/** Nesting of arrays and objects that is accepted, in bodies, in variables and in text that expressions take apart. */
export const MAX_JSON_DEPTH = 64;

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = [0x5b, 0x7b, 0x5d, 0x7d];

/** `mostNames`: of members, all objects together, and of objects, of which an empty one takes as much. */
export function excessOf(
  text: string,
  mostNames: number = Number.POSITIVE_INFINITY,
  mostLists: number = Number.POSITIVE_INFINITY,
): 'depth' | 'names' | 'lists' | undefined {
  let depth = 0;
  let names = 0;
  let objects = 0;
  let lists = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_LIST:
        lists += 1;
        if (lists > mostLists) return 'lists';
        depth += 1;
        if (depth > MAX_JSON_DEPTH) return 'depth';
        break;
      case OPEN_OBJECT:
        objects += 1;
        if (objects > mostNames) return 'names';
        depth += 1;
        if (depth > MAX_JSON_DEPTH) return 'depth';
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COLON:
        names += 1;
        if (names > mostNames) return 'names';
        break;
    }
  }
  return undefined;
}

/** Where the string that begins at `from` ends; the end of the text when it does not. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}
