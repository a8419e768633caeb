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
      patternOf(pattern, flags, 'u', input, run).test(input),
    ),
  ),
  define(
    'replace',
    signature(
      [text('input'), text('pattern'), text('replacement'), optional(text('flags'))],
      ([input, pattern, replacement, flags], run) =>
        replaceMatches(
          input,
          patternOf(pattern, flags, 'gu', input, run),
          replacement.replaceAll('$0', () => '$&'),
        ),
    ),
  ),
  define(
    'split',
    signature([text('string'), text('delimiter')], ([string, delimiter], run) =>
      string.split(patternOf(delimiter, undefined, 'u', string, run)),
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

function textOr(value: FeelValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The text itself where each character is one unit, which is cheaper. */
function charactersOf(string: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(string) ? [...string] : string;
}

/** So many steps of a pattern cost one step of the evaluation. */
const PATTERN_STEPS = 1_000;

/** FEEL's flags s, m, i, x (XPath 3.1, 5.6.1.1); x removes blanks. */
function patternOf(pattern: string, flags: string | undefined, always: string, input: string, run: Run): RegExp {
  run.spend(Math.ceil(patternSteps(pattern, input.length) / PATTERN_STEPS));
  const wanted = [...new Set(flags ?? '')];
  const own = wanted.filter((flag) => 'smi'.includes(flag)).join('');
  const source = wanted.includes('x')
    ? pattern.replace(/(\\\s)|\s+/g, (_, escaped?: string) => escaped ?? '')
    : pattern;
  return safePattern(source, always + own, input.length);
}
