/**
 * Repeating intervals (`R3/PT10S`, `R/start/period`, `R/period/end`, `R/start/period/end`): which instants they name, in
 * order. With a start they are counted from it, with an end alone back from the end.
 */
import { Temporal } from 'temporal-polyfill';
import type { Repeat, TimerSchedule } from './contract.ts';
import { addPeriods, quote, type Read, readInstant, readPeriod } from './text.ts';

export const CYCLE_FORM =
  'R3/PT10S, R/PT1H, R5/2030-01-01T00:00:00Z/P1D, R/PT1H/2030-01-01T00:00:00Z, R/start/period/end or a cron expression such as 0 0 9 ? * MON-FRI';

interface Cycle {
  /** How often it fires in all; null: endless. */
  readonly count: number | null;
  readonly period: Temporal.Duration;
  readonly start?: number;
  /** Nothing occurs after it; without a start, the last occurrence. */
  readonly end?: number;
}

/** Whether the text is meant as a repeating interval (and not as cron). */
export function isCycle(text: string): boolean {
  return /^R\d*\//i.test(text.trim());
}

/** First occurrence at or after `now`; occurrences missed before it count as used up. */
export function firstOfCycle(text: string, now: number, zone: string): Read<TimerSchedule> {
  const read = readCycle(text, zone);
  if (!read.ok) return read;
  const cycle = read.value;
  if (cycle.start !== undefined) return fromStart(text, cycle, cycle.start, now, zone);
  if (cycle.end !== undefined) return untilEnd(text, cycle, cycle.end, now, zone);
  const due = addPeriods(now, cycle.period, 1, zone);
  if (!due.ok) return due;
  const from = hasCalendarUnits(cycle.period) ? now : undefined;
  return { ok: true, value: scheduleAt(text, due.value, cycle.count === null ? null : cycle.count - 1, from) };
}

/** The occurrence after `dueAt`, counted from the anchor in the text, from the first one, or from `dueAt`: no drift. */
export function nextOfCycle({ text, remaining, from }: Repeat, dueAt: number, zone: string): TimerSchedule | undefined {
  const read = readCycle(text, zone);
  if (!read.ok) return undefined;
  const due = occurrenceAfter(read.value, from, dueAt, zone);
  if (due === undefined) return undefined;
  return scheduleAt(text, due, remaining === null ? null : remaining - 1, from);
}

function occurrenceAfter(cycle: Cycle, from: number | undefined, dueAt: number, zone: string): number | undefined {
  const start = cycle.start ?? from;
  let due: Read<number>;
  if (start !== undefined) {
    const step = stepsUntil(start, cycle.period, dueAt + 1, zone);
    due = step.ok ? addPeriods(start, cycle.period, step.value, zone) : step;
    if (due.ok && cycle.end !== undefined && due.value > cycle.end) return undefined;
  } else if (cycle.end !== undefined) {
    const back = stepsBack(cycle.end, cycle.period, dueAt + 1, zone);
    due = back < 0 ? { ok: false, message: '' } : addPeriods(cycle.end, cycle.period, -back, zone);
  } else {
    due = addPeriods(dueAt, cycle.period, 1, zone);
  }
  return due.ok ? due.value : undefined;
}

function fromStart(text: string, cycle: Cycle, start: number, now: number, zone: string): Read<TimerSchedule> {
  const step = stepsUntil(start, cycle.period, now, zone);
  if (!step.ok) return step;
  if (cycle.count !== null && step.value >= cycle.count) return allPast(text);
  const due = addPeriods(start, cycle.period, step.value, zone);
  if (!due.ok) return due;
  if (cycle.end !== undefined && due.value > cycle.end) return allPast(text);
  return { ok: true, value: scheduleAt(text, due.value, cycle.count === null ? null : cycle.count - 1 - step.value) };
}

function untilEnd(text: string, cycle: Cycle, end: number, now: number, zone: string): Read<TimerSchedule> {
  const possible = stepsBack(end, cycle.period, now, zone);
  if (possible < 0) return allPast(text);
  const back = cycle.count === null ? possible : Math.min(possible, cycle.count - 1);
  const due = addPeriods(end, cycle.period, -back, zone);
  if (!due.ok) return due;
  return { ok: true, value: scheduleAt(text, due.value, back) };
}

