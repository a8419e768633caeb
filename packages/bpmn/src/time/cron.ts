/**
 * Cron expressions of six fields, or seven with the year, evaluated in a time zone. Camunda 7 reads them as Quartz does,
 * Camunda 8 as Spring does: they differ in how days of the week are counted.
 */
import { Cron } from 'croner';
import { Temporal } from 'temporal-polyfill';
import type { Dialect } from '../model.ts';
import { quote, type Read } from './text.ts';

/** Spring's names for whole expressions. */
const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
};

/** Whether the text is meant as cron. */
export function isCron(text: string, dialect: Dialect): boolean {
  return /\s/.test(text.trim()) || (dialect === 'camunda8' && text.trim() in NICKNAMES);
}

/**
 * First instant strictly after `after` (epoch ms) that the expression names; fails when there is none.
 *
 * When clocks go forward, a time of day that is skipped counts right after the gap; when they go back, one that occurs
 * twice counts the first time. An expression whose seconds, minutes or hours have `*` or `/` means "every so often": it
 * has nothing to catch up for in a gap, and goes on through the hour that comes again.
 */
export function nextOfCron(text: string, after: number, zone: string, dialect: Dialect): Read<number> {
  const trimmed = text.trim();
  try {
    const isQuartz = dialect === 'camunda7';
    const { pattern, daysBefore } = beforeTheLast(isQuartz ? quartz(trimmed) : (NICKNAMES[trimmed] ?? trimmed));
    // `?` stands where the other day field decides; `0/5` begins at 0.
    const cron = new Cron(pattern.replaceAll('?', '*'), {
      timezone: zone,
      mode: '6-or-7-parts',
      alternativeWeekdays: isQuartz,
      sloppyRanges: true,
      domAndDow: true,
      fixedTimeRule: 'no-wildcard',
    });
    for (let from = after; ; ) {
      // Counted from the instant given here: the host's clock has no part in it.
      const next = cron.nextRun(Temporal.Instant.fromEpochMilliseconds(from).toString());
      if (next === null) return { ok: false, message: `the cron expression ${quote(text)} names no further instant` };
      const day = Temporal.Instant.fromEpochMilliseconds(next.getTime()).toZonedDateTimeISO(zone);
      if (daysBefore === null || day.day === day.daysInMonth - daysBefore) return { ok: true, value: next.getTime() };
      from = day.startOfDay().add({ days: 1 }).epochMilliseconds - 1;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      message: `${quote(text)} is not a cron expression (${why}): expected six or seven fields such as 0 0 9 ? * MON-FRI`,
    };
  }
}

/**
 * `L-3` as the day of the month, three days before the last: one of four days, depending on the month. Null where the
 * expression says no such thing.
 */
function beforeTheLast(text: string): { readonly pattern: string; readonly daysBefore: number | null } {
  const fields = text.split(/\s+/);
  const daysBefore = Number(/^L-(\d+)$/i.exec(fields[3] ?? '')?.[1] ?? 0);
  if (daysBefore === 0 || daysBefore >= SHORTEST_MONTH) return { pattern: text, daysBefore: null };
  fields[3] = [0, 1, 2, 3].map((more) => SHORTEST_MONTH + more - daysBefore).join(',');
  return { pattern: fields.join(' '), daysBefore };
}

const SHORTEST_MONTH = 28;

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Smallest and largest value of each field of Quartz, and the names of its values in order. */
const FIELDS: readonly (readonly [min: number, max: number, names?: readonly string[]])[] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12, MONTHS],
  [1, 7, WEEKDAYS],
];

/** What only Quartz knows, said as every cron knows it: ranges over the end (`22-2`, `FRI-MON`), and `L` as Saturday. */
function quartz(text: string): string {
  const fields = text.split(/\s+/).map((field, index) => {
    const [min, max, names] = FIELDS[index] ?? [];
    if (min === undefined || max === undefined) return field;
    return field
      .split(',')
      .map((item) => overTheEnd(item, min, max, names))
      .join(',');
  });
  if (fields[5]?.toUpperCase() === 'L') fields[5] = 'SAT';
  return fields.join(' ');
}

function overTheEnd(item: string, min: number, max: number, names: readonly string[] = []): string {
  const range = /^(\w+)-(\w+)(?:\/(\d+))?$/.exec(item);
  if (range === null) return item;
  const [from, to] = range.slice(1, 3).map((name) => {
    const named = names.indexOf(String(name).toUpperCase());
    return named < 0 ? Number(name) : named + min;
  }) as [number, number];
  const isOver = from > to && [from, to].every((value) => Number.isInteger(value) && value >= min && value <= max);
  const step = Number(range[3] ?? 1);
  if (!isOver || step < 1) return item;
  const size = max - min + 1;
  const values: number[] = [];
  for (let value = from; value <= to + size; value += step) values.push(((value - min) % size) + min);
  return values.sort((a, b) => a - b).join(',');
}
