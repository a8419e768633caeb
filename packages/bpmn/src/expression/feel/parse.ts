/** Reads FEEL expressions and unary tests into a syntax tree (DMN 1.5, 10.3.1.2), by recursive descent with precedences. */
import { syntaxFailure } from '../failure.ts';
import { type Grammar, NamesInScope, quotedName } from './grammar.ts';
import { type SpecialName, singleBlanks } from './names.ts';
import { isNumber, negateNumber } from './numbers.ts';
import { parsePrimary } from './parse-primary.ts';
import { parseType } from './parse-type.ts';
import { MAX_TERMS, Scanner } from './scanner.ts';
import type { BinaryOperator, Comparator, Syntax, TestSyntax, TestsSyntax } from './syntax.ts';

export interface Parsed<T> {
  readonly syntax: T;
  /** A name of the scope could make it mean something else: it has to be parsed with the special names in scope. */
  readonly dependsOnScope: boolean;
}

/** The special names of a scope: of its variables and functions, and those that may stand behind a dot. */
export interface SpecialNames {
  readonly names: readonly SpecialName[];
  readonly members: readonly SpecialName[];
}

/** Throws ExpressionFailure with the position of the first thing that cannot be read. */
export function parseExpression(text: string, scope: SpecialNames): Parsed<Syntax> {
  const parser = new Parser(text, scope);
  const syntax = parser.expression();
  parser.end();
  return { syntax, dependsOnScope: parser.names.isOpen };
}

/** The cell of a decision table: tests separated by commas, `not(…)`, or `-`. */
export function parseTests(text: string, scope: SpecialNames): Parsed<TestsSyntax> {
  const parser = new Parser(text, scope);
  const syntax = parser.tests();
  parser.end();
  return { syntax, dependsOnScope: parser.names.isOpen };
}

const COMPARATORS: readonly Comparator[] = ['<=', '>=', '!=', '<', '>', '='];

class Parser implements Grammar {
  readonly scan: Scanner;
  readonly names: NamesInScope;
  #inRange = false;

  constructor(text: string, { names, members }: SpecialNames) {
    this.scan = new Scanner(text);
    this.names = new NamesInScope(names, members);
  }

  end(): void {
    this.scan.skip();
    if (this.scan.at < this.scan.text.length) this.scan.fail();
  }

  tests(): TestsSyntax {
    const scan = this.scan;
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
    return this.scan.deeper(() => this.#disjunction());
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
    const scan = this.scan;
    let left = this.sum();
    for (let terms = 0; ; terms++) {
      if (terms > MAX_TERMS) scan.tooDeep();
      const from = left.from;
      const operator = this.comparator();
      if (operator !== undefined) {
        const right = this.sum();
        left = { kind: 'binary', operator, left, right, from, to: right.to };
      } else if (scan.acceptWord('between')) {
        const low = this.sum();
        scan.expectWord('and');
        const high = this.sum();
        left = { kind: 'between', of: left, low, high, from, to: high.to };
      } else if (scan.acceptWord('in')) {
        const tests = this.#inTests();
        left = { kind: 'in', of: left, tests, from, to: scan.at };
      } else return left;
    }
  }

  comparator(): Comparator | undefined {
    const scan = this.scan;
    const operator = COMPARATORS.find((one) => scan.accept(one));
    if (operator === '=' && scan.text.startsWith('=', scan.at))
      throw syntaxFailure(scan.text, scan.at, "unexpected operator: FEEL compares with a single '='");
    return operator;
  }

  #inTests(): TestSyntax[] {
    const list = this.scan.attempt(() => {
      this.scan.expect('(');
      const tests = this.#testList();
      this.scan.expect(')');
      return tests;
    });
    return list ?? [this.#test(() => this.sum())];
  }

  #testList(): TestSyntax[] {
    const tests: TestSyntax[] = [];
    do tests.push(this.#test(() => this.expression()));
    while (this.scan.accept(','));
    return tests;
  }

  #test(expression: () => Syntax): TestSyntax {
    const operator = this.comparator();
    if (operator !== undefined) return { kind: 'compare', operator, value: this.sum() };
    const before = this.names.inputs;
    const value = expression();
    return { kind: 'expression', value, usesInput: this.names.inputs > before };
  }

  sum(): Syntax {
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
      const operator = operatorOf(this.scan);
      if (operator === undefined) return left;
      if (terms > MAX_TERMS) this.scan.tooDeep();
      const right = operand();
      left = { kind: 'binary', operator, left, right, from: left.from, to: right.to };
    }
  }

  /** A minus binds tighter than `**` (grammar rule 4: the later alternative). */
  #signed(): Syntax {
    const scan = this.scan;
    scan.skip();
    const from = scan.at;
    if (scan.accept('-')) {
      const of = scan.deeper(() => this.#signed());
      if (of.kind === 'literal' && isNumber(of.value))
        return { kind: 'literal', value: negateNumber(of.value), from, to: of.to };
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
    const scan = this.scan;
    let of = parsePrimary(this);
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
    return this.names.withinFilter(() => {
      this.scan.expect('[');
      const by = this.enclosed(() => this.expression());
      this.scan.expect(']');
      return by;
    });
  }

  enclosed<T>(part: () => T): T {
    return this.#withRange(false, part);
  }

  rangeEnd(): Syntax {
    return this.#withRange(true, () => this.expression());
  }

  #withRange<T>(inRange: boolean, part: () => T): T {
    const before = this.#inRange;
    this.#inRange = inRange;
    try {
      return part();
    } finally {
      this.#inRange = before;
    }
  }

  #memberName(): string {
    const scan = this.scan;
    scan.skip();
    const quoted = quotedName(scan);
    if (quoted !== undefined) return quoted;
    const special = this.names.memberAt(scan.text, scan.at);
    const from = scan.at;
    const name = scan.words();
    if (special !== undefined && special.end > scan.at) {
      scan.at = special.end;
      this.names.noteExtension(scan);
      return special.name;
    }
    if (name === '') {
      scan.at = from;
      scan.fail('a name is missing');
    }
    this.names.noteExtension(scan);
    return name;
  }

  #call(of: Syntax): Syntax {
    return this.enclosed(() => {
      const scan = this.scan;
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
}
