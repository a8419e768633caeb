/** Splits the inside of one JUEL `${…}` into tokens, up to the brace that closes it. */
import { syntaxFailure } from '../failure.ts';

export type Token =
  | { readonly kind: 'number'; readonly at: number; readonly value: number }
  | { readonly kind: 'string'; readonly at: number; readonly value: string }
  | { readonly kind: 'name' | 'symbol'; readonly at: number; readonly value: string }
  | { readonly kind: 'end'; readonly at: number };

export interface Tokens {
  readonly tokens: readonly Token[];
  /** Offset just behind the closing brace. */
  readonly next: number;
}

/** More tokens than any sensible model needs; bounds the work and the depth of every later step. */
const MAX_TOKENS = 2000;

const WORD_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['eq', '=='],
  ['ne', '!='],
  ['lt', '<'],
  ['gt', '>'],
  ['le', '<='],
  ['ge', '>='],
  ['div', '/'],
  ['mod', '%'],
]);

const NUMBER = /(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const SYMBOL = /&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]]/y;

/** Reads from `start` (behind the opening brace); throws ExpressionFailure at text that is no JUEL. */
export function tokenize(text: string, start: number): Tokens {
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at++;
    if (at >= text.length) throw syntaxFailure(text, at, "missing '}'");
    if (text.charAt(at) === '}') return { tokens: [...tokens, { kind: 'end', at }], next: at + 1 };
    if (tokens.length >= MAX_TOKENS) throw syntaxFailure(text, at, `more than ${MAX_TOKENS} operators and operands`);
    const { token, next } = readToken(text, at);
    tokens.push(token);
    at = next;
  }
}

function readToken(text: string, at: number): { token: Token; next: number } {
  const first = text.charAt(at);
  if (first === "'" || first === '"') return readString(text, at, first);
  const number = match(NUMBER, text, at);
  if (number !== undefined) {
    const value = Number(number);
    if (!Number.isFinite(value)) throw syntaxFailure(text, at, 'the number is too large');
    return { token: { kind: 'number', at, value }, next: at + number.length };
  }
  const name = match(NAME, text, at);
  if (name !== undefined) {
    const operator = WORD_OPERATORS.get(name);
    const token: Token =
      operator === undefined ? { kind: 'name', at, value: name } : { kind: 'symbol', at, value: operator };
    return { token, next: at + name.length };
  }
  const symbol = match(SYMBOL, text, at);
  if (symbol !== undefined) return { token: { kind: 'symbol', at, value: symbol }, next: at + symbol.length };
  const hint = first === '=' ? "; '==' compares" : '';
  throw syntaxFailure(text, at, `unexpected '${String.fromCodePoint(text.codePointAt(at) ?? 0)}'${hint}`);
}

function readString(text: string, at: number, quote: string): { token: Token; next: number } {
  let value = '';
  for (let next = at + 1; next < text.length; next++) {
    const char = text.charAt(next);
    if (char === quote) return { token: { kind: 'string', at, value }, next: next + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    next++;
    const escaped = text.charAt(next);
    if (escaped !== '\\' && escaped !== '"' && escaped !== "'")
      throw syntaxFailure(text, next - 1, 'only \\\\, \\" and \\\' may follow a backslash in a string');
    value += escaped;
  }
  throw syntaxFailure(text, at, 'the string is not closed');
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
