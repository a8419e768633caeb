/** The built-in functions that make and take apart temporal values (DMN 1.5, 10.3.4.1 and 10.3.4.9): null outside their domains. */
import { isNumber, wholeNumber } from '../numbers.ts';
import { dayOfYear as dayNumber, daysInMonth, monthsBetween, weekday, weekOfYear as weekNumber } from './calendar.ts';
import { FeelDate } from './date.ts';
import { FeelDateTime } from './date-time.ts';
import { DaysTimeDuration, type FeelDuration, parseDuration, YearsMonthsDuration } from './duration.ts';
import { fractionOf } from './fraction.ts';
import { FeelTime, SECOND_NANOS } from './time.ts';
import { isDuration } from './values.ts';
import { offsetZone, parseZone, UTC, type Zone } from './zone.ts';

const NANOS = BigInt(SECOND_NANOS);
const DAYS: readonly string[] = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `date(from)`: a date string, date, or date and time. */
export function date(from: unknown): FeelDate | null {
  if (typeof from === 'string') return FeelDate.parse(from);
  return dayOf(from);
}

/** `date(year, month, day)`. */
export function dateOfParts(year: unknown, month: unknown, day: unknown): FeelDate | null {
  const [y, m, d] = [wholeNumber(year), wholeNumber(month), wholeNumber(day)];
  return y === undefined || m === undefined || d === undefined ? null : FeelDate.of(y, m, d);
}

/** `time(from)`: a time string, time, or date and time; a date has the midnight of UTC. */
export function time(from: unknown): FeelTime | null {
  if (typeof from === 'string') return FeelTime.parse(from);
  if (from instanceof FeelTime) return from;
  if (from instanceof FeelDate) return FeelDateTime.ofDate(from).time;
  return from instanceof FeelDateTime ? from.time : null;
}

/** `time(hour, minute, second, offset?)`: the second may have a fraction, the offset is a days and time duration. */
export function timeOfParts(hour: unknown, minute: unknown, second: unknown, offset: unknown = null): FeelTime | null {
  const [h, m] = [wholeNumber(hour), wholeNumber(minute)];
  const s = isNumber(second) ? fractionOf(second) : undefined;
  if (h === undefined || m === undefined || s === undefined) return null;
  const zone = offset === null ? undefined : zoneOf(offset);
  if (offset !== null && zone === undefined) return null;
  const nanos = (s.numerator * NANOS) / s.denominator;
  if (s.numerator < 0n || nanos >= 60n * NANOS) return null;
  return FeelTime.of(h, m, Number(nanos / NANOS), Number(nanos % NANOS), zone);
}

function zoneOf(offset: unknown): Zone | undefined {
  if (!(offset instanceof DaysTimeDuration) || offset.nanos % NANOS !== 0n) return undefined;
  return offsetZone(Number(offset.nanos / NANOS));
}

/** `date and time(from)`: a date time string or date string, or a date (as midnight of UTC). */
export function dateAndTime(from: unknown): FeelDateTime | null {
  if (typeof from === 'string') return FeelDateTime.parse(from);
  if (from instanceof FeelDate) return FeelDateTime.ofDate(from);
  return from instanceof FeelDateTime ? from : null;
}

/** `date and time(date, time)`: the day of the first, the time and zone of the second. */
export function dateAndTimeOf(day: unknown, clock: unknown): FeelDateTime | null {
  const of = dayOf(day);
  return of !== null && clock instanceof FeelTime ? new FeelDateTime(of, clock) : null;
}

/**
 * `date and time(from, timezone)`, an addition of Camunda 8: the same instant by the clocks of another zone; a local
 * date and time is put into the zone as it stands. The zone is an IANA name, an offset or Z.
 */
export function dateAndTimeIn(from: unknown, timezone: unknown): FeelDateTime | null {
  if (!(from instanceof FeelDateTime) || typeof timezone !== 'string') return null;
  const zone = namedZone(timezone);
  if (zone === undefined) return null;
  const nanos = from.epochNanos;
  return nanos === undefined ? new FeelDateTime(from.date, from.time.in(zone)) : FeelDateTime.ofEpochNanos(nanos, zone);
}

/** `duration(from)`: a duration string or a duration. */
export function duration(from: unknown): FeelDuration | null {
  if (typeof from === 'string') return parseDuration(from);
  return isDuration(from) ? from : null;
}

/** `years and months duration(from, to)`: whole months between the days, towards zero; times of day do not count. */
export function yearsAndMonthsDuration(from: unknown, to: unknown): YearsMonthsDuration | null {
  const [start, end] = [dayOf(from), dayOf(to)];
  return start === null || end === null ? null : YearsMonthsDuration.of(monthsBetween(start, end));
}

/** `day of year(date)`: 1 to 366. */
export function dayOfYear(of: unknown): number | null {
  const day = dayOf(of);
  return day === null ? null : dayNumber(day);
}

/** `day of week(date)`: its English name. */
export function dayOfWeek(of: unknown): string | null {
  const day = dayOf(of);
  return day === null ? null : (DAYS[weekday(day) - 1] ?? null);
}

/** `month of year(date)`: its English name. */
export function monthOfYear(of: unknown): string | null {
  const day = dayOf(of);
  return day === null ? null : (MONTHS[day.month - 1] ?? null);
}

/** `week of year(date)`: the ISO 8601 number. */
export function weekOfYear(of: unknown): number | null {
  const day = dayOf(of);
  return day === null ? null : weekNumber(day);
}

/** `last day of month(date)`, an addition of Camunda 8. */
export function lastDayOfMonth(of: unknown): FeelDate | null {
  const day = dayOf(of);
  return day === null ? null : FeelDate.of(day.year, day.month, daysInMonth(day.year, day.month));
}

/** `now()`: an instant (ms since the epoch) by the clocks of an IANA zone, `UTC` or an offset. */
export function dateTimeOfInstant(at: number, zone: string): FeelDateTime | null {
  const known = namedZone(zone);
  return known === undefined ? null : FeelDateTime.ofEpochNanos(BigInt(Math.round(at)) * 1_000_000n, known);
}

/** The instant in ms since the epoch, parts of it cut; a local date and time is read by the clocks of `zone`. */
export function instantOf(value: FeelDateTime | FeelDate, zone: string): number | null {
  const local = value instanceof FeelDate ? FeelDateTime.parse(value.toString()) : value;
  const nanos = local?.epochNanos ?? dateAndTimeIn(local, zone)?.epochNanos;
  if (nanos === undefined) return null;
  const ms = nanos / 1_000_000n - (nanos % 1_000_000n < 0n ? 1n : 0n);
  return Number(ms);
}

function dayOf(value: unknown): FeelDate | null {
  if (value instanceof FeelDate) return value;
  return value instanceof FeelDateTime ? value.date : null;
}

function namedZone(text: string): Zone | undefined {
  if (text === 'UTC') return UTC;
  return parseZone(text) ?? parseZone(`@${text}`);
}
