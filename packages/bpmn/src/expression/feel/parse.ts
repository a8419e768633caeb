/** Reads FEEL expressions and unary tests into a syntax tree (DMN 1.5, 10.3.1.2), by recursive descent with precedences. */
import { syntaxFailure } from '../failure.ts';
import { FURTHER_WORD, INFIX, matchSpecial, type SpecialName, singleBlanks, specialName, WORD } from './names.ts';
import { parseType } from './parse-type.ts';
import { MAX_TERMS, Scanner } from './scanner.ts';
import type {
  BinaryOperator,
  Comparator,
  Iterator,
  ParameterSyntax,
  Syntax,
  TestSyntax,
  TestsSyntax,
} from './syntax.ts';

export interface Parsed<T> {
  readonly syntax: T;
  /** A name of the scope could make it mean something else: it has to be parsed with the special names in scope. */
  readonly dependsOnScope: boolean;
}

/** Throws ExpressionFailure with the position of the first thing that cannot be read. */
export function parseExpression(text: string, names: readonly SpecialName[]): Parsed<Syntax> {
  const parser = new Parser(text, names);
  const syntax = parser.expression();
  parser.end();
  return { syntax, dependsOnScope: parser.dependsOnScope };
}

/** The cell of a decision table: tests separated by commas, `not(…)`, or `-`. */
export function parseTests(text: string, names: readonly SpecialName[]): Parsed<TestsSyntax> {
  const parser = new Parser(text, names);
  const syntax = parser.tests();
  parser.end();
  return { syntax, dependsOnScope: parser.dependsOnScope };
}

