/** Functions that replace or extend feelin's: the clock of the command, bounded patterns, and Camunda's additions. */
import { toFeel } from 'feelin';
import { Temporal } from 'temporal-polyfill';
import type { EvaluationContext } from '../contract.ts';
import { replaceMatches, safePattern } from '../pattern.ts';

/** A function as feelin calls it: `$args` names its parameters. */
type FeelCallable = ((...args: never[]) => unknown) & { readonly $args: readonly string[] };

export type FeelFunctions = Readonly<Record<string, FeelCallable>>;

/** Functions that depend on nothing but their arguments. */
export const FUNCTIONS: FeelFunctions = {
  matches: named(['input', 'pattern', 'flags'], (input: unknown, pattern: unknown, flags: unknown) =>
    typeof input === 'string' && typeof pattern === 'string'
      ? safePattern(pattern, regexFlags(flags, 'u'), input.length).test(input)
      : null,
  ),
  replace: named(
    ['input', 'pattern', 'replacement', 'flags'],
    (input: unknown, pattern: unknown, replacement: unknown, flags: unknown) =>
      typeof input === 'string' && typeof pattern === 'string' && typeof replacement === 'string'
        ? replaceMatches(
            input,
            safePattern(pattern, regexFlags(flags, 'gu'), input.length),
            replacement.replaceAll('$0', () => '$&'),
          )
        : null,
  ),
  split: named(['string', 'delimiter'], (input: unknown, delimiter: unknown) =>
    typeof input === 'string' && typeof delimiter === 'string'
      ? input.split(safePattern(delimiter, 'u', input.length))
      : null,
  ),
  'is defined': named(['value'], (value: unknown) => value !== null && value !== undefined),
  'get or else': named(['value', 'default'], (value: unknown, other: unknown) => value ?? other ?? null),
  'is empty': named(['list'], (list: unknown) => (Array.isArray(list) ? list.length === 0 : null)),
  'is blank': named(['string'], (text: unknown) => (typeof text === 'string' ? text.trim() === '' : null)),
  trim: named(['string'], (text: unknown) => (typeof text === 'string' ? text.trim() : null)),
};

/** `now()` and `today()` at the instant of the command, in its zone. */
export function clockFunctions(context: EvaluationContext): FeelFunctions {
  const time = Temporal.Instant.fromEpochMilliseconds(context.now).toZonedDateTimeISO(context.zone);
  return {
    now: named([], () => toFeel(time)),
    today: named([], () => toFeel(time.toPlainDate())),
  };
}

function named(parameters: readonly string[], run: (...args: never[]) => unknown): FeelCallable {
  return Object.assign(run, { $args: parameters });
}

/** FEEL's flags s, m, i; x (free spacing) has no counterpart and is ignored. */
function regexFlags(flags: unknown, always: string): string {
  const wanted = typeof flags === 'string' ? [...new Set(flags)].filter((flag) => 'smi'.includes(flag)) : [];
  return always + wanted.join('');
}
