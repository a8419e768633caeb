/**
 * Timers on the days when clocks change: four zones, one of them changing by half an hour and one at midnight, both
 * changes, every kind of timer. The expected instants are worked out from the offsets of the zones, not taken from a run.
 *
 * The rules: a date in the gap is moved on by its length, one that occurs twice is the first (as java.time and the
 * Temporal proposal have it); days are calendar days, hours are exact; a cycle is counted from where it began, so that a
 * day that moved one occurrence moves no other; cron at a fixed time of day occurs once a day, after the gap when it
 * fell into it; cron that says "every so often" goes by what the clock shows.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Dialect, TimerKind } from '../model.ts';
import { reschedule, schedule } from './schedule.ts';

interface Day {
  readonly zone: string;
  readonly change: string;
  readonly cases: readonly (readonly [kind: TimerKind, text: string, now: string, ...due: string[]])[];
}

const DAYS: readonly Day[] = [
  {
    zone: 'Europe/Berlin',
    change: 'from +01:00 to +02:00 at 2026-03-29T01:00Z, 02:00 to 03:00 does not exist',
    cases: [
      ['cycle', '0 30 2 * * ?', '2026-03-28T12:00Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z', '2026-03-31T00:30Z'],
      ['cycle', '0 0/30 * * * ?', '2026-03-29T00:15Z', '2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-29T01:30Z'],
      [
        'cycle',
        'R3/2026-03-28T02:30/P1D',
        '2026-03-28T00:00Z',
        '2026-03-28T01:30Z',
        '2026-03-29T01:30Z',
        '2026-03-30T00:30Z',
      ],
      ['cycle', 'R3/PT12H', '2026-03-28T12:00Z', '2026-03-29T00:00Z', '2026-03-29T12:00Z', '2026-03-30T00:00Z'],
      ['date', '2026-03-29T02:30:00', '2026-03-28T12:00Z', '2026-03-29T01:30Z'],
      ['date', '2026-03-29T03:00:00', '2026-03-28T12:00Z', '2026-03-29T01:00Z'],
      ['duration', 'P1D', '2026-03-28T01:30Z', '2026-03-29T01:30Z'],
      ['duration', 'P1D', '2026-03-28T11:00Z', '2026-03-29T10:00Z'],
      ['duration', 'PT24H', '2026-03-28T11:00Z', '2026-03-29T11:00Z'],
    ],
  },
  {
    zone: 'Europe/Berlin',
    change: 'from +02:00 to +01:00 at 2026-10-25T01:00Z, 02:00 to 03:00 comes twice',
    cases: [
      ['cycle', '0 30 2 * * ?', '2026-10-24T12:00Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z', '2026-10-27T01:30Z'],
      [
        'cycle',
        '0 0/30 * * * ?',
        '2026-10-25T00:15Z',
        '2026-10-25T00:30Z',
        '2026-10-25T01:00Z',
        '2026-10-25T01:30Z',
        '2026-10-25T02:00Z',
      ],
      [
        'cycle',
        'R3/2026-10-24T02:30/P1D',
        '2026-10-24T00:00Z',
        '2026-10-24T00:30Z',
        '2026-10-25T00:30Z',
        '2026-10-26T01:30Z',
      ],
      ['cycle', 'R3/PT12H', '2026-10-24T12:00Z', '2026-10-25T00:00Z', '2026-10-25T12:00Z', '2026-10-26T00:00Z'],
      ['date', '2026-10-25T02:30:00', '2026-10-24T12:00Z', '2026-10-25T00:30Z'],
      ['date', '2026-10-25T03:00:00', '2026-10-24T12:00Z', '2026-10-25T02:00Z'],
      ['duration', 'P1D', '2026-10-24T00:30Z', '2026-10-25T00:30Z'],
      ['duration', 'P1D', '2026-10-24T10:00Z', '2026-10-25T11:00Z'],
      ['duration', 'PT24H', '2026-10-24T10:00Z', '2026-10-25T10:00Z'],
    ],
  },
  {
    zone: 'America/New_York',
    change: 'from -05:00 to -04:00 at 2026-03-08T07:00Z, 02:00 to 03:00 does not exist',
    cases: [
      ['cycle', '0 30 2 * * ?', '2026-03-07T12:00Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z', '2026-03-10T06:30Z'],
      ['cycle', '0 0/30 * * * ?', '2026-03-08T06:15Z', '2026-03-08T06:30Z', '2026-03-08T07:00Z', '2026-03-08T07:30Z'],
      [
        'cycle',
        'R3/2026-03-07T02:30/P1D',
        '2026-03-07T00:00Z',
        '2026-03-07T07:30Z',
        '2026-03-08T07:30Z',
        '2026-03-09T06:30Z',
      ],
      ['cycle', 'R3/PT12H', '2026-03-07T12:00Z', '2026-03-08T00:00Z', '2026-03-08T12:00Z', '2026-03-09T00:00Z'],
      ['date', '2026-03-08T02:30:00', '2026-03-07T12:00Z', '2026-03-08T07:30Z'],
      ['date', '2026-03-08T03:00:00', '2026-03-07T12:00Z', '2026-03-08T07:00Z'],
      ['duration', 'P1D', '2026-03-07T07:30Z', '2026-03-08T07:30Z'],
      ['duration', 'P1D', '2026-03-07T17:00Z', '2026-03-08T16:00Z'],
      ['duration', 'PT24H', '2026-03-07T17:00Z', '2026-03-08T17:00Z'],
    ],
  },
  {
    zone: 'America/New_York',
    change: 'from -04:00 to -05:00 at 2026-11-01T06:00Z, 01:00 to 02:00 comes twice',
    cases: [
      ['cycle', '0 30 1 * * ?', '2026-10-31T12:00Z', '2026-11-01T05:30Z', '2026-11-02T06:30Z', '2026-11-03T06:30Z'],
      [
        'cycle',
        '0 0/30 * * * ?',
        '2026-11-01T05:15Z',
        '2026-11-01T05:30Z',
        '2026-11-01T06:00Z',
        '2026-11-01T06:30Z',
        '2026-11-01T07:00Z',
      ],
      [
        'cycle',
        'R3/2026-10-31T01:30/P1D',
        '2026-10-31T00:00Z',
        '2026-10-31T05:30Z',
        '2026-11-01T05:30Z',
        '2026-11-02T06:30Z',
      ],
      ['cycle', 'R3/PT12H', '2026-10-31T12:00Z', '2026-11-01T00:00Z', '2026-11-01T12:00Z', '2026-11-02T00:00Z'],
      ['date', '2026-11-01T01:30:00', '2026-10-31T12:00Z', '2026-11-01T05:30Z'],
      ['date', '2026-11-01T02:00:00', '2026-10-31T12:00Z', '2026-11-01T07:00Z'],
      ['duration', 'P1D', '2026-10-31T05:30Z', '2026-11-01T05:30Z'],
      ['duration', 'P1D', '2026-10-31T16:00Z', '2026-11-01T17:00Z'],
      ['duration', 'PT24H', '2026-10-31T16:00Z', '2026-11-01T16:00Z'],
    ],
  },
  {
    zone: 'Australia/Lord_Howe',
    change: 'from +10:30 to +11:00 at 2026-10-03T15:30Z, 02:00 to 02:30 does not exist',
    cases: [
      ['cycle', '0 15 2 * * ?', '2026-10-03T00:00Z', '2026-10-03T15:30Z', '2026-10-04T15:15Z', '2026-10-05T15:15Z'],
      ['cycle', '0 0/30 * * * ?', '2026-10-03T14:45Z', '2026-10-03T15:00Z', '2026-10-03T15:30Z', '2026-10-03T16:00Z'],
      [
        'cycle',
        'R3/2026-10-03T02:15/P1D',
        '2026-10-02T12:00Z',
        '2026-10-02T15:45Z',
        '2026-10-03T15:45Z',
        '2026-10-04T15:15Z',
      ],
      ['cycle', 'R3/PT12H', '2026-10-03T12:00Z', '2026-10-04T00:00Z', '2026-10-04T12:00Z', '2026-10-05T00:00Z'],
      ['date', '2026-10-04T02:15:00', '2026-10-03T00:00Z', '2026-10-03T15:45Z'],
      ['date', '2026-10-04T02:30:00', '2026-10-03T00:00Z', '2026-10-03T15:30Z'],
      ['duration', 'P1D', '2026-10-02T15:45Z', '2026-10-03T15:45Z'],
      ['duration', 'P1D', '2026-10-03T01:30Z', '2026-10-04T01:00Z'],
      ['duration', 'PT24H', '2026-10-03T01:30Z', '2026-10-04T01:30Z'],
    ],
  },
  {
    zone: 'Australia/Lord_Howe',
    change: 'from +11:00 to +10:30 at 2026-04-04T15:00Z, 01:30 to 02:00 comes twice',
    cases: [
      ['cycle', '0 45 1 * * ?', '2026-04-04T00:00Z', '2026-04-04T14:45Z', '2026-04-05T15:15Z', '2026-04-06T15:15Z'],
      [
        'cycle',
        '0 0/30 * * * ?',
        '2026-04-04T14:15Z',
        '2026-04-04T14:30Z',
        '2026-04-04T15:00Z',
        '2026-04-04T15:30Z',
        '2026-04-04T16:00Z',
      ],
      [
        'cycle',
        'R3/2026-04-04T01:45/P1D',
        '2026-04-03T12:00Z',
        '2026-04-03T14:45Z',
        '2026-04-04T14:45Z',
        '2026-04-05T15:15Z',
      ],
      ['cycle', 'R3/PT12H', '2026-04-04T12:00Z', '2026-04-05T00:00Z', '2026-04-05T12:00Z', '2026-04-06T00:00Z'],
      ['date', '2026-04-05T01:45:00', '2026-04-04T00:00Z', '2026-04-04T14:45Z'],
      ['date', '2026-04-05T02:00:00', '2026-04-04T00:00Z', '2026-04-04T15:30Z'],
      ['duration', 'P1D', '2026-04-03T14:45Z', '2026-04-04T14:45Z'],
      ['duration', 'P1D', '2026-04-04T01:00Z', '2026-04-05T01:30Z'],
      ['duration', 'PT24H', '2026-04-04T01:00Z', '2026-04-05T01:00Z'],
    ],
  },
  {
    zone: 'America/Santiago',
    change: 'from -04:00 to -03:00 at 2026-09-06T04:00Z, 00:00 to 01:00 does not exist',
    cases: [
      ['cycle', '0 30 0 * * ?', '2026-09-05T12:00Z', '2026-09-06T04:00Z', '2026-09-07T03:30Z', '2026-09-08T03:30Z'],
      ['cycle', '0 0/30 * * * ?', '2026-09-06T03:15Z', '2026-09-06T03:30Z', '2026-09-06T04:00Z', '2026-09-06T04:30Z'],
      [
        'cycle',
        'R3/2026-09-05T00:00/P1D',
        '2026-09-05T00:00Z',
        '2026-09-05T04:00Z',
        '2026-09-06T04:00Z',
        '2026-09-07T03:00Z',
      ],
      ['cycle', 'R3/PT12H', '2026-09-05T12:00Z', '2026-09-06T00:00Z', '2026-09-06T12:00Z', '2026-09-07T00:00Z'],
      ['date', '2026-09-06', '2026-09-05T12:00Z', '2026-09-06T04:00Z'],
      ['date', '2026-09-06T00:30:00', '2026-09-05T12:00Z', '2026-09-06T04:30Z'],
      ['duration', 'P1D', '2026-09-05T04:30Z', '2026-09-06T04:30Z'],
      ['duration', 'P1D', '2026-09-05T16:00Z', '2026-09-06T15:00Z'],
      ['duration', 'PT24H', '2026-09-05T16:00Z', '2026-09-06T16:00Z'],
    ],
  },
  {
    zone: 'America/Santiago',
    change: 'from -03:00 to -04:00 at 2026-04-05T03:00Z, 23:00 to 24:00 comes twice',
    cases: [
      ['cycle', '0 30 23 * * ?', '2026-04-04T12:00Z', '2026-04-05T02:30Z', '2026-04-06T03:30Z', '2026-04-07T03:30Z'],
      [
        'cycle',
        '0 0/30 * * * ?',
        '2026-04-05T02:15Z',
        '2026-04-05T02:30Z',
        '2026-04-05T03:00Z',
        '2026-04-05T03:30Z',
        '2026-04-05T04:00Z',
      ],
      [
        'cycle',
        'R3/2026-04-03T23:30/P1D',
        '2026-04-03T12:00Z',
        '2026-04-04T02:30Z',
        '2026-04-05T02:30Z',
        '2026-04-06T03:30Z',
      ],
      ['cycle', 'R3/PT12H', '2026-04-04T12:00Z', '2026-04-05T00:00Z', '2026-04-05T12:00Z', '2026-04-06T00:00Z'],
      ['date', '2026-04-04T23:30:00', '2026-04-04T12:00Z', '2026-04-05T02:30Z'],
      ['date', '2026-04-05', '2026-04-04T12:00Z', '2026-04-05T04:00Z'],
      ['duration', 'P1D', '2026-04-04T02:30Z', '2026-04-05T02:30Z'],
      ['duration', 'P1D', '2026-04-04T15:00Z', '2026-04-05T16:00Z'],
      ['duration', 'PT24H', '2026-04-04T15:00Z', '2026-04-05T15:00Z'],
    ],
  },
];

type Case = readonly [text: string, now: string, ...due: string[]];

/** Cycles of calendar units that name no start come back to the wall-clock time and the day on which they began. */
const WITHOUT_START: readonly Case[] = [
  ['R/P1D', '2026-03-28T01:30Z', '2026-03-29T01:30Z', '2026-03-30T00:30Z', '2026-03-31T00:30Z'],
  ['R/P1W', '2026-03-22T01:30Z', '2026-03-29T01:30Z', '2026-04-05T00:30Z', '2026-04-12T00:30Z'],
  ['R3/P1M', '2026-01-31T11:00Z', '2026-02-28T11:00Z', '2026-03-31T10:00Z', '2026-04-30T10:00Z'],
  ['R/P1Y', '2024-02-29T11:00Z', '2025-02-28T11:00Z', '2026-02-28T11:00Z', '2027-02-28T11:00Z', '2028-02-29T11:00Z'],
  ['R/P1DT1H', '2026-03-27T10:00Z', '2026-03-28T11:00Z', '2026-03-29T11:00Z', '2026-03-30T12:00Z'],
];

