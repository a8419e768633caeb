/** `+ - * /` of temporal values (DMN 1.5, tables 56 to 60): null where the kinds do not go together or a result leaves its range. */
import { type FeelNumber, isNumber } from '../numbers.ts';
import { plusMonths } from './calendar.ts';
import { FeelDate } from './date.ts';
import { FeelDateTime } from './date-time.ts';
import { DaysTimeDuration, type FeelDuration, YearsMonthsDuration } from './duration.ts';
import { over, ratio, times } from './fraction.ts';
import { DAY_NANOS, FeelTime } from './time.ts';
import { type FeelTemporal, isDuration, utcNanos } from './values.ts';
import { sameZone } from './zone.ts';

const PER_DAY = BigInt(DAY_NANOS);

/** Call where at least one side is temporal. */
export function addTemporal(one: unknown, other: unknown): FeelTemporal | null {
  if (isDuration(other)) return plus(one, other);
  return isDuration(one) ? plus(other, one) : null;
}

/** Call where at least one side is temporal. */
export function subtractTemporal(one: unknown, other: unknown): FeelTemporal | null {
  if (isDuration(other)) {
    const negative = negateDuration(other);
    return negative === null ? null : plus(one, negative);
  }
  if (one instanceof FeelTime && other instanceof FeelTime) return betweenTimes(one, other);
  const [from, to] = [dateTimeOf(other), dateTimeOf(one)];
  return from === null || to === null ? null : between(from, to);
}

/** A duration times a number, in either order. */
export function multiplyTemporal(one: unknown, other: unknown): FeelDuration | null {
  if (isDuration(one) && isNumber(other)) return scale(one, other, times);
  return isDuration(other) && isNumber(one) ? scale(other, one, times) : null;
}

/** A duration by a number, or by a duration of its kind. */
export function divideTemporal(one: unknown, other: unknown): FeelDuration | FeelNumber | null {
  if (isDuration(one) && isNumber(other)) return scale(one, other, over);
  if (one instanceof YearsMonthsDuration && other instanceof YearsMonthsDuration)
    return other.months === 0 ? null : ratio(BigInt(one.months), BigInt(other.months));
  if (one instanceof DaysTimeDuration && other instanceof DaysTimeDuration)
    return other.nanos === 0n ? null : ratio(one.nanos, other.nanos);
  return null;
}

/** `-d`. */
export function negateDuration(duration: FeelDuration): FeelDuration | null {
  return duration instanceof YearsMonthsDuration
    ? YearsMonthsDuration.of(-duration.months)
    : DaysTimeDuration.of(-duration.nanos);
}

/** `abs(d)`. */
export function absDuration(duration: FeelDuration): FeelDuration | null {
  const negative = duration instanceof YearsMonthsDuration ? duration.months < 0 : duration.nanos < 0n;
  return negative ? negateDuration(duration) : duration;
}

function plus(value: unknown, duration: FeelDuration): FeelTemporal | null {
  if (duration instanceof YearsMonthsDuration) {
    const { months } = duration;
    if (value instanceof FeelDate) return FeelDate.from(plusMonths(value, months));
    if (value instanceof FeelDateTime) {
      const date = FeelDate.from(plusMonths(value.date, months));
      return date === null ? null : new FeelDateTime(date, value.time);
    }
    return value instanceof YearsMonthsDuration ? YearsMonthsDuration.of(value.months + months) : null;
  }
  const { nanos } = duration;
  if (value instanceof FeelDate) return plusDays(value, nanos);
  if (value instanceof FeelDateTime) return plusNanos(value, nanos);
  if (value instanceof FeelTime) {
    const wrapped = Number((BigInt(value.nanos) + (nanos % PER_DAY) + PER_DAY) % PER_DAY);
    return FeelTime.ofNanos(wrapped, value.zone);
  }
  return value instanceof DaysTimeDuration ? DaysTimeDuration.of(value.nanos + nanos) : null;
}

/** A date counts from its midnight, and the result is the day that it leads to. */
function plusDays(date: FeelDate, nanos: bigint): FeelDate | null {
  const days = nanos / PER_DAY - (nanos % PER_DAY < 0n ? 1n : 0n);
  return FeelDate.ofEpochDay(date.epochDay + Number(days));
}

/** Exact on the time line: in a zone, a day in which the clocks are changed has 23 or 25 hours. */
function plusNanos(value: FeelDateTime, nanos: bigint): FeelDateTime | null {
  const { zone } = value;
  if (zone?.kind !== 'region') return FeelDateTime.ofWall(value.wallNanos + nanos, zone);
  return FeelDateTime.ofEpochNanos((value.epochNanos ?? 0n) + nanos, zone);
}

function dateTimeOf(value: unknown): FeelDateTime | null {
  if (value instanceof FeelDate) return FeelDateTime.ofDate(value);
  return value instanceof FeelDateTime ? value : null;
}

function between(from: FeelDateTime, to: FeelDateTime): DaysTimeDuration | null {
  const [start, end] = [from.epochNanos, to.epochNanos];
  if (start === undefined && end === undefined) return DaysTimeDuration.of(to.wallNanos - from.wallNanos);
  return start === undefined || end === undefined ? null : DaysTimeDuration.of(end - start);
}

function betweenTimes(to: FeelTime, from: FeelTime): DaysTimeDuration | null {
  if (sameZone(to.zone, from.zone)) return DaysTimeDuration.of(BigInt(to.nanos - from.nanos));
  if (to.zone === undefined || from.zone === undefined) return null;
  return DaysTimeDuration.of(BigInt(utcNanos(to) - utcNanos(from)));
}

function scale(duration: FeelDuration, by: FeelNumber, how: typeof times): FeelDuration | null {
  const isMonths = duration instanceof YearsMonthsDuration;
  const result = how(isMonths ? BigInt(duration.months) : duration.nanos, by);
  if (result === undefined) return null;
  return isMonths ? YearsMonthsDuration.of(Number(result)) : DaysTimeDuration.of(result);
}