/** Smallest k ≥ 0 with start + k periods ≥ `at`: estimated from the mean length of a period, then corrected. */
function stepsUntil(start: number, period: Temporal.Duration, at: number, zone: string): Read<number> {
  if (at <= start) return { ok: true, value: 0 };
  let step = Math.max(0, Math.floor((at - start) / meanMs(period)) - 2);
  const value = (k: number) => addPeriods(start, period, k, zone);
  for (;;) {
    const lower = value(step);
    if (step > 0 && (!lower.ok || lower.value >= at)) step--;
    else break;
  }
  for (;;) {
    const upper = value(step);
    if (!upper.ok) return upper;
    if (upper.value >= at) return { ok: true, value: step };
    step++;
  }
}

/** Largest k ≥ 0 with end − k periods ≥ `at`; −1 when even `end` lies before it. */
function stepsBack(end: number, period: Temporal.Duration, at: number, zone: string): number {
  if (end < at) return -1;
  let back = Math.floor((end - at) / meanMs(period)) + 2;
  while (back > 0) {
    const due = addPeriods(end, period, -back, zone);
    if (due.ok && due.value >= at) break;
    back--;
  }
  for (;;) {
    const earlier = addPeriods(end, period, -(back + 1), zone);
    if (!earlier.ok || earlier.value < at) return back;
    back++;
  }
}

/** Mean length in the Gregorian calendar; only an estimate to start counting from. */
function meanMs(period: Temporal.Duration): number {
  const days = period.years * 365.2425 + period.months * 30.436875 + period.weeks * 7 + period.days;
  const clock = Temporal.Duration.from({
    hours: period.hours,
    minutes: period.minutes,
    seconds: period.seconds,
    milliseconds: period.milliseconds,
  });
  return days * 86_400_000 + clock.total('milliseconds');
}

function readCycle(text: string, zone: string): Read<Cycle> {
  const parts = text.trim().split('/');
  const count = readCount(parts[0] ?? '', text);
  if (!count.ok) return count;
  const [, first = '', second, third, more] = parts;
  if (more !== undefined) return noCycle(text, 'it has more than four parts');
  if (second === undefined) return withPeriod(text, count.value, first, {});
  if (/^P/i.test(first.trim())) {
    if (third !== undefined) return noCycle(text, 'a start comes before the period, not after it');
    const end = readInstant(second, zone);
    return end.ok ? withPeriod(text, count.value, first, { end: end.value }) : noCycle(text, end.message);
  }
  const start = readInstant(first, zone);
  if (!start.ok) return noCycle(text, start.message);
  if (/^[+-]?P/i.test(second.trim())) {
    if (third === undefined) return withPeriod(text, count.value, second, { start: start.value });
    const last = readInstant(third, zone);
    if (!last.ok) return noCycle(text, last.message);
    if (last.value < start.value) return noCycle(text, 'its end is before its start');
    return withPeriod(text, count.value, second, { start: start.value, end: last.value });
  }
  if (third !== undefined) return noCycle(text, 'what stands between start and end is a period');
  const end = readInstant(second, zone);
  if (!end.ok) return noCycle(text, end.message);
  if (end.value <= start.value) return noCycle(text, 'its end is not after its start');
  const period = Temporal.Duration.from({ milliseconds: end.value - start.value });
  return { ok: true, value: { count: count.value, period, start: start.value } };
}

function withPeriod(
  text: string,
  count: number | null,
  periodText: string,
  anchor: { start?: number; end?: number },
): Read<Cycle> {
  const period = readPeriod(periodText);
  if (!period.ok) return noCycle(text, period.message);
  if (meanMs(period.value) < 1) return noCycle(text, 'its period is shorter than a millisecond');
  return { ok: true, value: { count, period: period.value, ...anchor } };
}

function readCount(text: string, whole: string): Read<number | null> {
  const digits = text.trim().slice(1);
  if (digits === '') return { ok: true, value: null };
  const count = Number(digits);
  if (count === 0) return noCycle(whole, 'R0 never fires (write R1 for once, R for endless)');
  if (!Number.isSafeInteger(count)) return noCycle(whole, 'its count is too large (write R for endless)');
  return { ok: true, value: count };
}

/** Years, months, weeks and days are as long as the calendar says; hours and less are always the same. */
function hasCalendarUnits({ years, months, weeks, days }: Temporal.Duration): boolean {
  return years !== 0 || months !== 0 || weeks !== 0 || days !== 0;
}

function scheduleAt(text: string, dueAt: number, remaining: number | null, from?: number): TimerSchedule {
  return { dueAt, repeat: { text: text.trim(), remaining, ...(from === undefined ? {} : { from }) } };
}

function allPast(text: string): Read<never> {
  return { ok: false, message: `every occurrence of the cycle ${quote(text.trim())} lies in the past` };
}

function noCycle(text: string, why: string): Read<never> {
  return { ok: false, message: `${quote(text.trim())} is not a cycle: ${why}; expected ${CYCLE_FORM}` };
}