/** Several fixed times of a day are fixed times; those that fall into one gap are one occurrence. */
const FIXED_TIMES: readonly Case[] = [
  ['0 30 2,14 * * ?', '2026-03-28T20:00Z', '2026-03-29T01:00Z', '2026-03-29T12:30Z', '2026-03-30T00:30Z'],
  ['0 15,45 2 * * ?', '2026-03-28T20:00Z', '2026-03-29T01:00Z', '2026-03-30T00:15Z', '2026-03-30T00:45Z'],
  ['0 0 9 L-8 * ?', '2026-03-01T00:00Z', '2026-03-23T08:00Z', '2026-04-22T07:00Z'],
  ['0 30 2 L-2 * ?', '2026-03-01T00:00Z', '2026-03-29T01:00Z', '2026-04-28T00:30Z'],
  ['0 30 2 L-6 * ?', '2026-10-01T00:00Z', '2026-10-25T00:30Z', '2026-11-24T01:30Z'],
  ['0 0 1-4 * * ?', '2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-29T02:00Z', '2026-03-29T23:00Z'],
  [
    '0 0 1-4 * * ?',
    '2026-10-24T22:00Z',
    '2026-10-24T23:00Z',
    '2026-10-25T00:00Z',
    '2026-10-25T02:00Z',
    '2026-10-25T03:00Z',
  ],
];

