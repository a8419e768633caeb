/** Dates in expressions: what models call on `now()`, on Joda's `dateTime()` and on date variables. */
import { Temporal } from 'temporal-polyfill';
import { ExpressionFailure } from '../failure.ts';
import { type Method, type Methods, method, text, whole } from './method.ts';
import { asInstant, Instant, isMap, toText, type Value } from './values.ts';

const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const;

/** Joda's name of a part of a date, as it is read and as it is set. */
const PARTS: readonly (readonly [
  name: string,
  read: (time: Temporal.ZonedDateTime) => number,
  set?: (time: Temporal.ZonedDateTime, to: number) => Temporal.ZonedDateTime,
])[] = [
  ['year', (time) => time.year, (time, year) => time.with({ year })],
  ['monthOfYear', (time) => time.month, (time, month) => time.with({ month }, REJECT)],
  ['dayOfMonth', (time) => time.day, (time, day) => time.with({ day }, REJECT)],
  ['dayOfYear', (time) => time.dayOfYear, (time, day) => time.add({ days: day - time.dayOfYear })],
  ['dayOfWeek', (time) => time.dayOfWeek, (time, day) => time.add({ days: day - time.dayOfWeek })],
  ['weekOfWeekyear', (time) => time.weekOfYear ?? 0],
  ['hourOfDay', (time) => time.hour, (time, hour) => time.with({ hour }, REJECT)],
  ['minuteOfHour', (time) => time.minute, (time, minute) => time.with({ minute }, REJECT)],
  ['secondOfMinute', (time) => time.second, (time, second) => time.with({ second }, REJECT)],
  ['millisOfSecond', (time) => time.millisecond, (time, millisecond) => time.with({ millisecond }, REJECT)],
  ['minuteOfDay', (time) => time.hour * 60 + time.minute],
  ['millis', (time) => time.epochMilliseconds],
  ['time', (time) => time.epochMilliseconds],
];
const REJECT = { overflow: 'reject' } as const;

/** A property without the call, such as `${dateTime().dayOfWeek}`. */
export function instantProperty(base: Instant, name: string): number | undefined {
  return PARTS.find(([known]) => known === name)?.[1](base.time);
}

/** A date variable is text: what only dates can do is done with the instant that it names. */
export function instantMethod(base: string, name: string, zone: string): Method<Instant> | undefined {
  return INSTANT_ONLY.has(name) && asInstant(base, zone) !== undefined ? INSTANT.get(name) : undefined;
}

function changed(change: () => Temporal.ZonedDateTime): Instant {
  try {
    return new Instant(change());
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionFailure(`There is no such date: ${error.message}`);
    throw error;
  }
}

function instantOf(value: Value, zone: string): Instant {
  const instant = asInstant(value, zone);
  if (instant === undefined) throw new ExpressionFailure(`A date is expected, not '${shown(value)}'`);
  return instant;
}

function shown(value: Value): string {
  return value === null || isMap(value) ? JSON.stringify(value).slice(0, 80) : toText(value).slice(0, 80);
}

