/** Functions on text (DMN 1.5, 10.3.4.3); characters are Unicode code points. */
import { boundedSize } from '../../limits.ts';
import { patternSteps, replaceMatches, safePattern } from '../../pattern.ts';
import type { Run } from '../run.ts';
import type { FeelFunction, FeelValue } from '../values.ts';
import { any, define, list, optional, rest, signature, text, whole } from './define.ts';

export const STRING_FUNCTIONS: readonly FeelFunction[] = [
  define(
    'substring',
    signature([text('string'), whole('start position'), optional(whole('length'))], ([string, start, length], run) => {
      const characters = charactersOf(string);
      if (start === 0 || Math.abs(start) > characters.length)
        return run.warn(`substring: there is no position ${start} in a text of ${characters.length} characters`);
      if (length !== undefined && length < 1) return run.warn('substring: the length has to be at least 1');
      const from = start > 0 ? start - 1 : characters.length + start;
      const part = characters.slice(from, length === undefined ? undefined : from + length);
      return typeof part === 'string' ? part : part.join('');
    }),
  ),
  define(
    'string length',
    signature([text('string')], ([string]) => charactersOf(string).length),
  ),
  define(
    'upper case',
    signature([text('string')], ([string]) => string.toUpperCase()),
  ),
  define(
    'lower case',
    signature([text('string')], ([string]) => string.toLowerCase()),
  ),
  define(
    'substring before',
    signature([text('string'), text('match')], ([string, match]) => {
      const at = string.indexOf(match);
      return at < 0 ? '' : string.slice(0, at);
    }),
  ),
  define(
    'substring after',
    signature([text('string'), text('match')], ([string, match]) => {
      const at = string.indexOf(match);
      return at < 0 ? '' : string.slice(at + match.length);
    }),
  ),
  define(
    'contains',
    signature([text('string'), text('match')], ([string, match]) => string.includes(match)),
  ),
  define(
    'starts with',
    signature([text('string'), text('match')], ([string, match]) => string.startsWith(match)),
  ),
  define(
    'ends with',
    signature([text('string'), text('match')], ([string, match]) => string.endsWith(match)),
  ),
  define(
    'matches',
    signature([text('input'), text('pattern'), optional(text('flags'))], ([input, pattern, flags], run) =>
      areFlags(flags) ? patternOf(pattern, flags, 'u', input, run).test(input) : run.warn(wrongFlags('matches')),
    ),
  ),
  define(
    'replace',
    signature(
      [text('input'), text('pattern'), text('replacement'), optional(text('flags'))],
      ([input, pattern, replacement, flags], run) => {
        if (!areFlags(flags)) return run.warn(wrongFlags('replace'));
        const isLiteral = flags?.includes('q') === true;
        const inserted = isLiteral ? replacement.replaceAll('$', () => '$$') : replacement.replaceAll('$0', () => '$&');
        return replaceMatches(input, patternOf(pattern, flags, 'gu', input, run), inserted);
      },
    ),
  ),
  define(
    'split',
    signature([text('string'), text('delimiter')], ([string, delimiter], run) =>
      splitBy(string, patternOf(delimiter, undefined, 'u', string, run)),
    ),
  ),
  define(
    'string join',
    signature(
      [list('list'), optional(any('delimiter')), optional(any('prefix')), optional(any('suffix'))],
      ([items, delimiter, prefix, suffix], run) => {
        const wrong = [delimiter, prefix, suffix].find(
          (part) => part !== undefined && part !== null && typeof part !== 'string',
        );
        const parts = items.filter((item) => item !== null);
        if (wrong !== undefined || !parts.every((part) => typeof part === 'string'))
          return run.warn('string join takes texts only');
        const between = textOr(delimiter);
        run.spend(parts.length);
        boundedSize(parts.reduce((size, part) => size + part.length + between.length, 0));
        return textOr(prefix) + parts.join(between) + textOr(suffix);
      },
    ),
  ),
  // Camunda's additions.
  define(
    'trim',
    signature([text('string')], ([string]) => string.trim()),
  ),
  define(
    'is blank',
    signature([text('string')], ([string]) => string.trim() === ''),
  ),
  define(
    'extract',
    signature([text('string'), text('pattern')], ([string, pattern], run) => [
      ...(string.match(patternOf(pattern, undefined, 'gu', string, run)) ?? []),
    ]),
  ),
  define(
    'concat',
    signature([rest(text('strings'))], ([strings]) => {
      boundedSize(strings.reduce((size, part) => size + part.length, 0));
      return strings.join('');
    }),
  ),
];

/** JS puts what groups match between the parts; FEEL does not. */
function splitBy(string: string, delimiter: RegExp): string[] {
  const groups = (new RegExp(`${delimiter.source}|`, delimiter.flags).exec('')?.length ?? 1) - 1;
  return string.split(delimiter).filter((_, index) => index % (groups + 1) === 0);
}

function textOr(value: FeelValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The text itself where each character is one unit, which is cheaper. */
function charactersOf(string: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(string) ? [...string] : string;
}

/** So many steps of a pattern cost one step of the evaluation. */
const PATTERN_STEPS = 1_000;

/** XPath's flags (3.1, 5.6.1.1). */
function areFlags(flags: string | undefined): boolean {
  return flags === undefined || /^[smixq]*$/.test(flags);
}

function wrongFlags(name: string): string {
  return `${name}: the flags are s, m, i, x and q`;
}

/** x removes blanks, q takes the pattern as plain text. */
function patternOf(pattern: string, flags: string | undefined, always: string, input: string, run: Run): RegExp {
  const wanted = [...new Set(flags ?? '')];
  const own = wanted.filter((flag) => 'smi'.includes(flag)).join('');
  let source = pattern;
  if (wanted.includes('q')) source = pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  else if (wanted.includes('x')) source = pattern.replace(/(\\\s)|\s+/g, (_, escaped?: string) => escaped ?? '');
  run.spend(Math.ceil(patternSteps(source, input.length) / PATTERN_STEPS));
  return safePattern(source, always + own, input.length);
}