/** The end is the last instant at which the cycle may occur, and without a start the one it is counted back from. */
const WITH_END: readonly Case[] = [
  [
    'R/2026-05-01T00:00Z/PT1H/2026-05-01T02:30Z',
    '2026-04-30T00:00Z',
    '2026-05-01T00:00Z',
    '2026-05-01T01:00Z',
    '2026-05-01T02:00Z',
    'end',
  ],
  ['R/2026-05-01T00:00Z/PT1H/2026-05-01T02:00Z', '2026-05-01T00:30Z', '2026-05-01T01:00Z', '2026-05-01T02:00Z', 'end'],
  ['R2/2026-05-01T00:00Z/PT1H/2026-05-01T09:00Z', '2026-04-30T00:00Z', '2026-05-01T00:00Z', '2026-05-01T01:00Z', 'end'],
  ['R5/2026-05-01T00:00Z/PT1H/2026-05-01T00:00Z', '2026-04-30T00:00Z', '2026-05-01T00:00Z', 'end'],
  ['R/2026-03-28T02:30/P1D/2026-03-30T02:30', '2026-03-28T12:00Z', '2026-03-29T01:30Z', '2026-03-30T00:30Z', 'end'],
  [
    'R3/PT1H/2026-05-01T12:30Z',
    '2026-05-01T00:00Z',
    '2026-05-01T10:30Z',
    '2026-05-01T11:30Z',
    '2026-05-01T12:30Z',
    'end',
  ],
  ['R3/PT1H/2026-05-01T12:30Z', '2026-05-01T11:00Z', '2026-05-01T11:30Z', '2026-05-01T12:30Z', 'end'],
  ['R/P1D/2026-03-30T02:30', '2026-03-28T00:00Z', '2026-03-28T01:30Z', '2026-03-29T01:30Z', '2026-03-30T00:30Z', 'end'],
  [
    'R3/P1M/2026-06-30T00:00Z',
    '2026-01-01T00:00Z',
    '2026-04-30T00:00Z',
    '2026-05-30T00:00Z',
    '2026-06-30T00:00Z',
    'end',
  ],
];

