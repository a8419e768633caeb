/** Reads ISO-8601 text into instants and periods; the one place that knows which spellings are accepted. */
import { Temporal } from 'temporal-polyfill';

/** Longer text is refused unread. */
const MAX_TEXT_LENGTH = 256;

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export const DATE_FORM =
  '2030-01-31T09:00:00Z (also with an offset, without one for the local zone, or the date alone)';
export const DURATION_FORM = 'P1Y2M3DT4H5M6S, PT15M or P2W';

/** `2030-01-31`, `2030-01-31T09:00:00`, with `Z`, `+02:00`, `+0200` or `+02:00[Europe/Berlin]`, as epoch ms. */
export function readInstant(text: string, zone: string): Read<number> {
  const trimmed = text.trim();
  if (trimmed.length > MAX_TEXT_LENGTH || !/^[+-]?\d{4,6}-/.test(trimmed))
    return { ok: false, message: noDate(trimmed) };
  const known = checkZone(zone);
  if (!known.ok) return known;
  try {
    if (trimmed.endsWith(']')) return { ok: true, value: Temporal.ZonedDateTime.from(trimmed).epochMilliseconds };
    if (/(?:[zZ]|[+-]\d{2}(?::?\d{2})?(?::?\d{2})?)$/.test(trimmed.slice(10)))
      return { ok: true, value: Temporal.Instant.from(trimmed).epochMilliseconds };
    return { ok: true, value: Temporal.PlainDateTime.from(trimmed).toZonedDateTime(zone).epochMilliseconds };
  } catch {
    return { ok: false, message: noDate(trimmed) };
  }
}

/** ISO-8601 with the offset that the zone has then. */
export function instantText(at: number, zone: string): string {
  const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return time.toString({ timeZoneName: 'never', fractionalSecondDigits: 3 });
}

/** An ISO-8601 duration; zero is allowed, a negative one is refused unless it may be. */
export function readPeriod(text: string, mayBeNegative = false): Read<Temporal.Duration> {
  const trimmed = text.trim();
  if (trimmed.length > MAX_TEXT_LENGTH) return { ok: false, message: noDuration(trimmed) };
  try {
    const period = Temporal.Duration.from(trimmed);
    if (period.sign < 0 && !mayBeNegative)
      return { ok: false, message: `'${trimmed}' is a negative duration: expected one like ${DURATION_FORM}` };
    return { ok: true, value: period };
  } catch {
    return { ok: false, message: noDuration(trimmed) };
  }
}

/**
 * `from` plus `times` periods. Calendar units keep the wall clock of the zone across daylight saving (`P1D`), clock
 * units are exact (`PT24H`). Fails when the result lies outside the years that can be represented.
 */
export function addPeriods(from: number, period: Temporal.Duration, times: number, zone: string): Read<number> {
  try {
    const start = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
    return { ok: true, value: start.add(multiply(period, times)).epochMilliseconds };
  } catch {
    const known = checkZone(zone);
    return known.ok
      ? { ok: false, message: `'${period}' from the given start leads beyond the last possible date` }
      : known;
  }
}

/** Whether the zone is one that the host knows. */
export function checkZone(zone: string): Read<string> {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return { ok: true, value: zone };
  } catch {
    return { ok: false, message: `'${zone}' is not a time zone: expected an IANA name such as Europe/Berlin or UTC` };
  }
}

export function quote(text: string): string {
  return `'${text.length > 80 ? `${text.slice(0, 80)}…` : text}'`;
}

function multiply(period: Temporal.Duration, times: number): Temporal.Duration {
  if (times === 1) return period;
  return Temporal.Duration.from({
    years: period.years * times,
    months: period.months * times,
    weeks: period.weeks * times,
    days: period.days * times,
    hours: period.hours * times,
    minutes: period.minutes * times,
    seconds: period.seconds * times,
    milliseconds: period.milliseconds * times,
    microseconds: period.microseconds * times,
    nanoseconds: period.nanoseconds * times,
  });
}

function noDate(text: string): string {
  return `${quote(text)} is not a date: expected ISO-8601 such as ${DATE_FORM}`;
}

function noDuration(text: string): string {
  return `${quote(text)} is not a duration: expected ISO-8601 such as ${DURATION_FORM}`;
}