const COMPARATORS: readonly Comparator[] = ['<=', '>=', '!=', '<', '>', '='];
/** What may follow a name and make a longer one of it. */
const EXTENDS = /[./\-'’+*]|\*\*/;

class Parser {
  dependsOnScope = false;
  readonly #scan: Scanner;
  /** Special names: those given, and those of the entries, parameters and iterators around this place. */
  #names: readonly SpecialName[];
  /** Keys of contexts in this text: seen behind a dot and within filters. */
  readonly #keys: SpecialName[] = [];
  #filters = 0;
  #inputs = 0;
  /** At the upper end of a range. */
  #inRange = false;

  constructor(text: string, names: readonly SpecialName[]) {
    this.#scan = new Scanner(text);
    this.#names = names;
  }

  end(): void {
    this.#scan.skip();
    if (this.#scan.at < this.#scan.text.length) this.#scan.fail();
  }

  tests(): TestsSyntax {
    const scan = this.#scan;
    const dash = scan.attempt(() => {
      scan.expect('-');
      this.end();
      return true;
    });
    if (dash === true) return { negated: false, tests: [] };
    const negated = scan.attempt(() => {
      scan.expectWord('not');
      scan.expect('(');
      const tests = this.#testList();
      scan.expect(')');
      this.end();
      return tests;
    });
    return negated === undefined ? { negated: false, tests: this.#testList() } : { negated: true, tests: negated };
  }

  expression(): Syntax {
    return this.#scan.deeper(() => this.#disjunction());
  }

  #disjunction(): Syntax {
    return this.#chain(
      () =>
        this.#chain(
          () => this.#comparison(),
          (scan) => (scan.acceptWord('and') ? 'and' : undefined),
        ),
      (scan) => (scan.acceptWord('or') ? 'or' : undefined),
    );
  }

  #comparison(): Syntax {
    const scan = this.#scan;
    let left = this.#sum();
    for (let terms = 0; ; terms++) {
      if (terms > MAX_TERMS) scan.tooDeep();
      const from = left.from;
      const operator = this.#comparator();
      if (operator !== undefined) {
        const right = this.#sum();
        left = { kind: 'binary', operator, left, right, from, to: right.to };
      } else if (scan.acceptWord('between')) {
        const low = this.#sum();
        scan.expectWord('and');
        const high = this.#sum();
        left = { kind: 'between', of: left, low, high, from, to: high.to };
      } else if (scan.acceptWord('in')) {
        const tests = this.#inTests();
        left = { kind: 'in', of: left, tests, from, to: scan.at };
      } else return left;
    }
  }

  #comparator(): Comparator | undefined {
    const scan = this.#scan;
    const operator = COMPARATORS.find((one) => scan.accept(one));
    if (operator === '=' && scan.text.startsWith('=', scan.at))
      throw syntaxFailure(scan.text, scan.at, "unexpected operator: FEEL compares with a single '='");
    return operator;
  }

  #inTests(): TestSyntax[] {
    const list = this.#scan.attempt(() => {
      this.#scan.expect('(');
      const tests = this.#testList();
      this.#scan.expect(')');
      return tests;
    });
    return list ?? [this.#test(() => this.#sum())];
  }

  #testList(): TestSyntax[] {
    const tests: TestSyntax[] = [];
    do tests.push(this.#test(() => this.expression()));
    while (this.#scan.accept(','));
    return tests;
  }

  #test(expression: () => Syntax): TestSyntax {
    const operator = this.#comparator();
    if (operator !== undefined) return { kind: 'compare', operator, value: this.#sum() };
    const before = this.#inputs;
    const value = expression();
    return { kind: 'expression', value, usesInput: this.#inputs > before };
  }

  #sum(): Syntax {
    return this.#chain(
      () => this.#product(),
      (scan) => (scan.accept('+') ? '+' : scan.accept('-') ? '-' : undefined),
    );
  }

  #product(): Syntax {
    return this.#chain(
      () =>
        this.#chain(
          () => this.#signed(),
          (scan) => (scan.accept('**') ? '**' : undefined),
        ),
      (scan) => (scan.sees('**') ? undefined : scan.accept('*') ? '*' : scan.accept('/') ? '/' : undefined),
    );
  }

  /** Operators of one precedence, from left to right. */
  #chain(operand: () => Syntax, operatorOf: (scan: Scanner) => BinaryOperator | undefined): Syntax {
    let left = operand();
    for (let terms = 0; ; terms++) {
      const operator = operatorOf(this.#scan);
      if (operator === undefined) return left;
      if (terms > MAX_TERMS) this.#scan.tooDeep();
      const right = operand();
      left = { kind: 'binary', operator, left, right, from: left.from, to: right.to };
    }
  }

  /** A minus binds tighter than `**` (grammar rule 4: the later alternative). */
  #signed(): Syntax {
    const scan = this.#scan;
    scan.skip();
    const from = scan.at;
    if (scan.accept('-')) {
      const of = scan.deeper(() => this.#signed());
      return { kind: 'negate', of, from, to: of.to };
    }
    const of = this.#postfix();
    const isInstance = scan.attempt(() => {
      scan.expectWord('instance');
      scan.expectWord('of');
      return true;
    });
    if (isInstance !== true) return of;
    return { kind: 'instance', of, type: parseType(scan), from, to: scan.at };
  }

  #postfix(): Syntax {
    const scan = this.#scan;
    let of = this.#primary();
    for (let terms = 0; ; terms++) {
      if (terms > MAX_TERMS) scan.tooDeep();
      const { from } = of;
      if (scan.sees('.') && !scan.sees('..')) {
        scan.at += 1;
        const name = this.#memberName();
        of = { kind: 'path', of, name, from, to: scan.at };
      } else if (scan.sees('[')) {
        // The bracket may also be the open end of a range: `]1..5[`.
        const by = this.#inRange ? scan.attempt(() => this.#filter()) : this.#filter();
        if (by === undefined) return of;
        of = { kind: 'filter', of, by, from, to: scan.at };
      } else if (scan.accept('(')) of = this.#call(of);
      else return of;
    }
  }

  #filter(): Syntax {
    this.#filters += 1;
    try {
      this.#scan.expect('[');
      const by = this.#outside(() => this.expression());
      this.#scan.expect(']');
      return by;
    } finally {
      this.#filters -= 1;
    }
  }

  /** Inside brackets of its own, no bracket is the end of the range around. */
  #outside<T>(part: () => T): T {
    const before = this.#inRange;
    this.#inRange = false;
    try {
      return part();
    } finally {
      this.#inRange = before;
    }
  }

  #memberName(): string {
    const scan = this.#scan;
    scan.skip();
    const quoted = this.#backticks();
    if (quoted !== undefined) return quoted;
    const special = matchSpecial(scan.text, scan.at, [...this.#names, ...this.#keys]);
    const from = scan.at;
    const name = scan.words();
    if (special !== undefined && special.end > scan.at) {
      scan.at = special.end;
      return special.name;
    }
    if (name === '') {
      scan.at = from;
      scan.fail('a name is missing');
    }
    return name;
  }

  #call(of: Syntax): Syntax {
    return this.#outside(() => {
      const scan = this.#scan;
      const args: Syntax[] = [];
      const names: string[] = [];
      if (!scan.accept(')')) {
        do {
          scan.skip();
          const name = scan.key();
          if (name !== '') {
            names.push(singleBlanks(name));
            scan.expect(':');
          }
          if (names.length > 0 && names.length <= args.length) scan.fail('a name of a parameter is missing');
          args.push(this.expression());
        } while (scan.accept(','));
        scan.expect(')');
      }
      return {
        kind: 'call',
        of,
        args,
        from: of.from,
        to: scan.at,
        ...(names.length > 0 ? { names } : {}),
      };
    });
  }

  #primary(): Syntax {
    const scan = this.#scan;
    scan.skip();
    const from = scan.at;
    const first = scan.text.charAt(from);
    const place = () => ({ from, to: scan.at });
    switch (first) {
      case '"': {
        const value = scan.string();
        return { kind: 'literal', value, ...place() };
      }
      case '@': {
        scan.at += 1;
        scan.skip();
        if (!scan.sees('"')) scan.fail('a text in quotes is missing');
        const text = scan.string();
        return { kind: 'temporal', text, ...place() };
      }
      case '?':
        scan.at += 1;
        this.#inputs += 1;
        return { kind: 'name', name: '?', ...place() };
      case '(':
        return this.#parenthesis();
      case '[':
      case ']':
        return this.#bracket();
      case '{':
        return this.#context();
      case '`': {
        const name = this.#backticks() ?? '';
        return { kind: 'name', name, ...place() };
      }
    }
    const number = scan.number();
    if (number !== undefined) return { kind: 'literal', value: number, ...place() };
    return this.#worded(from);
  }

  /** What begins with a word: a special name, a keyword, or a name. */
  #worded(from: number): Syntax {
    const scan = this.#scan;
    const inScope = this.#filters > 0 ? [...this.#names, ...this.#keys] : this.#names;
    const special = matchSpecial(scan.text, from, inScope);
    const word = scan.word();
    if (special === undefined || special.end < from + word.length) {
      const keyword = this.#keyword(word, from);
      if (keyword !== undefined) return keyword;
    }
    const name = word === '' || (INFIX.has(word) && word !== 'instance') ? '' : scan.words();
    if (special !== undefined && special.end >= scan.at) {
      scan.at = special.end;
      this.#mayExtend();
      return { kind: 'name', name: special.name, from, to: scan.at };
    }
    if (name === '') scan.fail();
    this.#mayExtend();
    return { kind: 'name', name, from, to: scan.at };
  }

  #keyword(word: string, from: number): Syntax | undefined {
    const scan = this.#scan;
    const literal = word === 'true' ? true : word === 'false' ? false : word === 'null' ? null : undefined;
    if (literal !== undefined) {
      scan.at += word.length;
      return { kind: 'literal', value: literal, from, to: scan.at };
    }
    switch (word) {
      case 'if': {
        scan.expectWord('if');
        const test = this.expression();
        scan.expectWord('then');
        const yes = this.expression();
        scan.expectWord('else');
        const no = this.expression();
        return { kind: 'if', test, yes, no, from, to: no.to };
      }
      case 'for':
      case 'some':
      case 'every': {
        scan.expectWord(word);
        const before = this.#names;
        const iterators = this.#iterators();
        scan.expectWord(word === 'for' ? 'return' : 'satisfies');
        const body = this.expression();
        this.#names = before;
        return word === 'for'
          ? { kind: 'for', iterators, body, from, to: body.to }
          : { kind: 'quantified', every: word === 'every', iterators, body, from, to: body.to };
      }
      case 'function':
        return this.#function(from);
      default:
        return undefined;
    }
  }

  #iterators(): Iterator[] {
    const scan = this.#scan;
    const iterators: Iterator[] = [];
    do {
      const name = this.#iteratorName();
      scan.expectWord('in');
      const source = this.expression();
      iterators.push(scan.accept('..') ? { name, source, end: this.expression() } : { name, source });
      this.#declare(name);
    } while (scan.accept(','));
    return iterators;
  }

  #iteratorName(): string {
    const scan = this.#scan;
    scan.skip();
    const quoted = this.#backticks();
    if (quoted !== undefined) return quoted;
    const from = scan.at;
    if (INFIX.has(scan.word()) || scan.take(WORD) === '') scan.fail('a name is missing');
    for (;;) {
      const end = scan.at;
      scan.skip();
      const next = scan.word();
      const more = next === 'in' ? '' : scan.take(FURTHER_WORD) || scan.take(/[./\-'’+*]/y);
      if (more === '') {
        scan.at = end;
        return singleBlanks(scan.text.slice(from, end));
      }
    }
  }

  #function(from: number): Syntax {
    const scan = this.#scan;
    scan.expectWord('function');
    scan.expect('(');
    const before = this.#names;
    const parameters: ParameterSyntax[] = [];
    if (!scan.accept(')')) {
      do parameters.push(this.#parameter());
      while (scan.accept(','));
      scan.expect(')');
    }
    for (const { name } of parameters) this.#declare(name);
    const isExternal = scan.acceptWord('external');
    const body = this.expression();
    this.#names = before;
    return { kind: 'function', parameters, from, to: body.to, ...(isExternal ? {} : { body }) };
  }

  #parameter(): ParameterSyntax {
    const scan = this.#scan;
    scan.skip();
    const typed = scan.key();
    if (typed !== '') {
      scan.expect(':');
      return { name: singleBlanks(typed), type: parseType(scan) };
    }
    const name = scan.words();
    if (name === '') scan.fail('a name of a parameter is missing');
    return { name };
  }

  /** `(expression)`, `(1..5)` or `(> 5)`. */
  #parenthesis(): Syntax {
    const scan = this.#scan;
    const from = scan.at;
    scan.expect('(');
    return this.#outside(() => {
      const operator = this.#comparator();
      if (operator !== undefined) {
        const value = this.#sum();
        scan.expect(')');
        return { kind: 'half range', operator, value, from, to: scan.at };
      }
      const inner = this.expression();
      if (scan.accept('..')) return this.#range(from, inner, false);
      scan.expect(')');
      return { ...inner, from, to: scan.at };
    });
  }

  /** A list, or a range that begins with a bracket. */
  #bracket(): Syntax {
    const scan = this.#scan;
    const from = scan.at;
    const isOpen = scan.text.charAt(from) === ']';
    scan.at += 1;
    return this.#outside(() => {
      const items: Syntax[] = [];
      if (!isOpen && scan.accept(']')) return { kind: 'list', items, from, to: scan.at };
      items.push(this.expression());
      const [first] = items;
      if (first !== undefined && scan.accept('..')) return this.#range(from, first, !isOpen);
      if (isOpen) scan.fail("'..' is missing");
      while (scan.accept(',')) items.push(this.expression());
      scan.expect(']');
      return { kind: 'list', items, from, to: scan.at };
    });
  }

  #range(from: number, low: Syntax, lowIncluded: boolean): Syntax {
    const scan = this.#scan;
    this.#inRange = true;
    const high = this.expression();
    this.#inRange = false;
    const highIncluded = scan.accept(']');
    if (!highIncluded && !scan.accept(')') && !scan.accept('[')) scan.fail("']' or ')' is missing");
    return { kind: 'range', low, high, lowIncluded, highIncluded, from, to: scan.at };
  }

  #context(): Syntax {
    const scan = this.#scan;
    const from = scan.at;
    const before = this.#names;
    scan.expect('{');
    return this.#outside(() => {
      const entries: { name: string; value: Syntax }[] = [];
      if (!scan.accept('}')) {
        do {
          const name = this.#key();
          scan.expect(':');
          entries.push({ name, value: this.expression() });
          this.#declare(name);
        } while (scan.accept(','));
        scan.expect('}');
      }
      this.#names = before;
      return { kind: 'context', entries, from, to: scan.at };
    });
  }

  #key(): string {
    const scan = this.#scan;
    scan.skip();
    if (scan.text.charAt(scan.at) === '"') return scan.string();
    const name = this.#backticks() ?? scan.key();
    if (name === '') scan.fail('a name and a colon are missing');
    return singleBlanks(name);
  }

  #backticks(): string | undefined {
    const scan = this.#scan;
    if (scan.text.charAt(scan.at) !== '`') return undefined;
    const name = scan.take(/`[^`]+`/y);
    if (name === '') throw syntaxFailure(scan.text, scan.at, 'the closing backtick is missing');
    return name.slice(1, -1);
  }

  #declare(name: string): void {
    const special = specialName(name);
    if (special === undefined) return;
    this.#names = [...this.#names, special];
    this.#keys.push(special);
  }

  /** Notes whether a longer name could stand here. */
  #mayExtend(): void {
    const scan = this.#scan;
    const at = scan.at;
    scan.skip();
    if (EXTENDS.test(scan.text.charAt(scan.at)) ? !scan.text.startsWith('..', scan.at) : INFIX.has(scan.word()))
      this.dependsOnScope = true;
    scan.at = at;
  }
}