/** 28 March 2026 is a Saturday. */
const SATURDAY = '2026-03-28T10:00Z';

/** Quartz counts Sunday as 1 and knows ranges over the end, Spring counts it as 0 or 7 and has nicknames. */
const CRON: Readonly<Record<Dialect, readonly Case[]>> = {
  camunda7: [
    ['0 0 9 ? * 1', SATURDAY, '2026-03-29T09:00Z', '2026-04-05T09:00Z'],
    ['0 0 9 ? * 2-6', SATURDAY, '2026-03-30T09:00Z', '2026-03-31T09:00Z'],
    ['0 0 9 ? * 6L', SATURDAY, '2026-04-24T09:00Z', '2026-05-29T09:00Z'],
    ['0 0 9 ? * 6#3', SATURDAY, '2026-04-17T09:00Z', '2026-05-15T09:00Z'],
    ['0 0 9 ? * L', SATURDAY, '2026-04-04T09:00Z', '2026-04-11T09:00Z'],
    ['0 0 9 ? * FRI-MON', SATURDAY, '2026-03-29T09:00Z', '2026-03-30T09:00Z', '2026-04-03T09:00Z', '2026-04-04T09:00Z'],
    [
      '0 0 9 1 NOV-FEB ?',
      SATURDAY,
      '2026-11-01T09:00Z',
      '2026-12-01T09:00Z',
      '2027-01-01T09:00Z',
      '2027-02-01T09:00Z',
      '2027-11-01T09:00Z',
    ],
    ['0 0 22-2/2 * * ?', SATURDAY, '2026-03-28T22:00Z', '2026-03-29T00:00Z', '2026-03-29T02:00Z', '2026-03-29T22:00Z'],
    ['0 58-1 9 * * ?', SATURDAY, '2026-03-29T09:00Z', '2026-03-29T09:01Z', '2026-03-29T09:58Z', '2026-03-29T09:59Z'],
    ['0 0 9 L-3 * ?', SATURDAY, '2026-04-27T09:00Z', '2026-05-28T09:00Z', '2026-06-27T09:00Z'],
    ['0 0 9 L-3 FEB ? 2027-2028', SATURDAY, '2027-02-25T09:00Z', '2028-02-26T09:00Z', 'end'],
    ['0 0 9 LW * ?', SATURDAY, '2026-03-31T09:00Z', '2026-04-30T09:00Z', '2026-05-29T09:00Z'],
  ],
  camunda8: [
    ['0 0 9 * * 0', SATURDAY, '2026-03-29T09:00Z', '2026-04-05T09:00Z'],
    ['0 0 9 * * 7', SATURDAY, '2026-03-29T09:00Z', '2026-04-05T09:00Z'],
    ['0 0 9 * * 1', SATURDAY, '2026-03-30T09:00Z', '2026-04-06T09:00Z'],
    ['0 0 9 ? * 1-5', SATURDAY, '2026-03-30T09:00Z', '2026-03-31T09:00Z'],
    ['0 0 9-17 * * MON-FRI', SATURDAY, '2026-03-30T09:00Z', '2026-03-30T10:00Z'],
    ['0 0 9 ? * 5L', SATURDAY, '2026-04-24T09:00Z', '2026-05-29T09:00Z'],
    ['0 0 9 ? * 5#2', SATURDAY, '2026-04-10T09:00Z', '2026-05-08T09:00Z'],
    ['0 0 9 L-3 * *', SATURDAY, '2026-04-27T09:00Z', '2026-05-28T09:00Z'],
    ['@daily', SATURDAY, '2026-03-29T00:00Z', '2026-03-30T00:00Z'],
    ['@weekly', SATURDAY, '2026-03-29T00:00Z', '2026-04-05T00:00Z'],
    ['@monthly', SATURDAY, '2026-04-01T00:00Z', '2026-05-01T00:00Z'],
    ['@yearly', SATURDAY, '2027-01-01T00:00Z', '2028-01-01T00:00Z'],
    ['@hourly', SATURDAY, '2026-03-28T11:00Z', '2026-03-28T12:00Z'],
  ],
};

