/** What begins with a keyword: true, false, null, if, for, some, every, function. */
import { type Grammar, quotedName } from './grammar.ts';
import { FURTHER_WORD, INFIX, singleBlanks, WORD } from './names.ts';
import { parseType } from './parse-type.ts';
import type { Iterator, ParameterSyntax, Syntax } from './syntax.ts';

/** Undefined, with nothing taken, where the word is no keyword. */
export function parseKeyword(grammar: Grammar, word: string, from: number): Syntax | undefined {
  const { scan } = grammar;
  switch (word) {
    case 'true':
    case 'false':
    case 'null':
      scan.at += word.length;
      return { kind: 'literal', value: word === 'null' ? null : word === 'true', from, to: scan.at };
    case 'if':
      return condition(grammar, from);
    case 'for':
    case 'some':
    case 'every':
      return loop(grammar, word, from);
    case 'function':
      return definition(grammar, from);
    default:
      return undefined;
  }
}

function condition(grammar: Grammar, from: number): Syntax {
  const { scan } = grammar;
  scan.expectWord('if');
  const test = grammar.expression();
  scan.expectWord('then');
  const yes = grammar.expression();
  scan.expectWord('else');
  const no = grammar.expression();
  return { kind: 'if', test, yes, no, from, to: no.to };
}

function loop(grammar: Grammar, word: 'for' | 'some' | 'every', from: number): Syntax {
  const { scan, names } = grammar;
  scan.expectWord(word);
  return names.within(() => {
    const iterators = iteratorsOf(grammar);
    scan.expectWord(word === 'for' ? 'return' : 'satisfies');
    const body = grammar.expression();
    if (word === 'for') return { kind: 'for', iterators, body, from, to: body.to };
    return { kind: 'quantified', every: word === 'every', iterators, body, from, to: body.to };
  });
}

function iteratorsOf(grammar: Grammar): Iterator[] {
  const { scan, names } = grammar;
  const iterators: Iterator[] = [];
  do {
    const name = iteratorName(grammar);
    scan.expectWord('in');
    const source = grammar.expression();
    iterators.push(scan.accept('..') ? { name, source, end: grammar.expression() } : { name, source });
    names.declare(name);
  } while (scan.accept(','));
  return iterators;
}

/** Everything up to `in`. */
function iteratorName({ scan }: Grammar): string {
  scan.skip();
  const quoted = quotedName(scan);
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

function definition(grammar: Grammar, from: number): Syntax {
  const { scan, names } = grammar;
  scan.expectWord('function');
  scan.expect('(');
  return names.within(() => {
    const parameters: ParameterSyntax[] = [];
    if (!scan.accept(')')) {
      do parameters.push(parameter(grammar));
      while (scan.accept(','));
      scan.expect(')');
    }
    for (const { name } of parameters) names.declare(name);
    const isExternal = scan.acceptWord('external');
    const body = grammar.enclosed(() => grammar.expression());
    return { kind: 'function', parameters, from, to: body.to, ...(isExternal ? {} : { body }) };
  });
}

function parameter({ scan }: Grammar): ParameterSyntax {
  scan.skip();
  const typed = scan.key();
  if (typed !== '') {
    scan.expect(':');
    return { name: singleBlanks(typed), type: parseType(scan) };
  }
  const name = quotedName(scan) ?? scan.words();
  if (name === '') scan.fail('a name of a parameter is missing');
  return { name };
}