function compares(holds: (difference: number) => boolean): Method<Instant> {
  return method<Instant>(1, 1, (base, [other = null], { zone }) => {
    return holds(base.time.epochMilliseconds - instantOf(other, zone).time.epochMilliseconds);
  });
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export const INSTANT: Methods<Instant> = new Map<string, Method<Instant>>([
  ...UNITS.flatMap((unit): [string, Method<Instant>][] => [
    [
      `plus${capital(unit)}`,
      method<Instant>(1, 1, ({ time }, [by = null]) => changed(() => time.add({ [unit]: whole(by) }))),
    ],
    [
      `minus${capital(unit)}`,
      method<Instant>(1, 1, ({ time }, [by = null]) => changed(() => time.subtract({ [unit]: whole(by) }))),
    ],
  ]),
  ...(['plus', 'plusMillis'] as const).map((name): [string, Method<Instant>] => [
    name,
    method<Instant>(1, 1, ({ time }, [by = null]) => changed(() => time.add({ milliseconds: whole(by) }))),
  ]),
  ...(['minus', 'minusMillis'] as const).map((name): [string, Method<Instant>] => [
    name,
    method<Instant>(1, 1, ({ time }, [by = null]) => changed(() => time.subtract({ milliseconds: whole(by) }))),
  ]),
  ...PARTS.flatMap(([name, read, set]): [string, Method<Instant>][] => [
    [`get${capital(name)}`, method<Instant>(0, 0, ({ time }) => read(time))],
    ...(set === undefined
      ? []
      : [
          [
            `with${capital(name)}`,
            method<Instant>(1, 1, ({ time }, [to = null]) => changed(() => set(time, whole(to)))),
          ] as [string, Method<Instant>],
        ]),
  ]),
  ['withTimeAtStartOfDay', method<Instant>(0, 0, ({ time }) => new Instant(time.startOfDay()))],
  [
    'withTime',
    method<Instant>(4, 4, ({ time }, args) => {
      const [hour = 0, minute = 0, second = 0, millisecond = 0] = args.map(whole);
      return changed(() => time.with({ hour, minute, second, millisecond }, REJECT));
    }),
  ],
  [
    'withMillis',
    method<Instant>(1, 1, ({ time }, [at = null]) =>
      changed(() => Temporal.Instant.fromEpochMilliseconds(whole(at)).toZonedDateTimeISO(time.timeZoneId)),
    ),
  ],
  ['before', compares((difference) => difference < 0)],
  ['after', compares((difference) => difference > 0)],
  ['isBefore', compares((difference) => difference < 0)],
  ['isAfter', compares((difference) => difference > 0)],
  ['isEqual', compares((difference) => difference === 0)],
  ['compareTo', method<Instant>(1, 1, (base, [other = null], { zone }) => difference(base, instantOf(other, zone)))],
  ['isBeforeNow', method<Instant>(0, 0, ({ time }, _, { now }) => time.epochMilliseconds < now)],
  ['isAfterNow', method<Instant>(0, 0, ({ time }, _, { now }) => time.epochMilliseconds > now)],
  ['equals', method<Instant>(1, 1, (base, [other = null], { zone }) => same(base, asInstant(other, zone)))],
  ['toDate', method<Instant>(0, 0, (base) => base)],
  ['toString', method<Instant>(0, 1, (base, [pattern]) => (pattern ? formatted(base, text(pattern)) : toText(base)))],
]);

/** What no other text understands, so that it may mean the date. */
const INSTANT_ONLY: ReadonlySet<string> = new Set(
  [...INSTANT.keys()].filter((name) => !['equals', 'toString', 'compareTo'].includes(name)),
);

function difference(one: Instant, other: Instant): number {
  return Math.sign(one.time.epochMilliseconds - other.time.epochMilliseconds);
}

function same(one: Instant, other: Instant | undefined): boolean {
  return other !== undefined && one.time.epochMilliseconds === other.time.epochMilliseconds;
}

const LETTERS: Readonly<Record<string, (time: Temporal.ZonedDateTime) => number>> = {
  y: (time) => time.year,
  Y: (time) => time.year,
  M: (time) => time.month,
  d: (time) => time.day,
  D: (time) => time.dayOfYear,
  e: (time) => time.dayOfWeek,
  H: (time) => time.hour,
  m: (time) => time.minute,
  s: (time) => time.second,
  S: (time) => time.millisecond,
};

/** Joda's patterns, as far as they are numbers: `yyyy-MM-dd'T'HH:mm:ss.SSSZZ`. */
function formatted({ time }: Instant, pattern: string): string {
  return pattern.replaceAll(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (run, quoted: string | undefined, letter: string) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    if (letter === 'Z') return run.length === 1 ? time.offset.replace(':', '') : time.offset;
    const read = LETTERS[letter];
    if (read === undefined || (letter === 'M' && run.length > 2))
      throw new ExpressionFailure(
        `'${run}' is not available in the pattern of a date: use y M d D e H m s S Z, as numbers`,
      );
    const number = read(time);
    if ('yY'.includes(letter) && run.length === 2) return String(number % 100).padStart(2, '0');
    return String(number).padStart(run.length, '0');
  });
}