/** As many occurrences as are expected; `end` where there is none any more. */
function occurrences(
  kind: TimerKind,
  text: string,
  now: string,
  zone: string,
  dialect: Dialect,
  count: number,
): string[] {
  const first = schedule(kind, text, Date.parse(now), zone, dialect);
  assert.ok(first.ok, first.ok ? '' : first.message);
  const due: string[] = [];
  let current = first.ok ? first.value : undefined;
  while (current !== undefined && due.length < count) {
    due.push(new Date(current.dueAt).toISOString().replace(':00.000Z', 'Z'));
    current = current.repeat && reschedule(current.repeat, current.dueAt, zone, dialect);
  }
  return current === undefined && due.length < count ? [...due, 'end'] : due;
}

describe('calendar', () => {
  for (const { zone, change, cases } of DAYS) {
    describe(`${zone} ${change}`, () => {
      for (const [kind, text, now, ...due] of cases) {
        test(`${kind} ${text} from ${now}`, () =>
          assert.deepEqual(occurrences(kind, text, now, zone, 'camunda7', due.length), due));
      }
    });
  }

  for (const [title, zone, cases] of [
    ['cycles of days and more without a start', 'Europe/Berlin', WITHOUT_START],
    ['several fixed times', 'Europe/Berlin', FIXED_TIMES],
    ['cycles with an end', 'Europe/Berlin', WITH_END],
  ] as const) {
    describe(title, () => {
      for (const [text, now, ...due] of cases) {
        test(`${text} from ${now}`, () =>
          assert.deepEqual(occurrences('cycle', text, now, zone, 'camunda7', due.length), due));
      }
    });
  }

  for (const dialect of ['camunda7', 'camunda8'] as const) {
    describe(`cron of ${dialect}`, () => {
      for (const [text, now, ...due] of CRON[dialect]) {
        test(text, () => assert.deepEqual(occurrences('cycle', text, now, 'UTC', dialect, due.length), due));
      }
    });
  }

  test('of Camunda 8 a negative duration is due at once, of Camunda 7 it is refused', () => {
    const now = Date.parse(SATURDAY);
    assert.deepEqual(schedule('duration', '-PT5M', now, 'UTC', 'camunda8'), { ok: true, value: { dueAt: now } });
    assert.equal(schedule('duration', '-PT5M', now, 'UTC', 'camunda7').ok, false);
  });

  test('nicknames are of Camunda 8 alone', () =>
    assert.equal(schedule('cycle', '@daily', 0, 'UTC', 'camunda7').ok, false));
});
