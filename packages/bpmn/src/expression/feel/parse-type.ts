/** Types as `instance of` and parameters write them (DMN 1.5, grammar rule 54). */
import { ExpressionFailure } from '../failure.ts';
import { Scanner } from './scanner.ts';
import type { FeelType } from './syntax.ts';

const BASIC: Readonly<Record<string, FeelType>> = Object.assign(Object.create(null), {
  Any: { kind: 'any' },
  any: { kind: 'any' },
  Null: { kind: 'null' },
  number: { kind: 'basic', name: 'number' },
  integer: { kind: 'basic', name: 'number' },
  long: { kind: 'basic', name: 'number' },
  double: { kind: 'basic', name: 'number' },
  string: { kind: 'basic', name: 'string' },
  boolean: { kind: 'basic', name: 'boolean' },
  date: { kind: 'basic', name: 'date' },
  time: { kind: 'basic', name: 'time' },
  dateTime: { kind: 'basic', name: 'date and time' },
  'date and time': { kind: 'basic', name: 'date and time' },
  'days and time duration': { kind: 'basic', name: 'days and time duration' },
  'day and time duration': { kind: 'basic', name: 'days and time duration' },
  dayTimeDuration: { kind: 'basic', name: 'days and time duration' },
  'years and months duration': { kind: 'basic', name: 'years and months duration' },
  'year and month duration': { kind: 'basic', name: 'years and months duration' },
  yearMonthDuration: { kind: 'basic', name: 'years and months duration' },
  list: { kind: 'list', of: { kind: 'any' } },
  context: { kind: 'context', entries: [] },
  range: { kind: 'range', of: { kind: 'any' } },
  function: { kind: 'function', parameters: [], result: { kind: 'any' } },
});

/** FEEL's own type of this name, in FEEL's spelling or DMN's; any other name is the model's. */
export function namedType(name: string): FeelType {
  const own = name.startsWith('feel:') ? name.slice(5) : name;
  return BASIC[own] ?? { kind: 'named', name: own };
}

const known = new Map<string, FeelType>();

/** A type as a model writes it: a name, or `list<number>` and the like. */
export function readType(text: string): FeelType {
  if (!text.includes('<')) return namedType(text);
  let type = known.get(text);
  if (type === undefined) {
    type = genericOf(text) ?? namedType(text);
    if (known.size >= 1_000) known.clear();
    known.set(text, type);
  }
  return type;
}

function genericOf(text: string): FeelType | undefined {
  const scan = new Scanner(text);
  try {
    const type = parseType(scan);
    scan.skip();
    return scan.at === text.length ? type : undefined;
  } catch (error) {
    if (error instanceof ExpressionFailure) return undefined;
    throw error;
  }
}

const PHRASE = /date\s+and\s+time\b|days?\s+and\s+time\s+duration\b|years?\s+and\s+months?\s+duration\b/y;

export function parseType(scan: Scanner): FeelType {
  return scan.deeper(() => {
    scan.skip();
    const phrase = scan.take(PHRASE);
    if (phrase !== '') return namedType(phrase.replace(/\s+/g, ' '));
    const word = scan.word();
    const generic = word === '' ? undefined : scan.attempt(() => genericType(scan, word));
    if (generic !== undefined) return generic;
    let name = scan.words();
    if (name === '') scan.fail('a type is missing');
    while (scan.sees('.') && !scan.sees('..')) {
      scan.at += 1;
      scan.skip();
      name += `.${scan.words()}`;
    }
    return namedType(name);
  });
}

function genericType(scan: Scanner, word: string): FeelType {
  scan.expectWord(word);
  scan.expect('<');
  switch (word) {
    case 'list':
    case 'range': {
      const of = parseType(scan);
      scan.expect('>');
      return { kind: word, of };
    }
    case 'context': {
      const entries: { name: string; type: FeelType }[] = [];
      do {
        scan.skip();
        const name = scan.key().trim();
        scan.expect(':');
        entries.push({ name, type: parseType(scan) });
      } while (scan.accept(','));
      scan.expect('>');
      return { kind: 'context', entries };
    }
    case 'function': {
      const parameters: FeelType[] = [];
      if (!scan.accept('>')) {
        do parameters.push(parseType(scan));
        while (scan.accept(','));
        scan.expect('>');
      }
      scan.expect('->');
      return { kind: 'function', parameters, result: parseType(scan) };
    }
    default:
      return scan.fail();
  }
}
