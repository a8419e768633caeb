/** FEEL's time of day: local, with an offset or with a zone, to the nanosecond (DMN 1.5, 10.3.2.3.4). */
import { parseZone, type Zone, zoneText } from './zone.ts';

export const SECOND_NANOS = 1_000_000_000;
export const DAY_NANOS = 86_400_000_000_000;

const TEXT = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz]|[+-]\d.*)|(@.+))?$/;

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Parts of the second, 0 to 999,999,999. */
  readonly nano: number;
}

export class FeelTime implements Clock {
  readonly kind = 'time';
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nano: number;
  /** Undefined for a local time. */
  readonly zone: Zone | undefined;

  private constructor({ hour, minute, second, nano }: Clock, zone: Zone | undefined) {
    this.hour = hour;
    this.minute = minute;
    this.second = second;
    this.nano = nano;
    this.zone = zone;
  }

  /** Null where the clock shows no such time. */
  static of(hour: number, minute: number, second: number, nano = 0, zone?: Zone): FeelTime | null {
    const parts = [hour, minute, second, nano];
    if (!parts.every((part) => Number.isInteger(part) && part >= 0)) return null;
    if (hour > 23 || minute > 59 || second > 59 || nano >= SECOND_NANOS) return null;
    return new FeelTime({ hour, minute, second, nano }, zone);
  }

  /** Nanoseconds since midnight, 0 to those of a day less one. */
  static ofNanos(nanos: number, zone: Zone | undefined): FeelTime {
    const seconds = Math.floor(nanos / SECOND_NANOS);
    const hour = Math.floor(seconds / 3600);
    const minute = Math.floor(seconds / 60) % 60;
    return new FeelTime({ hour, minute, second: seconds % 60, nano: nanos - seconds * SECOND_NANOS }, zone);
  }

  static parse(text: string): FeelTime | null {
    return parseClock(text)?.time ?? null;
  }

  /** Nanoseconds since midnight. */
  get nanos(): number {
    return (this.hour * 3600 + this.minute * 60 + this.second) * SECOND_NANOS + this.nano;
  }

  in(zone: Zone | undefined): FeelTime {
    return new FeelTime(this, zone);
  }

  /** `10:00:00.5`, without the zone. */
  get clockText(): string {
    const clock = [this.hour, this.minute, this.second].map((part) => String(part).padStart(2, '0')).join(':');
    return this.nano === 0 ? clock : `${clock}.${String(this.nano).padStart(9, '0').replace(/0+$/, '')}`;
  }

  toString(): string {
    return this.clockText + (this.zone === undefined ? '' : zoneText(this.zone));
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A time as XML Schema writes it: `24:00:00` is the midnight at the end of the day. Digits beyond nanoseconds are cut. */
export function parseClock(text: string): { readonly time: FeelTime; readonly nextDay: boolean } | null {
  const match = TEXT.exec(text);
  if (match === null) return null;
  const zone = match[5] ?? match[6];
  const known = zone === undefined ? undefined : parseZone(zone);
  if (zone !== undefined && known === undefined) return null;
  const nano = Number((match[4] ?? '').slice(0, 9).padEnd(9, '0'));
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const nextDay = hour === 24 && minute === 0 && second === 0 && /^0*$/.test(match[4] ?? '');
  const time = FeelTime.of(nextDay ? 0 : hour, minute, second, nano, known);
  return time === null ? null : { time, nextDay };
}
