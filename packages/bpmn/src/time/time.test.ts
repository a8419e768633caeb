/** Timers: every form of date, duration and cycle, in zones with daylight saving, and the next occurrence of a cycle. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TimerKind } from '../model.ts';
import { parseDurationMs, reschedule, schedule } from './schedule.ts';

/** Saturday; in Berlin clocks go forward the next night, in New York they already did on 8 March. */
const NOW = '2026-03-28T10:00:00Z';
const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';

function at(text: string): number {
  return Date.parse(text);
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

interface Fired {
  readonly due: readonly string[];
  readonly exhausted: boolean;
}

/** The first occurrences of a timer, at most `limit`. */
function occurrences(kind: TimerKind, text: string, zone: string, now: string, limit = 3): Fired {
  const first = schedule(kind, text, at(now), zone, 'camunda7');
  assert.ok(first.ok, first.ok ? '' : first.message);
  const due: string[] = [];
  let current = first.ok ? first.value : undefined;
  while (current !== undefined && due.length < limit) {
    due.push(iso(current.dueAt));
    current = current.repeat && reschedule(current.repeat, current.dueAt, zone, 'camunda7');
  }
  return { due, exhausted: current === undefined };
}

const ONCE: readonly (readonly [kind: TimerKind, text: string, zone: string, due: string, now?: string])[] = [
  ['date', '2030-01-01T00:00:00Z', BERLIN, '2030-01-01T00:00:00Z'],
  ['date', '2030-01-01T00:00:00+02:00', BERLIN, '2029-12-31T22:00:00Z'],
  ['date', '2030-01-01T00:00:00+02', BERLIN, '2029-12-31T22:00:00Z'],
  ['date', '2030-01-01T00:00:00.250+0200', BERLIN, '2029-12-31T22:00:00.250Z'],
  ['date', '2030-01-01T00:00:00', BERLIN, '2029-12-31T23:00:00Z'],
  ['date', '2030-01-01T00:00', 'UTC', '2030-01-01T00:00:00Z'],
  ['date', '2030-01-01T00:00:00', NEW_YORK, '2030-01-01T05:00:00Z'],
  ['date', '2030-07-01T00:00:00', NEW_YORK, '2030-07-01T04:00:00Z'],
  ['date', '2030-01-01', BERLIN, '2029-12-31T23:00:00Z'],
  ['date', '2030-01-01T09:00:00+01:00[Europe/Berlin]', 'UTC', '2030-01-01T08:00:00Z'],
  ['date', '2030-01-01T09:00:00[America/New_York]', 'UTC', '2030-01-01T14:00:00Z'],
  ['date', '  2030-01-01T00:00:00Z ', BERLIN, '2030-01-01T00:00:00Z'],
  ['date', '2125-06-01T00:00:00Z', BERLIN, '2125-06-01T00:00:00Z'],
  // a wall-clock time that the change to summer time skips is moved on; one that occurs twice means the first
  ['date', '2026-03-29T02:30:00', BERLIN, '2026-03-29T01:30:00Z'],
  ['date', '2026-10-25T02:30:00', BERLIN, '2026-10-25T00:30:00Z'],
  // past dates fire at once
  ['date', '2020-01-01T00:00:00Z', BERLIN, NOW],
  ['date', NOW, BERLIN, NOW],
  ['duration', 'PT15S', BERLIN, '2026-03-28T10:00:15Z'],
  ['duration', 'PT0S', BERLIN, NOW],
  ['duration', 'PT0.5H', BERLIN, '2026-03-28T10:30:00Z'],
  ['duration', 'PT6.5S', BERLIN, '2026-03-28T10:00:06.500Z'],
  ['duration', 'P2W', 'UTC', '2026-04-11T10:00:00Z'],
  ['duration', 'P1Y2M3DT4H5M6.5S', 'UTC', '2027-05-31T14:05:06.500Z'],
  ['duration', 'P30D', 'UTC', '2026-04-27T10:00:00Z'],
  ['duration', 'P400D', 'UTC', '2027-05-02T10:00:00Z'],
  ['duration', 'P1M', 'UTC', '2026-02-28T10:00:00Z', '2026-01-31T10:00:00Z'],
  ['duration', 'P1Y', 'UTC', '2029-02-28T10:00:00Z', '2028-02-29T10:00:00Z'],
  // calendar units keep the wall clock, clock units do not
  ['duration', 'P1D', BERLIN, '2026-03-29T09:00:00Z'],
  ['duration', 'PT24H', BERLIN, '2026-03-29T10:00:00Z'],
  ['duration', 'P1DT1H', BERLIN, '2026-03-29T10:00:00Z'],
  ['duration', 'P1D', BERLIN, '2026-10-25T11:00:00Z', '2026-10-24T10:00:00Z'],
  ['duration', 'PT24H', BERLIN, '2026-10-25T10:00:00Z', '2026-10-24T10:00:00Z'],
  ['duration', 'P1D', NEW_YORK, '2026-03-08T16:00:00Z', '2026-03-07T17:00:00Z'],
  ['duration', 'PT24H', NEW_YORK, '2026-03-08T17:00:00Z', '2026-03-07T17:00:00Z'],
  ['duration', 'P1D', NEW_YORK, '2026-11-01T17:00:00Z', '2026-10-31T16:00:00Z'],
  ['duration', 'P1W', NEW_YORK, '2026-11-07T17:00:00Z', '2026-10-31T16:00:00Z'],
  ['duration', 'P1D', 'UTC', '2026-03-29T10:00:00Z'],
  // the target wall-clock time does not exist that day
  ['duration', 'P1D', BERLIN, '2026-03-29T01:30:00Z', '2026-03-28T01:30:00Z'],
];

const REPEATED: readonly (readonly [text: string, zone: string, due: readonly string[], exhausted: boolean])[] = [
  ['R/PT1M', BERLIN, ['2026-03-28T10:01:00Z', '2026-03-28T10:02:00Z', '2026-03-28T10:03:00Z'], false],
  ['R3/PT10S', BERLIN, ['2026-03-28T10:00:10Z', '2026-03-28T10:00:20Z', '2026-03-28T10:00:30Z'], true],
  ['R1/PT10S', BERLIN, ['2026-03-28T10:00:10Z'], true],
  ['R4/PT10S', BERLIN, ['2026-03-28T10:00:10Z', '2026-03-28T10:00:20Z', '2026-03-28T10:00:30Z'], false],
  ['R2/P1D', BERLIN, ['2026-03-29T09:00:00Z', '2026-03-30T09:00:00Z'], true],
  ['R2/PT24H', BERLIN, ['2026-03-29T10:00:00Z', '2026-03-30T10:00:00Z'], true],
  // with a start: it is the first occurrence; missed ones are used up
  ['R2/2030-01-01T00:00:00Z/P1D', 'UTC', ['2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z'], true],
  ['R5/2026-03-26T00:00:00Z/P1D', 'UTC', ['2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z'], true],
  ['R5/2026-03-26T00:00:00Z/P1D', BERLIN, ['2026-03-29T00:00:00Z', '2026-03-29T23:00:00Z'], true],
  ['R1/2026-03-28T10:00:00Z/P1D', 'UTC', [NOW], true],
  [
    'R/2026-01-01T00:00:00Z/P1D',
    'UTC',
    ['2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z', '2026-03-31T00:00:00Z'],
    false,
  ],
  // months are counted from the start: the 31st comes back after February
  [
    'R/2026-01-31T00:00:00Z/P1M',
    'UTC',
    ['2026-03-31T00:00:00Z', '2026-04-30T00:00:00Z', '2026-05-31T00:00:00Z'],
    false,
  ],
  ['R/1990-01-01T00:00:00Z/PT1H', 'UTC', [NOW, '2026-03-28T11:00:00Z', '2026-03-28T12:00:00Z'], false],
  ['R/1900-01-01T00:00:00Z/PT1S', 'UTC', [NOW, '2026-03-28T10:00:01Z', '2026-03-28T10:00:02Z'], false],
  [
    'R/2026-03-28T09:30:00/PT1H',
    BERLIN,
    ['2026-03-28T10:30:00Z', '2026-03-28T11:30:00Z', '2026-03-28T12:30:00Z'],
    false,
  ],
  ['R2/2030-01-01/P1W', BERLIN, ['2029-12-31T23:00:00Z', '2030-01-07T23:00:00Z'], true],
  // with an end: the last occurrence is the end
  ['R2/PT10S/2030-01-01T00:00:00Z', 'UTC', ['2029-12-31T23:59:50Z', '2030-01-01T00:00:00Z'], true],
  ['R/P1D/2026-03-30T00:00:00Z', 'UTC', ['2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z'], true],
  ['R/PT10S/2030-01-01T00:00:00Z', 'UTC', [NOW, '2026-03-28T10:00:10Z', '2026-03-28T10:00:20Z'], false],
  // start and end: the first interval
  ['R2/2030-01-01T00:00:00Z/2030-01-01T06:00:00Z', 'UTC', ['2030-01-01T00:00:00Z', '2030-01-01T06:00:00Z'], true],
  // cron, Quartz style: Sunday is 1, `?` where the other day field decides
  ['0 0/5 * * * ?', 'UTC', ['2026-03-28T10:05:00Z', '2026-03-28T10:10:00Z', '2026-03-28T10:15:00Z'], false],
  ['0/10 * * * * ?', 'UTC', ['2026-03-28T10:00:10Z', '2026-03-28T10:00:20Z', '2026-03-28T10:00:30Z'], false],
  ['0 0 9-17 * * MON-FRI', 'UTC', ['2026-03-30T09:00:00Z', '2026-03-30T10:00:00Z', '2026-03-30T11:00:00Z'], false],
  ['0 0 9 ? * MON-FRI', BERLIN, ['2026-03-30T07:00:00Z', '2026-03-31T07:00:00Z', '2026-04-01T07:00:00Z'], false],
  ['0 0 9 ? * 2', BERLIN, ['2026-03-30T07:00:00Z', '2026-04-06T07:00:00Z', '2026-04-13T07:00:00Z'], false],
  ['0 0 9 ? * SUN', NEW_YORK, ['2026-03-29T13:00:00Z', '2026-04-05T13:00:00Z', '2026-04-12T13:00:00Z'], false],
  ['0 0 0 L * ?', 'UTC', ['2026-03-31T00:00:00Z', '2026-04-30T00:00:00Z', '2026-05-31T00:00:00Z'], false],
  ['0 0 12 ? * 6L', 'UTC', ['2026-04-24T12:00:00Z', '2026-05-29T12:00:00Z', '2026-06-26T12:00:00Z'], false],
  ['0 0 12 ? * 6#3', 'UTC', ['2026-04-17T12:00:00Z', '2026-05-15T12:00:00Z', '2026-06-19T12:00:00Z'], false],
  ['0 0 9 15W * ?', 'UTC', ['2026-04-15T09:00:00Z', '2026-05-15T09:00:00Z', '2026-06-15T09:00:00Z'], false],
  ['0 0 9 1 1 ? 2030', 'UTC', ['2030-01-01T09:00:00Z'], true],
  ['0 15 10 ? * * 2027-2028', 'UTC', ['2027-01-01T10:15:00Z', '2027-01-02T10:15:00Z', '2027-01-03T10:15:00Z'], false],
  // half past two does not exist on the night of the change: it fires right after the gap, then as always
  ['0 30 2 * * ?', BERLIN, ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z', '2026-03-31T00:30:00Z'], false],
];

const REFUSED: readonly (readonly [kind: TimerKind, text: string, message: RegExp, zone?: string])[] = [
  ['date', '', /'' is not a date: expected ISO-8601 such as 2030-01-31T09:00:00Z/],
  ['date', 'tomorrow', /is not a date/],
  ['date', 'PT5S', /is not a date/],
  ['date', '2030-13-01', /is not a date/],
  ['date', '2030-02-30T00:00:00Z', /is not a date/],
  ['date', '2030-01-01T25:00:00Z', /is not a date/],
  ['date', '2030-1-1', /is not a date/],
  ['date', '999999-01-01T00:00:00Z', /is not a date/],
  ['date', `2030-01-01${' '.repeat(10)}${'x'.repeat(10_000)}`, /is not a date/],
  ['date', '2030-01-01', /'Nowhere\/Else' is not a time zone: expected an IANA name/, 'Nowhere/Else'],
  ['duration', '', /is not a duration/],
  ['duration', 'P', /is not a duration: expected ISO-8601 such as P1Y2M3DT4H5M6S/],
  ['duration', 'PT', /is not a duration/],
  ['duration', '5 minutes', /is not a duration/],
  ['duration', 'P1H', /is not a duration/],
  ['duration', '-PT5S', /negative duration/],
  ['duration', 'P99999999Y', /beyond the last possible date/],
  ['duration', 'PT5S', /is not a time zone/, 'Mars/Olympus'],
  ['cycle', '', /is not a cycle: expected R3\/PT10S/],
  ['cycle', 'PT10S', /is not a cycle/],
  ['cycle', 'R0/PT10S', /R0 never fires/],
  ['cycle', 'R/PT0S', /shorter than a millisecond/],
  ['cycle', 'R/-PT5S', /negative duration/],
  ['cycle', 'R/soon', /'soon' is not a duration/],
  ['cycle', 'R/P1D/soon', /'soon' is not a date/],
  ['cycle', 'R/2030-01-01T00:00:00Z', /is not a duration/],
  ['cycle', 'R/2030-01-01T00:00:00Z/P1D/P1D', /'P1D' is not a date/],
  ['cycle', 'R/2030-01-01T00:00:00Z/P1D/2030-02-01T00:00:00Z/P1D', /more than four parts/],
  ['cycle', 'R/2030-01-01T00:00:00Z/P1D/2029-01-01T00:00:00Z', /its end is before its start/],
  ['cycle', 'R/P1D/2030-01-01T00:00:00Z/2030-02-01T00:00:00Z', /a start comes before the period/],
  ['cycle', 'R/2030-01-01T00:00:00Z/2030-01-02T00:00:00Z/2030-02-01T00:00:00Z', /between start and end is a period/],
  ['cycle', 'R/2026-01-01T00:00:00Z/P1D/2026-02-01T00:00:00Z', /every occurrence .* lies in the past/],
  ['cycle', 'R/2030-01-02T00:00:00Z/2030-01-01T00:00:00Z', /its end is not after its start/],
  ['cycle', 'R99999999999999999999/PT1S', /count is too large/],
  ['cycle', 'R2/2026-01-01T00:00:00Z/P1D', /every occurrence .* lies in the past/],
  ['cycle', 'R/P1D/2026-01-01T00:00:00Z', /every occurrence .* lies in the past/],
  ['cycle', '0 0 * * *', /is not a cron expression .*expected six or seven fields/],
  ['cycle', '0 0 25 * * ?', /is not a cron expression/],
  ['cycle', 'a b c d e f', /is not a cron expression/],
  ['cycle', '0 0 0 31 2 ?', /names no further instant/],
  ['cycle', '0 0 0 1 1 ? 2020', /names no further instant/],
];

describe('timers', () => {
  for (const [kind, text, zone, due, now = NOW] of ONCE) {
    test(`${kind} ${text} in ${zone} at ${now} is due ${due}`, () =>
      assert.deepEqual(occurrences(kind, text, zone, now), { due: [due], exhausted: true }));
  }
  for (const [text, zone, due, exhausted] of REPEATED) {
    test(`cycle ${text} in ${zone} is due ${due[0]} and so on`, () =>
      assert.deepEqual(occurrences('cycle', text, zone, NOW), { due, exhausted }));
  }
  for (const [kind, text, message, zone = BERLIN] of REFUSED) {
    test(`${kind} '${text.slice(0, 60)}' is refused`, () => {
      const result = schedule(kind, text, at(NOW), zone, 'camunda7');
      assert.equal(result.ok, false, JSON.stringify(result));
      if (!result.ok) assert.match(result.message, message);
    });
  }

  test('a cycle counts down what is left', () => {
    const first = schedule('cycle', 'R3/PT10S', at(NOW), BERLIN, 'camunda7');
    assert.ok(first.ok);
    assert.deepEqual(first.value.repeat, { text: 'R3/PT10S', remaining: 2 });
    const second = reschedule({ text: 'R3/PT10S', remaining: 2 }, first.value.dueAt, BERLIN, 'camunda7');
    assert.equal(second?.repeat?.remaining, 1);
    assert.equal(reschedule({ text: 'R3/PT10S', remaining: 0 }, first.value.dueAt, BERLIN, 'camunda7'), undefined);
    const endless = schedule('cycle', 'R/PT10S', at(NOW), BERLIN, 'camunda7');
    assert.ok(endless.ok);
    assert.equal(endless.value.repeat?.remaining, null);
  });

  test('a cron expression leaves out what is over by now, a cycle makes up for it', () => {
    const due = at('2026-01-01T10:00:00Z');
    const now = at('2026-01-01T13:30:00Z');
    assert.equal(
      reschedule({ text: '0 0 * * * ?', remaining: null }, due, BERLIN, 'camunda7', now)?.dueAt,
      at('2026-01-01T14:00:00Z'),
    );
    assert.equal(
      reschedule({ text: 'R/PT1H', remaining: null }, due, BERLIN, 'camunda7', now)?.dueAt,
      at('2026-01-01T11:00:00Z'),
    );
  });

  test('a cycle does not drift: the next occurrence is counted from the previous one, however late it fired', () => {
    const repeat = { text: 'R/PT10S', remaining: null };
    let due = at(NOW);
    for (let i = 0; i < 100; i++) due = reschedule(repeat, due, BERLIN, 'camunda7')?.dueAt ?? Number.NaN;
    assert.equal(due, at(NOW) + 1_000_000);
  });

  test('a duration of calendar units is as long as the calendar says', () => {
    const ms = (text: string, from: string, zone: string) => {
      const result = parseDurationMs(text, at(from), zone);
      return result.ok ? result.ms : result.message;
    };
    assert.equal(ms('PT5M', NOW, BERLIN), 300_000);
    assert.equal(ms('P1D', NOW, BERLIN), 23 * 3_600_000);
    assert.equal(ms('P1D', NOW, 'UTC'), 24 * 3_600_000);
    assert.equal(ms('P1M', '2026-02-01T00:00:00Z', 'UTC'), 28 * 86_400_000);
    assert.match(String(ms('soon', NOW, 'UTC')), /is not a duration/);
    assert.match(String(ms('PT1S', NOW, 'Mars/Olympus')), /is not a time zone/);
  });
});
