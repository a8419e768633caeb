/** Reads JUEL text into a tree: literal text and `${…}` parts, each part parsed by operator precedence. */
import { syntaxFailure } from '../failure.ts';
import { type Token, tokenize } from './tokens.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '&&' | '||';

export type Node =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: '-' | '!' | 'empty'; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'ternary'; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'member'; readonly base: Node; readonly key: Node }
  | { readonly kind: 'method'; readonly base: Node; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'function'; readonly name: string; readonly args: readonly Node[] };

/** A whole text: strings are literal text, nodes are its `${…}` and `#{…}` parts. */
export type Template = readonly (string | Node)[];

/** Deepest nesting of parentheses, arguments, unary operators and ternaries. */
const MAX_DEPTH = 100;

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 4],
  ['<=', 4],
  ['>', 4],
  ['>=', 4],
  ['+', 5],
  ['-', 5],
  ['*', 6],
  ['/', 6],
  ['%', 6],
]);

const LITERALS: ReadonlyMap<string, null | boolean> = new Map([
  ['null', null],
  ['true', true],
  ['false', false],
]);

/** Throws ExpressionFailure with the position when the text is no JUEL. `\${` and `\#{` stand for themselves. */
export function parseTemplate(text: string): Template {
  const parts: (string | Node)[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const opens = (text.charAt(at) === '$' || text.charAt(at) === '#') && text.charAt(at + 1) === '{';
    if (opens) {
      if (literal !== '') parts.push(literal);
      literal = '';
      const { tokens, next } = tokenize(text, at + 2);
      parts.push(new Parser(text, tokens).whole());
      at = next;
      continue;
    }
    const escaped = text.charAt(at) === '\\' && /^[$#]\{/.test(text.slice(at + 1, at + 3));
    literal += escaped ? text.slice(at + 1, at + 3) : text.charAt(at);
    at += escaped ? 3 : 1;
  }
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return parts;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  whole(): Node {
    const node = this.#expression();
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return node;
  }

  #expression(): Node {
    return this.#nested(() => {
      const condition = this.#binary(1);
      if (!this.#take('?')) return condition;
      const yes = this.#expression();
      this.#expect(':');
      return { kind: 'ternary', condition, yes, no: this.#expression() };
    });
  }

  #binary(minimum: number): Node {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const precedence = token.kind === 'symbol' ? PRECEDENCE.get(token.value) : undefined;
      if (token.kind !== 'symbol' || precedence === undefined || precedence < minimum) return left;
      this.#index++;
      const right = this.#binary(precedence + 1);
      left = { kind: 'binary', operator: token.value as BinaryOperator, left, right };
    }
  }

  #unary(): Node {
    const token = this.#peek();
    const isSign = token.kind === 'symbol' && (token.value === '-' || token.value === '!');
    const isEmpty = token.kind === 'name' && token.value === 'empty';
    if (!isSign && !isEmpty) return this.#postfix();
    this.#index++;
    return this.#nested(() => ({
      kind: 'unary',
      operator: token.value as '-' | '!' | 'empty',
      operand: this.#unary(),
    }));
  }

  #postfix(): Node {
    let base = this.#primary();
    for (;;) {
      if (this.#take('[')) {
        base = { kind: 'member', base, key: this.#expression() };
        this.#expect(']');
      } else if (this.#take('.')) {
        const name = this.#peek();
        if (name.kind !== 'name') throw this.#unexpected("a name is missing after '.'");
        this.#index++;
        base = this.#take('(')
          ? { kind: 'method', base, name: name.value, args: this.#arguments() }
          : { kind: 'member', base, key: { kind: 'literal', value: name.value } };
      } else return base;
    }
  }

  #primary(): Node {
    const token = this.#peek();
    if (token.kind === 'number' || token.kind === 'string') {
      this.#index++;
      return { kind: 'literal', value: token.value };
    }
    if (token.kind === 'name') {
      this.#index++;
      const literal = LITERALS.get(token.value);
      if (literal !== undefined) return { kind: 'literal', value: literal };
      if (this.#take('(')) return { kind: 'function', name: token.value, args: this.#arguments() };
      return { kind: 'name', name: token.value };
    }
    if (this.#take('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    throw this.#unexpected();
  }

  /** Behind the opening parenthesis. */
  #arguments(): Node[] {
    const args: Node[] = [];
    if (this.#take(')')) return args;
    do args.push(this.#expression());
    while (this.#take(','));
    this.#expect(')');
    return args;
  }

  #nested(read: () => Node): Node {
    if (++this.#depth > MAX_DEPTH)
      throw syntaxFailure(this.#text, this.#peek().at, `nested more than ${MAX_DEPTH} levels deep`);
    const node = read();
    this.#depth--;
    return node;
  }

  #peek(): Token {
    const token = this.#tokens[this.#index];
    if (token === undefined) throw syntaxFailure(this.#text, this.#text.length, "missing '}'");
    return token;
  }

  #take(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.value !== symbol) return false;
    this.#index++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw this.#unexpected(`expected '${symbol}'`);
  }

  #unexpected(why?: string): Error {
    const token = this.#peek();
    const found = token.kind === 'end' ? "the closing '}'" : `'${String(token.value)}'`;
    return syntaxFailure(this.#text, token.at, why === undefined ? `unexpected ${found}` : `${why}, found ${found}`);
  }
}
