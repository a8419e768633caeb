/** From the text of a timer to the instant when it is due, and from one occurrence of a cycle to the next. */
import type { Dialect, TimerKind } from '../model.ts';
import type { Repeat, Scheduling, TimerSchedule } from './contract.ts';
import { isCron, nextOfCron } from './cron.ts';
import { CYCLE_FORM, firstOfCycle, isCycle, nextOfCycle } from './cycle.ts';
import { addPeriods, checkZone, quote, readInstant, readPeriod } from './text.ts';

/**
 * When a timer that starts now is due. A date in the past is due now; of a cycle, the first occurrence at or after now.
 * @param now epoch ms
 * @param zone IANA name; used for dates without offset, calendar units and cron
 * @param dialect whose cron it is, and whether a negative duration is due at once (Camunda 8) or a mistake (Camunda 7)
 */
export function schedule(kind: TimerKind, text: string, now: number, zone: string, dialect: Dialect): Scheduling {
  const known = checkZone(zone);
  if (!known.ok) return known;
  if (kind === 'date') {
    const due = readInstant(text, zone);
    return due.ok ? { ok: true, value: { dueAt: Math.max(due.value, now) } } : due;
  }
  if (kind === 'duration') {
    const period = readPeriod(text, dialect === 'camunda8');
    if (!period.ok) return period;
    const due = addPeriods(now, period.value, 1, zone);
    return due.ok ? { ok: true, value: { dueAt: Math.max(due.value, now) } } : due;
  }
  if (isCycle(text)) return firstOfCycle(text, now, zone);
  if (!isCron(text, dialect)) return { ok: false, message: `${quote(text)} is not a cycle: expected ${CYCLE_FORM}` };
  const due = nextOfCron(text, now, zone, dialect);
  return due.ok ? { ok: true, value: { dueAt: due.value, repeat: { text: text.trim(), remaining: null } } } : due;
}

/**
 * The occurrence after the one that was due at `dueAt` (epoch ms), computed from that instant and not from the clock,
 * so that cycles do not drift. Those of a cron expression that are over by `now` are left out, as in both Camunda
 * engines; a cycle makes up for them. Undefined when the cycle is exhausted.
 */
export function reschedule(
  repeat: Repeat,
  dueAt: number,
  zone: string,
  dialect: Dialect,
  now: number = dueAt,
): TimerSchedule | undefined {
  if (repeat.remaining !== null && repeat.remaining <= 0) return undefined;
  if (isCycle(repeat.text)) return nextOfCycle(repeat, dueAt, zone);
  const due = nextOfCron(repeat.text, Math.max(dueAt, now), zone, dialect);
  if (!due.ok) return undefined;
  const remaining = repeat.remaining === null ? null : repeat.remaining - 1;
  return { dueAt: due.value, repeat: { text: repeat.text, remaining } };
}

/** Length in ms of an ISO-8601 duration that starts at `from` (epoch ms): a month is as long as that month is. */
export function parseDurationMs(
  text: string,
  from: number,
  zone: string,
): { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly message: string } {
  const period = readPeriod(text);
  if (!period.ok) return period;
  const end = addPeriods(from, period.value, 1, zone);
  return end.ok ? { ok: true, ms: end.value - from } : end;
}
