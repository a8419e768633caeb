/** Characters of a FEEL text, read from left to right: blanks and comments, words, numbers, strings. */
import { ExpressionFailure, syntaxFailure } from '../failure.ts';
import { FURTHER_WORD, INFIX, KEY, WORD } from './names.ts';
import { type FeelNumber, readNumber } from './numbers.ts';

const BLANKS = /(?:\s|\u180e|\u200b|\ufeff|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)*/y;
const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\[\s\S])*"/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([nrt"'\\]))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Attempts of a parse, going back included: texts made to be read in countless ways end here. */
const MAX_ATTEMPTS = 200_000;
/** Nested parentheses, lists, functions and so on, and terms in a row. */
const MAX_DEPTH = 300;
export const MAX_TERMS = 1_000;

export class Scanner {
  readonly text: string;
  /** Offset of the next character. */
  at = 0;
  #depth = 0;
  #attempts = 0;

  constructor(text: string) {
    this.text = text;
  }

  skip(): void {
    this.take(BLANKS);
  }

  /** The match at this place, taken; '' when there is none. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  /** Whether the text goes on with this, blanks skipped. */
  sees(symbol: string): boolean {
    this.skip();
    return this.text.startsWith(symbol, this.at);
  }

  accept(symbol: string): boolean {
    if (!this.sees(symbol)) return false;
    this.at += symbol.length;
    return true;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) this.fail(`'${symbol}' is missing`);
  }

  /** The word at this place, not taken; '' when there is none. */
  word(): string {
    this.skip();
    WORD.lastIndex = this.at;
    return WORD.exec(this.text)?.[0] ?? '';
  }

  acceptWord(word: string): boolean {
    if (this.word() !== word) return false;
    this.at += word.length;
    return true;
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) this.fail(`'${word}' is missing`);
  }

  /** Words that follow and belong to one name; the first is taken whatever it is. */
  words(): string {
    let name = this.take(WORD);
    for (;;) {
      const before = this.at;
      this.skip();
      const next = this.take(FURTHER_WORD);
      if (next === '' || (INFIX.has(next) && !(next === 'instance' && this.word() !== 'of'))) {
        this.at = before;
        return name;
      }
      name += ` ${next}`;
    }
  }

  /** A name in front of a colon; '' and nothing taken when there is none. */
  key(): string {
    const from = this.at;
    const name = this.take(KEY);
    if (this.text.charAt(this.at) === ':') return name;
    this.at = from;
    return '';
  }

  number(): FeelNumber | undefined {
    const from = this.at;
    const text = this.take(NUMBER);
    if (text === '') return undefined;
    const value = readNumber(text);
    FURTHER_WORD.lastIndex = this.at;
    if (FURTHER_WORD.test(this.text)) this.fail();
    if (value === undefined) throw syntaxFailure(this.text, from, `'${text}' is beyond the range of numbers`);
    return value;
  }

  string(): string {
    const from = this.at;
    const raw = this.take(STRING);
    if (raw === '') throw syntaxFailure(this.text, from, 'the closing quote is missing');
    return raw.slice(1, -1).replace(ESCAPE, (_, short?: string, long?: string, plain?: string) => {
      if (plain !== undefined) return ESCAPED[plain] ?? plain;
      const code = Number.parseInt(short ?? long ?? '', 16);
      return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
    });
  }

  /** Runs a part of the grammar one level deeper. */
  deeper<T>(part: () => T): T {
    this.#depth += 1;
    this.#attempts += 1;
    if (this.#depth > MAX_DEPTH || this.#attempts > MAX_ATTEMPTS) this.tooDeep();
    const found = part();
    this.#depth -= 1;
    return found;
  }

  /** The part, or undefined with nothing taken when it cannot be read. */
  attempt<T>(part: () => T): T | undefined {
    const [at, depth] = [this.at, this.#depth];
    try {
      return part();
    } catch (error) {
      if (!(error instanceof ExpressionFailure) || this.#attempts > MAX_ATTEMPTS) throw error;
      this.at = at;
      this.#depth = depth;
      return undefined;
    }
  }

  tooDeep(): never {
    this.#attempts = Number.POSITIVE_INFINITY;
    throw new ExpressionFailure('The expression is nested too deeply');
  }

  /** At the next character: what it is, and what is missing where that is known. */
  fail(missing?: string): never {
    this.skip();
    const rest = this.text.slice(this.at);
    if (rest === '') {
      const end = this.text.trimEnd().length;
      throw syntaxFailure(this.text, end, `the expression is incomplete${missing === undefined ? '' : `: ${missing}`}`);
    }
    const token = /^(?:[\p{L}\p{N}_]+|[=!<>*.]+|"[^"]{0,20}"?|[\s\S])/u.exec(rest)?.[0] ?? '';
    throw syntaxFailure(
      this.text,
      this.at,
      `unexpected '${token}'${missing === undefined ? '' : `: ${missing} before it`}`,
    );
  }
}
