/** FEEL's date and time: a date with a time of day; it is an instant when the time has an offset or a zone. */
import { FeelDate } from './date.ts';
import { DAY_NANOS, FeelTime, parseClock, SECOND_NANOS } from './time.ts';
import { offsetAt, offsetAtInstant, offsetText, UTC, type Zone } from './zone.ts';

const NANOS = BigInt(SECOND_NANOS);
const DAY = BigInt(DAY_NANOS);
const MIDNIGHT = FeelTime.ofNanos(0, undefined);

export class FeelDateTime {
  readonly kind = 'date and time';
  readonly date: FeelDate;
  readonly time: FeelTime;
  /** Found once: looking up the rules of a zone is dear, and sorting asks often. */
  #offset: number | undefined;

  constructor(date: FeelDate, time: FeelTime) {
    this.date = date;
    this.time = time;
  }

  /** The time of day at an instant, as the clocks in the zone show it; null outside the years of FEEL. */
  static ofEpochNanos(nanos: bigint, zone: Zone): FeelDateTime | null {
    return FeelDateTime.ofWall(nanos + BigInt(offsetAtInstant(zone, floorDiv(nanos, NANOS))) * NANOS, zone);
  }

  /** From nanoseconds between 1970-01-01T00:00:00 and what the clock shows. */
  static ofWall(nanos: bigint, zone: Zone | undefined): FeelDateTime | null {
    const days = floorDiv(nanos, DAY);
    const date = FeelDate.ofEpochDay(Number(days));
    return date === null ? null : new FeelDateTime(date, FeelTime.ofNanos(Number(nanos - days * DAY), zone));
  }

  /** UTC midnight: what a date stands for where a date and time is needed. */
  static ofDate(date: FeelDate): FeelDateTime {
    return new FeelDateTime(date, MIDNIGHT.in(UTC));
  }

  /** `2026-01-31T10:00:00`, with an offset or zone, or the date alone; null for anything else. */
  static parse(text: string): FeelDateTime | null {
    const at = text.indexOf('T');
    const date = FeelDate.parse(at < 0 ? text : text.slice(0, at));
    if (date === null) return null;
    if (at < 0) return new FeelDateTime(date, MIDNIGHT);
    const clock = parseClock(text.slice(at + 1));
    if (clock === null) return null;
    const day = clock.nextDay ? FeelDate.ofEpochDay(date.epochDay + 1) : date;
    return day === null ? null : new FeelDateTime(day, clock.time);
  }

  get zone(): Zone | undefined {
    return this.time.zone;
  }

  /** How far the clock is ahead of UTC, in seconds; undefined for a local one. */
  get offsetSeconds(): number | undefined {
    const { zone } = this.time;
    if (zone === undefined || zone.kind === 'offset') return zone?.seconds;
    const { year, month, day } = this.date;
    const { hour, minute, second } = this.time;
    this.#offset ??= offsetAt(zone, { year, month, day, hour, minute, second });
    return this.#offset;
  }

  /** Nanoseconds between 1970-01-01T00:00:00 and what the clock shows, whatever the zone. */
  get wallNanos(): bigint {
    return BigInt(this.date.epochDay) * DAY + BigInt(this.time.nanos);
  }

  /** Nanoseconds since the epoch; undefined for a local one. */
  get epochNanos(): bigint | undefined {
    const offset = this.offsetSeconds;
    return offset === undefined ? undefined : this.wallNanos - BigInt(offset) * NANOS;
  }

  toString(): string {
    return `${this.date}T${this.time}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** ISO 8601, which has offsets but no zones. */
  toIso(): string {
    const offset = this.offsetSeconds;
    if (offset === undefined || this.zone?.kind !== 'region') return this.toString();
    return `${this.date}T${this.time.clockText}${offset === 0 ? 'Z' : offsetText(offset)}`;
  }
}

function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
