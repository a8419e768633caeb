/** Events that wait for something from outside, at every position where BPMN 2.0.2 (table 10.93) allows them. */
import assert from 'node:assert/strict';
import type { ElementType } from '@procos/bpmn';
import { HAPPENINGS, type Happening } from '../happenings.ts';
import type { Lab } from '../lab.ts';
import { both, type Position, type Row } from '../row.ts';

export const GROUPS: Readonly<Record<Position, string>> = {
  'process start': 'Start events of a process',
  'event sub-process, interrupting': 'Start events of an event sub-process, interrupting',
  'event sub-process, non-interrupting': 'Start events of an event sub-process, non-interrupting',
  catch: 'Intermediate events, catching',
  'boundary, interrupting': 'Boundary events, interrupting',
  'boundary, non-interrupting': 'Boundary events, non-interrupting',
  throw: 'Intermediate events, throwing',
  end: 'End events',
};

/** Begins one instance each time it happens, and none before. */
async function begins(event: Happening, lab: Lab): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start('start', event.define(draft), event.attributes) +
      draft.work('a') +
      draft.end() +
      draft.flows('start > a > end'),
  );
  event.almost(lab);
  assert.deepEqual(lab.open, []);
  for (const round of [1, 2, 3]) {
    event.happen(lab);
    assert.equal(lab.open.length, Math.min(round, event.times));
  }
}

/** The token waits, goes on when it happens, and nothing is waited for afterwards. */
async function caught(event: Happening, lab: Lab): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.catches('wait', event.define(draft), event.attributes) +
      draft.end() +
      draft.flows('start > wait > end'),
  );
  lab.start();
  event.almost(lab);
  assert.deepEqual(lab.standing, ['wait']);
  event.happen(lab);
  assert.deepEqual(lab.trace, ['start', 'wait', 'end']);
  assert.equal(lab.state, 'completed');
  assertNothingWaits(lab);
}

/** The work is canceled and the flow out of the event is taken, once. */
async function interrupts(event: Happening, lab: Lab): Promise<void> {
  await attach(event, lab, true);
  lab.start();
  event.almost(lab);
  assert.deepEqual(lab.open, ['a']);
  event.happen(lab);
  assert.deepEqual(lab.trace, ['start', '-a', 'on', 'late']);
  assert.equal(lab.state, 'completed');
  assertNothingWaits(lab);
}

/** The work goes on, and the flow out of the event is taken each time it happens. */
async function happensBeside(event: Happening, lab: Lab): Promise<void> {
  await attach(event, lab, false);
  lab.start();
  event.almost(lab);
  assert.equal(lab.times('on'), 0);
  for (const round of [1, 2, 3]) {
    event.happen(lab);
    assert.deepEqual(lab.open, ['a']);
    assert.equal(lab.times('late'), Math.min(round, event.times));
  }
  lab.work('a');
  assert.equal(lab.state, 'completed');
  assertNothingWaits(lab);
}

async function attach(event: Happening, lab: Lab, interrupting: boolean): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.work('a') +
      draft.end() +
      draft.boundary('on', 'a', event.define(draft), interrupting, event.attributes) +
      draft.end('late') +
      draft.flows('start > a > end; on > late'),
  );
}

/** The event sub-process takes the place of what ran in its scope, once. */
async function takesOver(event: Happening, lab: Lab): Promise<void> {
  await inside(event, lab, true);
  lab.start();
  event.almost(lab);
  assert.deepEqual(lab.open, ['a']);
  event.happen(lab);
  assert.deepEqual(lab.open, ['handled']);
  assert.ok(lab.trace.includes('-a'));
  assertNothingWaits(lab);
  lab.work('handled');
  assert.equal(lab.state, 'completed');
  assert.ok(!lab.trace.includes('end'));
}

/** The event sub-process runs beside what is in its scope, each time it happens. */
async function runsBeside(event: Happening, lab: Lab): Promise<void> {
  await inside(event, lab, false);
  lab.start();
  event.almost(lab);
  assert.deepEqual(lab.open, ['a']);
  for (const round of [1, 2, 3]) {
    event.happen(lab);
    assert.equal(lab.open.filter((topic) => topic === 'handled').length, Math.min(round, event.times));
  }
  assert.ok(lab.open.includes('a'));
  lab.work('a');
  assert.equal(lab.state, 'active');
  for (let left = event.times; left > 0; left -= 1) lab.work('handled');
  assert.equal(lab.state, 'completed');
  assertNothingWaits(lab);
}

async function inside(event: Happening, lab: Lab, interrupting: boolean): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.work('a') +
      draft.end() +
      draft.eventSub('es', event.define(draft), interrupting, event.attributes) +
      draft.flows('start > a > end'),
  );
}

function assertNothingWaits({ world }: Lab): void {
  assert.deepEqual(world.store.find('subscriptions'), []);
  assert.deepEqual(world.store.find('timers'), []);
}

type Told = (event: Happening, lab: Lab) => Promise<void>;

const TOLD: readonly (readonly [position: Position, element: ElementType, id: string, story: Told])[] = [
  ['process start', 'startEvent', 'start', begins],
  ['event sub-process, interrupting', 'startEvent', 'eventSub.interrupting', takesOver],
  ['event sub-process, non-interrupting', 'startEvent', 'eventSub.beside', runsBeside],
  ['catch', 'intermediateCatchEvent', 'catch', caught],
  ['boundary, interrupting', 'boundaryEvent', 'boundary.interrupting', interrupts],
  ['boundary, non-interrupting', 'boundaryEvent', 'boundary.beside', happensBeside],
];

export const receivedEvents: readonly Row[] = TOLD.flatMap(([position, element, id, story]) =>
  HAPPENINGS.map(
    (event): Row => ({
      group: GROUPS[position],
      id: `${id}.${event.id}`,
      name: event.name,
      element,
      event: event.event,
      position,
      cells: both((lab) => story(event, lab)),
    }),
  ),
);
