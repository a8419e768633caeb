/** Conversions, and functions on truth values and on any value (DMN 1.5, 10.3.4.1, 10.3.4.2 and 10.3.4.9). */
import { boundedSize } from '../../limits.ts';
import { equals, order } from '../compare.ts';
import { isNumber, numberText, readNumber } from '../numbers.ts';
import { parseExpression } from '../parse.ts';
import type { Run } from '../run.ts';
import type { Syntax } from '../syntax.ts';
import { isTemporal, parseTemporal, temporalIs } from '../temporal/values.ts';
import { type FeelFunction, FeelRange, type FeelValue, isContext, isList, kindOf } from '../values.ts';
import { any, define, signature, text } from './define.ts';

export const CONVERSION_FUNCTIONS: readonly FeelFunction[] = [
  define(
    'number',
    signature([any('from')], ([from], run) => numberOf(from, null, null, run)),
    signature([any('from'), any('grouping separator'), any('decimal separator')], ([from, grouping, decimal], run) =>
      numberOf(from, grouping, decimal, run),
    ),
  ),
  define(
    'string',
    signature([any('from')], ([from], run) => (from === null ? null : textOf(from, run))),
  ),
  define(
    'range',
    signature([text('from')], ([from], run) => rangeOf(from, run)),
  ),
  define(
    'not',
    signature([any('negand')], ([negand], run) =>
      typeof negand === 'boolean' ? !negand : run.warn(`not takes true or false, not a ${kindOf(negand)}`),
    ),
  ),
  define(
    'is',
    signature([any('value1'), any('value2')], ([one, other], run) =>
      isTemporal(one) && isTemporal(other) ? temporalIs(one, other) : equals(one, other, run) === true,
    ),
  ),
  // Camunda's additions.
  define(
    'is defined',
    signature([any('value')], ([value]) => value !== null),
  ),
  define(
    'get or else',
    signature([any('value'), any('default')], ([value, other]) => value ?? other),
  ),
];

const GROUPINGS: readonly FeelValue[] = [' ', ',', '.', null];
const DECIMALS: readonly FeelValue[] = ['.', ',', null];

function numberOf(from: FeelValue, grouping: FeelValue, decimal: FeelValue, run: Run): FeelValue {
  if (isNumber(from)) return from;
  if (typeof from !== 'string') return run.warn(`number takes a text, not a ${kindOf(from)}`);
  if (!GROUPINGS.includes(grouping) || !DECIMALS.includes(decimal) || (grouping !== null && grouping === decimal))
    return run.warn('number: the separators have to be a blank, a comma or a point, and differ');
  const plain = typeof grouping === 'string' ? from.replaceAll(grouping, '') : from;
  const read = readNumber(typeof decimal === 'string' ? plain.replaceAll(decimal, '.') : plain);
  return read ?? run.warn(`'${from.slice(0, 40)}' is no number`);
}

/** Lists and contexts as expressions would write them. */
export function textOf(value: FeelValue, run: Run): string {
  if (typeof value === 'string') return value;
  let size = 0;
  const write = (part: FeelValue): string => {
    run.spend(1);
    const written = run.deeper(() => partText(part));
    size += typeof part === 'object' ? 2 : written.length;
    boundedSize(size);
    return written;
  };
  const partText = (part: FeelValue): string => {
    if (part === null) return 'null';
    if (typeof part === 'string') return `"${part.replace(/["\\]/g, '\\$&')}"`;
    if (typeof part === 'boolean') return String(part);
    if (isNumber(part)) return numberText(part);
    if (isList(part)) return `[${part.map(write).join(', ')}]`;
    if (isContext(part))
      return `{${Object.entries(part)
        .map(([name, entry]) => `${name}: ${write(entry)}`)
        .join(', ')}}`;
    if (isTemporal(part)) return part.toString();
    if (!(part instanceof FeelRange)) return 'function';
    const { low, high, lowIncluded, highIncluded } = part;
    const end = (one: FeelValue | undefined) => (one === undefined ? '' : write(one));
    return `${lowIncluded ? '[' : '('}${end(low)}..${end(high)}${highIncluded ? ']' : ')'}`;
  };
  return write(value);
}

/** `range("[1..3]")`: the ends are literals; one of them may be absent, `(..3]`. */
function rangeOf(from: string, run: Run): FeelValue {
  const whole = from.replace(/^(\s*[(\]])\s*\.\./, '$1null..').replace(/\.\.\s*([)[]\s*)$/, '..null$1');
  const syntax = /\bnull\b/.test(from) ? undefined : readRange(whole);
  if (syntax?.kind !== 'range') return run.warn(`'${from.slice(0, 40)}' is no range`);
  const [low, high] = [literal(syntax.low), literal(syntax.high)];
  if (low === undefined || high === undefined || (low === null && high === null))
    return run.warn('range: the ends have to be literals');
  if (low !== null && high !== null && (order(low, high) ?? 1) > 0) return run.warn('range: the ends are out of order');
  return new FeelRange(low ?? undefined, syntax.lowIncluded, high ?? undefined, syntax.highIncluded);
}

function readRange(from: string): Syntax | undefined {
  try {
    return parseExpression(from, { names: [], members: [] }).syntax;
  } catch {
    return undefined;
  }
}

const TEMPORAL_LITERALS: readonly string[] = ['date', 'time', 'date and time', 'duration'];

function literal(syntax: Syntax): FeelValue | undefined {
  switch (syntax.kind) {
    case 'literal':
      return syntax.value;
    case 'temporal':
      return parseTemporal(syntax.text) ?? undefined;
    case 'call': {
      const [only] = syntax.args;
      const isLiteral = syntax.of.kind === 'name' && TEMPORAL_LITERALS.includes(syntax.of.name);
      const from = isLiteral && syntax.args.length === 1 && only !== undefined ? literal(only) : undefined;
      return typeof from === 'string' ? (parseTemporal(from) ?? undefined) : undefined;
    }
    default:
      return undefined;
  }
}
