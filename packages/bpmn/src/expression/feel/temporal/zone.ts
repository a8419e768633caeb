/** Offsets and IANA zones of times: their text, and which instant a wall clock in them shows. */
import { Temporal } from 'temporal-polyfill';
import { type CalendarDate, CYCLE_DAYS, CYCLE_YEARS, DAY_SECONDS, epochDay } from './calendar.ts';

export type Zone =
  | { readonly kind: 'offset'; readonly seconds: number }
  /** An IANA name, as it was written. */
  | { readonly kind: 'region'; readonly id: string };

export interface WallClock extends CalendarDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export const UTC: Zone = { kind: 'offset', seconds: 0 };

/** Offsets from -18:00 to +18:00, the widest that are in use anywhere (XML Schema stops at 14). */
export const MAX_OFFSET_SECONDS: number = 18 * 3600;
/** Names of zones are short; longer ones are refused unread. */
const MAX_ID_LENGTH = 64;
/** Zones are looked up in years that the polyfill knows; later ones have the rules of the same year of a late cycle. */
const LAST_CYCLE_START = 9600;
/** A year with the rules that are in force, for times without a date. */
const RULES_YEAR = 2100;

const OFFSET = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/;
const REGION = /^@([A-Za-z][A-Za-z0-9_+\-/]*)$/;

/** `Z`, `+02:00`, `+02:00:30`, `@Europe/Paris`; undefined for anything else, also for zones that nobody knows. */
export function parseZone(text: string): Zone | undefined {
  if (text === 'Z' || text === 'z') return UTC;
  const offset = OFFSET.exec(text);
  if (offset !== null) {
    const [minutes, rest] = [Number(offset[3]), Number(offset[4] ?? 0)];
    if (minutes > 59 || rest > 59) return undefined;
    const seconds = Number(offset[2]) * 3600 + minutes * 60 + rest;
    return offsetZone(offset[1] === '-' ? -seconds : seconds);
  }
  const id = REGION.exec(text)?.[1];
  return id !== undefined && isRegion(id) ? { kind: 'region', id } : undefined;
}

/** Undefined beyond the widest offsets and for parts of a second. */
export function offsetZone(seconds: number): Zone | undefined {
  if (!Number.isInteger(seconds) || Math.abs(seconds) > MAX_OFFSET_SECONDS) return undefined;
  return seconds === 0 ? UTC : { kind: 'offset', seconds };
}

export function zoneText(zone: Zone): string {
  return zone.kind === 'region' ? `@${zone.id}` : zone.seconds === 0 ? 'Z' : offsetText(zone.seconds);
}

export function offsetText(seconds: number): string {
  const all = Math.abs(seconds);
  const parts = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  if (all % 60 !== 0) parts.push(all % 60);
  return `${seconds < 0 ? '-' : '+'}${parts.map((part) => String(part).padStart(2, '0')).join(':')}`;
}

export function sameZone(one: Zone | undefined, other: Zone | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.kind === 'region') return other.kind === 'region' && one.id === other.id;
  return other.kind === 'offset' && one.seconds === other.seconds;
}

/**
 * How far the wall clock is ahead of UTC, in seconds. Clocks that are skipped in spring count as if they went on, those
 * that come twice in autumn as the first (as Temporal's `compatible`).
 */
export function offsetAt(zone: Zone, wall: WallClock): number {
  if (zone.kind === 'offset') return zone.seconds;
  const { year, month, day, hour, minute, second } = wall;
  const known = knownYear(year);
  const local = new Temporal.PlainDateTime(known, month, day, hour, minute, second);
  const utc = local.toZonedDateTime('UTC').epochMilliseconds;
  return (utc - local.toZonedDateTime(zone.id).epochMilliseconds) / 1000;
}

/** The offset at an instant, in seconds; the instant is given in seconds since the epoch. */
export function offsetAtInstant(zone: Zone, epochSeconds: bigint): number {
  if (zone.kind === 'offset') return zone.seconds;
  const instant = Temporal.Instant.fromEpochMilliseconds(knownInstant(epochSeconds) * 1000);
  return instant.toZonedDateTimeISO(zone.id).offsetNanoseconds / 1e9;
}

/**
 * The offset of a time without a date, in seconds. XML Schema knows no zones for times: a zone stands for its standard
 * offset by the rules in force, whatever the season.
 */
export function standardOffset(zone: Zone): number {
  if (zone.kind === 'offset') return zone.seconds;
  const [january, july] = [1, 7].map((month) =>
    offsetAt(zone, { year: RULES_YEAR, month, day: 1, hour: 12, minute: 0, second: 0 }),
  );
  return Math.min(january ?? 0, july ?? 0);
}

function isRegion(id: string): boolean {
  if (id.length > MAX_ID_LENGTH) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(id);
    return true;
  } catch {
    return false;
  }
}

/** A year of the same calendar with the same rules; before the year 1 no zone has any, only its local mean time. */
function knownYear(year: number): number {
  if (year < 1) return CYCLE_YEARS + (((year % CYCLE_YEARS) + CYCLE_YEARS) % CYCLE_YEARS);
  if (year < LAST_CYCLE_START + CYCLE_YEARS) return year;
  return LAST_CYCLE_START + (year % CYCLE_YEARS);
}

const FIRST_SECOND = epochDay({ year: 1, month: 1, day: 1 }) * DAY_SECONDS;
const LAST_CYCLE_SECOND = epochDay({ year: LAST_CYCLE_START, month: 1, day: 1 }) * DAY_SECONDS;
const CYCLE_SECONDS = CYCLE_DAYS * DAY_SECONDS;

/** Exact for seconds beyond the safe integers, where the last years of FEEL lie. */
function knownInstant(epochSeconds: bigint): number {
  if (epochSeconds < FIRST_SECOND) return FIRST_SECOND;
  if (epochSeconds < LAST_CYCLE_SECOND + CYCLE_SECONDS) return Number(epochSeconds);
  return LAST_CYCLE_SECOND + Number((epochSeconds - BigInt(LAST_CYCLE_SECOND)) % BigInt(CYCLE_SECONDS));
}
