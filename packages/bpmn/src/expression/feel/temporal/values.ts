/** What all temporal values of FEEL have in common: telling them apart, reading `@"…"`, equality, order and properties. */
import type { FeelNumber } from '../numbers.ts';
import { DAY_SECONDS, weekday } from './calendar.ts';
import { FeelDate } from './date.ts';
import { FeelDateTime } from './date-time.ts';
import { DaysTimeDuration, type FeelDuration, parseDuration, YearsMonthsDuration } from './duration.ts';
import { scaled } from './fraction.ts';
import { FeelTime, SECOND_NANOS } from './time.ts';
import { sameZone, standardOffset, type Zone } from './zone.ts';

export type FeelTemporal = FeelDate | FeelTime | FeelDateTime | FeelDuration;

export function isTemporal(value: unknown): value is FeelTemporal {
  return (
    value instanceof FeelDate ||
    value instanceof FeelDateTime ||
    value instanceof FeelTime ||
    value instanceof DaysTimeDuration ||
    value instanceof YearsMonthsDuration
  );
}

export function isDuration(value: unknown): value is FeelDuration {
  return value instanceof DaysTimeDuration || value instanceof YearsMonthsDuration;
}

/** The value of `@"…"` (grammar rule 65): a date, date and time, time or duration; null for anything else. */
export function parseTemporal(text: string): FeelTemporal | null {
  if (text.startsWith('P') || text.startsWith('-P')) return parseDuration(text);
  if (text[2] === ':') return FeelTime.parse(text);
  return text.includes('T') ? FeelDateTime.parse(text) : FeelDate.parse(text);
}

/**
 * `=` (DMN 1.5, table 53): null for values of two kinds. Instants are equal whatever their zones; what is local never
 * equals what has a zone.
 */
export function temporalEquals(one: FeelTemporal, other: FeelTemporal): boolean | null {
  if (one.kind !== other.kind) return null;
  if ('zone' in one && 'zone' in other && (one.zone === undefined) !== (other.zone === undefined)) return false;
  return temporalCompare(one, other) === 0;
}

/** `is`: the same element of the semantic domain, so that offsets and zones count too. */
export function temporalIs(one: FeelTemporal, other: FeelTemporal): boolean {
  if (one.kind !== other.kind) return false;
  if (one instanceof FeelDateTime && other instanceof FeelDateTime)
    return temporalIs(one.date, other.date) && temporalIs(one.time, other.time);
  if (one instanceof FeelTime && other instanceof FeelTime)
    return one.nanos === other.nanos && sameZone(one.zone, other.zone);
  return temporalCompare(one, other) === 0;
}

/**
 * Order (DMN 1.5, table 54): negative, zero or positive; null for values of two kinds. Where only one has a zone, the
 * other is taken to be in the same.
 */
export function temporalCompare(one: FeelTemporal, other: FeelTemporal): number | null {
  if (one instanceof FeelDate) return other instanceof FeelDate ? compareDates(one, other) : null;
  if (one instanceof FeelDateTime) return other instanceof FeelDateTime ? compareDateTimes(one, other) : null;
  if (one instanceof FeelTime) return other instanceof FeelTime ? compareTimes(one, other) : null;
  if (one instanceof YearsMonthsDuration)
    return other instanceof YearsMonthsDuration ? Math.sign(one.months - other.months) : null;
  return other instanceof DaysTimeDuration ? compare(one.nanos, other.nanos) : null;
}

function compareDates(one: FeelDate, other: FeelDate): number {
  return Math.sign(one.year - other.year || one.month - other.month || one.day - other.day);
}

function compareDateTimes(one: FeelDateTime, other: FeelDateTime): number {
  if (comparesByWall(one.zone, other.zone))
    return compareDates(one.date, other.date) || Math.sign(one.time.nanos - other.time.nanos);
  return compare(one.epochNanos ?? 0n, other.epochNanos ?? 0n);
}

function compareTimes(one: FeelTime, other: FeelTime): number {
  if (comparesByWall(one.zone, other.zone)) return Math.sign(one.nanos - other.nanos);
  return Math.sign(utcNanos(one) - utcNanos(other));
}

/** Two zones of one name can still differ by the season. */
function comparesByWall(one: Zone | undefined, other: Zone | undefined): boolean {
  if (one === undefined || other === undefined) return true;
  return one.kind === 'offset' && other.kind === 'offset' && one.seconds === other.seconds;
}

/** Nanoseconds from midnight UTC; negative or beyond a day where the offset leads there. */
export function utcNanos(time: FeelTime): number {
  return time.nanos - (time.zone === undefined ? 0 : standardOffset(time.zone)) * SECOND_NANOS;
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * A property by its name in FEEL (DMN 1.5, tables 65 and 66), null where the value has none of this name. `value` is a
 * number that orders values of one kind: seconds, or months.
 */
export function temporalProperty(of: FeelTemporal, name: string): FeelNumber | string | DaysTimeDuration | null {
  switch (of.kind) {
    case 'date':
      return dateProperty(of, name) ?? (name === 'value' ? scaled(BigInt(of.epochDay) * BigInt(DAY_SECONDS), 0) : null);
    case 'time':
      if (name === 'value') return scaled(BigInt(utcNanos(of)), 9);
      return timeProperty(of, name, of.zone === undefined ? undefined : standardOffset(of.zone));
    case 'date and time':
      if (name === 'value') return scaled(of.epochNanos ?? of.wallNanos, 9);
      return dateProperty(of.date, name) ?? timeProperty(of.time, name, of.offsetSeconds);
    case 'years and months duration':
      if (name === 'years') return Math.trunc(of.months / 12) + 0;
      return name === 'months' ? (of.months % 12) + 0 : name === 'value' ? of.months : null;
    case 'days and time duration':
      return durationProperty(of, name);
  }
}

function dateProperty(date: FeelDate, name: string): number | null {
  switch (name) {
    case 'year':
      return date.year;
    case 'month':
      return date.month;
    case 'day':
      return date.day;
    case 'weekday':
      return weekday(date);
    default:
      return null;
  }
}

function timeProperty(
  time: FeelTime,
  name: string,
  offset: number | undefined,
): FeelNumber | string | DaysTimeDuration | null {
  switch (name) {
    case 'hour':
      return time.hour;
    case 'minute':
      return time.minute;
    case 'second':
      return time.nano === 0 ? time.second : scaled(BigInt(time.second * SECOND_NANOS + time.nano), 9);
    case 'time offset':
      return offset === undefined ? null : DaysTimeDuration.of(BigInt(offset) * BigInt(SECOND_NANOS));
    case 'timezone':
      return time.zone?.kind === 'region' ? time.zone.id : null;
    default:
      return null;
  }
}

function durationProperty({ parts, nanos }: DaysTimeDuration, name: string): FeelNumber | null {
  switch (name) {
    case 'days':
      return Number(parts.days);
    case 'hours':
      return Number(parts.hours);
    case 'minutes':
      return Number(parts.minutes);
    case 'seconds':
      return scaled(parts.nanos, 9);
    case 'value':
      return scaled(nanos, 9);
    default:
      return null;
  }
}
