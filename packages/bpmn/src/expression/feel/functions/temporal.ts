/** Functions on dates, times and durations (DMN 1.5, 10.3.4.1 and 10.3.4.8); the clock is that of the command. */
import type { Run } from '../run.ts';
import {
  date,
  dateAndTime,
  dateAndTimeIn,
  dateAndTimeOf,
  dateOfParts,
  dateTimeOfInstant,
  dayOfWeek,
  dayOfYear,
  duration,
  lastDayOfMonth,
  monthOfYear,
  time,
  timeOfParts,
  weekOfYear,
  yearsAndMonthsDuration,
} from '../temporal/functions.ts';
import { type FeelFunction, type FeelValue, isList } from '../values.ts';
import { any, define, optional, signature } from './define.ts';

export const TEMPORAL_FUNCTIONS: readonly FeelFunction[] = [
  define('date', made('date', ['from'], date), made('date', ['year', 'month', 'day'], dateOfParts)),
  define(
    'time',
    made('time', ['from'], time),
    signature(
      [any('hour'), any('minute'), any('second'), optional(any('offset'))],
      ([hour, minute, second, offset], run) => orWarn('time', timeOfParts(hour, minute, second, offset ?? null), run),
    ),
  ),
  define(
    'date and time',
    made('date and time', ['from'], dateAndTime),
    made('date and time', ['date', 'time'], (day, clock) =>
      typeof clock === 'string' ? dateAndTimeIn(day, clock) : dateAndTimeOf(day, clock),
    ),
    made('date and time', ['from', 'timezone'], dateAndTimeIn),
  ),
  define('duration', made('duration', ['from'], duration)),
  define('years and months duration', made('years and months duration', ['from', 'to'], yearsAndMonthsDuration)),
  define('day of year', made('day of year', ['date'], dayOfYear)),
  define('day of week', made('day of week', ['date'], dayOfWeek)),
  define('month of year', made('month of year', ['date'], monthOfYear)),
  define('week of year', made('week of year', ['date'], weekOfYear)),
  define('last day of month', made('last day of month', ['date'], lastDayOfMonth)),
  define(
    'now',
    signature([], (_, { surroundings }) => dateTimeOfInstant(surroundings.now, surroundings.zone)),
  ),
  define(
    'today',
    signature([], (_, { surroundings }) => date(dateTimeOfInstant(surroundings.now, surroundings.zone))),
  ),
];

/** A list of one stands for its element; null is said why. */
function made(name: string, parameters: readonly string[], make: (...args: FeelValue[]) => FeelValue) {
  return signature(parameters.map(any), (args, run) =>
    orWarn(name, make(...args.map((arg) => (isList(arg) && arg.length === 1 ? (arg[0] ?? null) : arg))), run),
  );
}

function orWarn(name: string, value: FeelValue, run: Run): FeelValue {
  return value ?? run.warn(`${name} has no result for these arguments`);
}
