/** The operands of FEEL: literals, names, parentheses, lists, ranges and contexts. */
import { type Grammar, quotedName } from './grammar.ts';
import { INFIX, singleBlanks } from './names.ts';
import { parseKeyword } from './parse-keywords.ts';
import type { Syntax } from './syntax.ts';

export function parsePrimary(grammar: Grammar): Syntax {
  const { scan, names } = grammar;
  scan.skip();
  const from = scan.at;
  switch (scan.text.charAt(from)) {
    case '"': {
      const value = scan.string();
      return { kind: 'literal', value, from, to: scan.at };
    }
    case '@': {
      scan.at += 1;
      if (!scan.sees('"')) scan.fail('a text in quotes is missing');
      const text = scan.string();
      return { kind: 'temporal', text, from, to: scan.at };
    }
    case '?':
      scan.at += 1;
      names.inputs += 1;
      return { kind: 'name', name: '?', from, to: scan.at };
    case '(':
      return parenthesis(grammar);
    case '[':
    case ']':
      return bracket(grammar);
    case '{':
      return context(grammar);
    case '`': {
      const name = quotedName(scan) ?? '';
      return { kind: 'name', name, from, to: scan.at };
    }
  }
  const value = scan.number();
  return value === undefined ? worded(grammar, from) : { kind: 'literal', value, from, to: scan.at };
}

/** What begins with a word: a special name, a keyword, or a name. */
function worded(grammar: Grammar, from: number): Syntax {
  const { scan, names } = grammar;
  const special = names.at(scan.text, from);
  const word = scan.word();
  if (special === undefined || special.end < from + word.length) {
    const keyword = parseKeyword(grammar, word, from);
    if (keyword !== undefined) return keyword;
  }
  const isName = word !== '' && (!INFIX.has(word) || word === 'instance');
  let name = isName ? scan.words() : '';
  if (special !== undefined && special.end >= scan.at) {
    scan.at = special.end;
    name = special.name;
  }
  if (name === '') scan.fail();
  names.noteExtension(scan);
  return { kind: 'name', name, from, to: scan.at };
}

/** `(expression)`, `(1..5)` or `(> 5)`. */
function parenthesis(grammar: Grammar): Syntax {
  const { scan } = grammar;
  const from = scan.at;
  scan.expect('(');
  return grammar.enclosed(() => {
    const operator = grammar.comparator();
    if (operator !== undefined) {
      const value = grammar.sum();
      scan.expect(')');
      return { kind: 'half range', operator, value, from, to: scan.at };
    }
    const inner = grammar.expression();
    if (scan.accept('..')) return range(grammar, from, inner, false);
    scan.expect(')');
    return { ...inner, from, to: scan.at };
  });
}

/** A list, or a range that begins with a bracket. */
function bracket(grammar: Grammar): Syntax {
  const { scan } = grammar;
  const from = scan.at;
  const isOpen = scan.text.charAt(from) === ']';
  scan.at += 1;
  return grammar.enclosed(() => {
    if (!isOpen && scan.accept(']')) return { kind: 'list', items: [], from, to: scan.at };
    const first = grammar.expression();
    if (scan.accept('..')) return range(grammar, from, first, !isOpen);
    if (isOpen) scan.fail("'..' is missing");
    const items = [first];
    while (scan.accept(',')) items.push(grammar.expression());
    scan.expect(']');
    return { kind: 'list', items, from, to: scan.at };
  });
}

function range(grammar: Grammar, from: number, low: Syntax, lowIncluded: boolean): Syntax {
  const { scan } = grammar;
  const high = grammar.rangeEnd();
  const highIncluded = scan.accept(']');
  if (!highIncluded && !scan.accept(')') && !scan.accept('[')) scan.fail("']' or ')' is missing");
  return { kind: 'range', low, high, lowIncluded, highIncluded, from, to: scan.at };
}

/** Entries see those before them. */
function context(grammar: Grammar): Syntax {
  const { scan, names } = grammar;
  const from = scan.at;
  scan.expect('{');
  return grammar.enclosed(() =>
    names.within(() => {
      const entries: { name: string; value: Syntax }[] = [];
      if (!scan.accept('}')) {
        do {
          const name = key(grammar);
          scan.expect(':');
          entries.push({ name, value: grammar.expression() });
          names.declare(name);
        } while (scan.accept(','));
        scan.expect('}');
      }
      return { kind: 'context', entries, from, to: scan.at };
    }),
  );
}

function key({ scan }: Grammar): string {
  scan.skip();
  if (scan.text.charAt(scan.at) === '"') return scan.string();
  const quoted = quotedName(scan);
  if (quoted !== undefined) return quoted;
  const name = scan.key();
  if (name === '') scan.fail('a name and a colon are missing');
  return singleBlanks(name);
}
