/** Stories of timers on the days when clocks change: in Berlin from +01:00 to +02:00 on 29 March 2026, and back on 25 October. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flows, timer, work } from './drawing.ts';
import { World } from './world.ts';

const DAY = 86_400_000;
const ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"';

function berlin(now: string): World {
  const world = new World();
  world.zone = 'Europe/Berlin';
  world.now = Date.parse(now);
  return world;
}

/** When the timers of the element have rung, in the order in which they did. */
function rung(world: World): string[] {
  return world.records
    .filter(({ events }) => events.some(({ type }) => type === 'timerTriggered'))
    .map(({ at }) => new Date(at).toISOString().replace(':00.000Z', 'Z'));
}

/** A task with a timer beside it that goes on. */
const reminder = (definition: string) =>
  element('startEvent', 'start') +
  work('task') +
  element('boundaryEvent', 'remind', definition, 'attachedToRef="task" cancelActivity="false"') +
  element('endEvent', 'end') +
  element('endEvent', 'told') +
  flows('start task end', 'remind told');

describe('timers when clocks change', () => {
  it('a daily reminder keeps its time of day; on the day that has no such time it comes as much later', async () => {
    const world = berlin('2026-03-27T01:30Z');
    await world.draw('p', reminder(timer('timeCycle', 'R/P1D')));
    world.start('p');
    world.advance(4 * DAY);
    assert.deepEqual(rung(world), ['2026-03-28T01:30Z', '2026-03-29T01:30Z', '2026-03-30T00:30Z', '2026-03-31T00:30Z']);
    world.assertReplayEqual();
  });

  it('a cycle of hours goes by what really passes', async () => {
    const world = berlin('2026-10-24T10:00Z');
    await world.draw('p', reminder(timer('timeCycle', 'R3/PT12H')));
    world.start('p');
    world.advance(3 * DAY);
    assert.deepEqual(rung(world), ['2026-10-24T22:00Z', '2026-10-25T10:00Z', '2026-10-25T22:00Z']);
  });

  it('cron begins one instance a day: right after the gap, and once where the time comes twice', async () => {
    for (const [now, expected] of [
      ['2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
      ['2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ] as const) {
      const world = berlin(now);
      await world.draw(
        'p',
        element('startEvent', 'start', timer('timeCycle', '0 30 2 * * ?')) +
          element('endEvent', 'end') +
          flows('start end'),
      );
      world.advance(2 * DAY);
      assert.deepEqual(rung(world), expected);
      assert.equal(world.store.count('processInstances'), 2);
    }
  });

  it('a deadline of one day is the same time tomorrow, one of 24 hours is 24 hours', async () => {
    for (const [text, due] of [
      ['P1D', '2026-03-29T09:00Z'],
      ['PT24H', '2026-03-29T10:00Z'],
    ] as const) {
      const world = berlin('2026-03-28T10:00Z');
      await world.draw('p', reminder(timer('timeDuration', text)));
      world.start('p');
      world.advance(3 * DAY);
      assert.deepEqual(rung(world), [due]);
    }
  });

  it('a date without an offset is meant in the zone of the kernel', async () => {
    const world = berlin('2026-10-24T10:00Z');
    await world.draw('p', reminder(timer('timeDate', '2026-10-25T09:00:00')));
    world.start('p');
    world.advance(3 * DAY);
    assert.deepEqual(rung(world), ['2026-10-25T08:00Z']);
  });

  it('what a kernel missed while it was off: a cycle makes up for each occurrence, cron goes on with the next to come', async () => {
    for (const [text, expected] of [
      ['R/PT1H', 5],
      ['0 0 * * * ?', 2],
    ] as const) {
      const world = berlin('2026-06-01T10:00Z');
      await world.draw('p', reminder(timer('timeCycle', text)));
      world.start('p');
      // Off from 10:00 to 14:30, and on until 15:10.
      world.now = Date.parse('2026-06-01T14:30Z');
      world.advance(40 * 60_000);
      assert.equal(rung(world).length, expected);
    }
  });

  it('days of the week are counted as the dialect of the model counts them', async () => {
    const saturday = '2026-06-06T10:00Z';
    const start = (mark: string) =>
      element('startEvent', 'start', `${mark}${timer('timeCycle', '0 0 9 ? * 2')}`) +
      element('endEvent', 'end') +
      flows('start end');
    const [quartz, spring] = [berlin(saturday), berlin(saturday)];
    await quartz.draw('p', start(''));
    await spring.draw(
      'p',
      start(
        `<bpmn:extensionElements><zeebe:properties ${ZEEBE}><zeebe:property name="a" value="b" /></zeebe:properties></bpmn:extensionElements>`,
      ),
    );
    for (const world of [quartz, spring]) world.advance(7 * DAY);
    assert.deepEqual([rung(quartz), rung(spring)], [['2026-06-08T07:00Z'], ['2026-06-09T07:00Z']]);
  });

  it('of Camunda 8 a deadline that is over already is due at once', async () => {
    const world = berlin('2026-06-01T10:00Z');
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element(
          'intermediateCatchEvent',
          'wait',
          `<bpmn:extensionElements><zeebe:ioMapping ${ZEEBE}><zeebe:output source="=1" target="one" /></zeebe:ioMapping></bpmn:extensionElements>${event('timer', '', '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">=duration("PT1H") - duration("PT2H")</bpmn:timeDuration>')}`,
        ) +
        element('endEvent', 'end') +
        flows('start wait end'),
    );
    const id = world.start('p');
    world.advance(0);
    assert.equal(world.state(id), 'completed');
  });
});
