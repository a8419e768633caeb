/** Events that throw, and what catches an error, an escalation, a cancellation or an undoing inside the process. */
import assert from 'node:assert/strict';
import { HOUR, type Lab } from '../lab.ts';
import { both, type Position, type Row, type Story } from '../row.ts';
import { GROUPS } from './received-events.ts';

type Told = readonly [
  position: Position,
  event: NonNullable<Row['event']>,
  id: string,
  name: string,
  cells: Story | Row['cells'],
];

function ofThrow(
  position: 'throw' | 'end',
  event: NonNullable<Row['event']>,
  name: string,
  story: Told[4],
  id = event as string,
): Told {
  return [position, event, `${position}.${id}`, name, story];
}

/** The throwing event, at an end or on the way to one. */
function thrown(lab: Lab, position: 'throw' | 'end', inner: string, extensions = ''): string {
  const { draft } = lab;
  return position === 'end'
    ? draft.element('endEvent', 'tell', { inner, extensions })
    : draft.throws('tell', inner, extensions) + draft.end() + draft.flows('tell > end');
}

/** What waits for message or signal stands in a process of its own, `q`. */
async function receiver(lab: Lab, inner: string): Promise<void> {
  const { draft } = lab;
  await lab.deploy(draft.start() + draft.catches('wait', inner) + draft.end() + draft.flows('start > wait > end'), 'q');
}

const noneStart: Story = async (lab) => {
  const { draft } = lab;
  await lab.deploy(draft.start() + draft.end() + draft.flows('start > end'));
  lab.start();
  assert.deepEqual(lab.trace, ['start', 'end']);
  assert.equal(lab.state, 'completed');
};

const passes =
  (position: 'throw' | 'end'): Story =>
  async (lab) => {
    const { draft } = lab;
    await lab.deploy(draft.start() + thrown(lab, position, '') + draft.flows('start > tell'));
    lab.start();
    assert.deepEqual(lab.trace, position === 'end' ? ['start', 'tell'] : ['start', 'tell', 'end']);
    assert.equal(lab.state, 'completed');
  };

/** Delivered to what waits; else kept for who comes; else it starts an instance. */
const messageInside =
  (position: 'throw' | 'end'): Story =>
  async (lab) => {
    const { draft } = lab;
    await lab.deploy(draft.start() + thrown(lab, position, draft.message('paid')) + draft.flows('start > tell'));
    await receiver(lab, draft.message('paid'));
    const waiting = lab.start({}, 'q');
    lab.start();
    assert.equal(lab.state, 'completed');
    assert.equal(lab.world.state(waiting), 'completed');
    lab.start();
    assert.equal(lab.world.state(lab.start({}, 'q')), 'completed', 'the second message was kept');
    await lab.deploy(draft.start('ordered', draft.message('paid')) + draft.work('a') + draft.flows('ordered > a'), 'r');
    lab.start();
    assert.deepEqual(lab.open, ['a']);
  };

const messageByWorker =
  (position: 'throw' | 'end'): Story =>
  async (lab) => {
    const { draft } = lab;
    const topic = draft.say('camunda:type="external" camunda:topic="mail"', '');
    const job = draft.say('', '<zeebe:taskDefinition type="mail" />');
    await lab.deploy(
      draft.start() + thrown(lab, position, draft.message('paid', topic), job) + draft.flows('start > tell'),
    );
    lab.start();
    assert.deepEqual(lab.open, ['mail']);
    assert.deepEqual(lab.standing, ['tell']);
    lab.work('mail');
    assert.equal(lab.state, 'completed');
  };

const signal =
  (position: 'throw' | 'end'): Story =>
  async (lab) => {
    const { draft } = lab;
    await lab.deploy(draft.start() + thrown(lab, position, draft.signal('stop')) + draft.flows('start > tell'));
    await receiver(lab, draft.signal('stop'));
    const waiting = [lab.start({}, 'q'), lab.start({}, 'q')];
    lab.start();
    assert.deepEqual(
      waiting.map((id) => lab.world.state(id)),
      ['completed', 'completed'],
    );
    assert.equal(lab.state, 'completed');
  };

/** A sub-process `sub` that throws, what catches it outside, and the work beside the throwing. */
async function fromInside(lab: Lab, inside: string, outside: string): Promise<void> {
  const { draft } = lab;
  await lab.deploy(draft.start() + draft.sub('sub', inside) + draft.end() + draft.flows('start > sub > end') + outside);
  lab.start();
}

/** Inside: `tell` throws while `a` is under way. */
function beside(lab: Lab, position: 'throw' | 'end', inner: string): string {
  const { draft } = lab;
  return (
    draft.start('in') +
    draft.work('a') +
    draft.end('aEnd') +
    thrown(lab, position, inner).replace('id="end"', 'id="inEnd"').replace('targetRef="end"', 'targetRef="inEnd"') +
    draft.flows('in > a > aEnd; in > tell')
  );
}

const errorEnd: Story = async (lab) => {
  const { draft } = lab;
  await fromInside(
    lab,
    beside(lab, 'end', draft.error('bad')),
    draft.boundary('on', 'sub', draft.error('bad')) + draft.end('late') + draft.flows('on > late'),
  );
  assert.deepEqual(lab.open, []);
  assert.ok(lab.trace.includes('-a'));
  assert.deepEqual(lab.trace.slice(-2), ['on', 'late']);
};

const errorBoundary: Story = async (lab) => {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.work('a') +
      draft.end() +
      draft.boundary('other', 'a', draft.error('other')) +
      draft.boundary('on', 'a', draft.error('bad')) +
      draft.end('late') +
      draft.end('wrong') +
      draft.flows('start > a > end; on > late; other > wrong'),
  );
  lab.start();
  lab.fail('a', 'bad');
  assert.deepEqual(lab.trace, ['start', '-a', 'on', 'late']);
  assert.equal(lab.state, 'completed');
};

const errorEventSub: Story = async (lab) => {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.work('a') +
      draft.end() +
      draft.eventSub('es', draft.error('bad')) +
      draft.flows('start > a > end'),
  );
  lab.start();
  lab.fail('a', 'bad');
  assert.deepEqual(lab.open, ['handled']);
  lab.work('handled');
  assert.equal(lab.state, 'completed');
};

/** Who is told goes on; the sub-process that told goes on too, or is left. */
const escalated =
  (position: 'throw' | 'end', interrupting: boolean): Story =>
  async (lab) => {
    const { draft } = lab;
    await fromInside(
      lab,
      beside(lab, position, draft.escalation('late')),
      draft.boundary('on', 'sub', draft.escalation('late'), interrupting) +
        draft.end('told') +
        draft.flows('on > told'),
    );
    assert.equal(lab.times('told'), 1);
    assert.deepEqual(lab.open, interrupting ? [] : ['a']);
    if (!interrupting) lab.work('a');
    assert.equal(lab.state, 'completed');
    assert.equal(lab.times('end'), interrupting ? 0 : 1);
  };

const escalationEventSub =
  (interrupting: boolean): Story =>
  async (lab) => {
    const { draft } = lab;
    await fromInside(
      lab,
      beside(lab, 'throw', draft.escalation('late')) + draft.eventSub('es', draft.escalation('late'), interrupting),
      '',
    );
    assert.deepEqual(lab.open, interrupting ? ['handled'] : ['a', 'handled']);
    lab.work('handled');
    if (!interrupting) lab.work('a');
    assert.deepEqual(lab.trace.slice(-2), ['sub', 'end']);
  };

/** What was completed last is undone first, and the event waits for it. */
const undone =
  (position: 'throw' | 'end'): Story =>
  async (lab) => {
    const { draft } = lab;
    await lab.deploy(
      draft.start() +
        draft.undoable('a') +
        draft.undoable('b') +
        thrown(lab, position, draft.compensation()) +
        draft.flows('start > a > b > tell'),
    );
    lab.start();
    lab.work('a');
    lab.work('b');
    assert.deepEqual(lab.open, ['undo_b']);
    lab.work('undo_b');
    assert.deepEqual(lab.open, ['undo_a']);
    lab.work('undo_a');
    assert.equal(lab.state, 'completed');
  };

/** A handler runs only when its activity was completed. */
const compensationBoundary: Story = async (lab) => {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.undoable('a') +
      draft.undoable('b') +
      draft.throws('tell', draft.compensation()) +
      draft.end() +
      draft.boundary('skip', 'b', draft.timer('timeDuration', 'PT1H')) +
      draft.flows('start > a > b > tell > end; skip > tell'),
  );
  lab.start();
  lab.work('a');
  lab.advance(HOUR);
  assert.deepEqual(lab.open, ['undo_a']);
  lab.work('undo_a');
  assert.equal(lab.state, 'completed');
};

/** The event sub-process undoes the sub-process that it is in, instead of what is inside. */
const compensationEventSub: Story = async (lab) => {
  const { draft } = lab;
  await fromInsideUndone(
    lab,
    draft.start('in') +
      draft.undoable('a') +
      draft.end('inEnd') +
      draft.flows('in > a > inEnd') +
      draft.eventSub('es', draft.compensation()),
  );
  lab.work('a');
  assert.deepEqual(lab.open, ['handled']);
  lab.work('handled');
  assert.equal(lab.state, 'completed');
};

async function fromInsideUndone(lab: Lab, inside: string): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.sub('sub', inside) +
      draft.throws('tell', draft.compensation()) +
      draft.end() +
      draft.flows('start > sub > tell > end'),
  );
  lab.start();
}

/** The transaction is undone and then left by its cancel boundary event. */
const canceled: Story = async (lab) => {
  const { draft } = lab;
  const inside =
    draft.start('in') +
    draft.undoable('a') +
    draft.work('b') +
    draft.end('bEnd') +
    draft.end('stop', draft.cancel()) +
    draft.flows('in > a > stop; in > b > bEnd');
  await lab.deploy(
    draft.start() +
      draft.element('transaction', 'tx', { inner: inside }) +
      draft.end() +
      draft.boundary('on', 'tx', draft.cancel()) +
      draft.end('late') +
      draft.flows('start > tx > end; on > late'),
  );
  lab.start();
  lab.work('a');
  assert.deepEqual(lab.open, ['undo_a']);
  lab.work('undo_a');
  assert.deepEqual(lab.trace.slice(-2), ['on', 'late']);
  assert.equal(lab.state, 'completed');
};

/** All that is in the scope of the event ends; what is around it goes on. */
const terminates: Story = async (lab) => {
  const { draft } = lab;
  const inside =
    draft.start('in') +
    draft.work('a') +
    draft.work('b') +
    draft.end('aEnd') +
    draft.end('all', draft.terminate()) +
    draft.flows('in > a > aEnd; in > b > all');
  await lab.deploy(
    draft.start() +
      draft.sub('sub', inside) +
      draft.work('c') +
      draft.end('allToo', draft.terminate()) +
      draft.work('d') +
      draft.flows('start > sub > c > allToo; start > d'),
  );
  lab.start();
  lab.work('b');
  assert.deepEqual(lab.open, ['c', 'd']);
  lab.work('c');
  assert.deepEqual(lab.open, []);
  assert.notEqual(lab.state, 'active');
};

const links: Story = async (lab) => {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.throws('out', draft.link('there')) +
      draft.catches('in', draft.link('there')) +
      draft.end() +
      draft.flows('start > out; in > end'),
  );
  lab.start();
  assert.deepEqual(lab.trace, ['start', 'out', 'in', 'end']);
};

/** All of its events are thrown. */
const throwsAll =
  (position: 'throw' | 'end'): Story =>
  async (lab) => {
    const { draft } = lab;
    await lab.deploy(
      draft.start() + thrown(lab, position, draft.signal('stop') + draft.message('paid')) + draft.flows('start > tell'),
    );
    await receiver(lab, draft.signal('stop'));
    const stopped = lab.start({}, 'q');
    await lab.deploy(
      draft.start() + draft.catches('wait', draft.message('paid')) + draft.end() + draft.flows('start > wait > end'),
      'r',
    );
    const paid = lab.start({}, 'r');
    lab.start();
    assert.deepEqual(
      [stopped, paid, lab.id].map((id) => lab.world.state(id)),
      ['completed', 'completed', 'completed'],
    );
  };

const THROWN: readonly Told[] = (['throw', 'end'] as const).flatMap((position) => [
  ofThrow(position, 'none', 'none', passes(position)),
  ofThrow(
    position,
    'message',
    'message, delivered inside: to who waits, kept, or starting an instance',
    messageInside(position),
  ),
  ofThrow(position, 'message', 'message, sent by a worker', messageByWorker(position), 'message.worker'),
  ofThrow(position, 'signal', 'signal', signal(position)),
  ofThrow(position, 'escalation', 'escalation', escalated(position, false)),
  ofThrow(position, 'compensation', 'compensation', undone(position)),
  ofThrow(position, 'multiple', 'multiple', throwsAll(position)),
]);

const CAUGHT: readonly Told[] = [
  ['process start', 'none', 'start.none', 'none', noneStart],
  ['event sub-process, interrupting', 'error', 'eventSub.interrupting.error', 'error', errorEventSub],
  [
    'event sub-process, interrupting',
    'escalation',
    'eventSub.interrupting.escalation',
    'escalation',
    escalationEventSub(true),
  ],
  [
    'event sub-process, interrupting',
    'compensation',
    'eventSub.interrupting.compensation',
    'compensation',
    compensationEventSub,
  ],
  [
    'event sub-process, non-interrupting',
    'escalation',
    'eventSub.beside.escalation',
    'escalation',
    escalationEventSub(false),
  ],
  ['catch', 'link', 'catch.link', 'link', links],
  ['boundary, interrupting', 'error', 'boundary.interrupting.error', 'error', errorBoundary],
  ['boundary, interrupting', 'escalation', 'boundary.interrupting.escalation', 'escalation', escalated('throw', true)],
  ['boundary, interrupting', 'cancel', 'boundary.interrupting.cancel', 'cancel', canceled],
  [
    'boundary, interrupting',
    'compensation',
    'boundary.interrupting.compensation',
    'compensation (does not interrupt: it marks what can be undone)',
    compensationBoundary,
  ],
  ['boundary, non-interrupting', 'escalation', 'boundary.beside.escalation', 'escalation', escalated('throw', false)],
  ['throw', 'link', 'throw.link', 'link', links],
  ['end', 'error', 'end.error', 'error', errorEnd],
  ['end', 'cancel', 'end.cancel', 'cancel', canceled],
  ['end', 'terminate', 'end.terminate', 'terminate', terminates],
];

export const ELEMENTS = {
  'process start': 'startEvent',
  'event sub-process, interrupting': 'startEvent',
  'event sub-process, non-interrupting': 'startEvent',
  catch: 'intermediateCatchEvent',
  'boundary, interrupting': 'boundaryEvent',
  'boundary, non-interrupting': 'boundaryEvent',
  throw: 'intermediateThrowEvent',
  end: 'endEvent',
} as const satisfies Record<Position, Row['element']>;

export const thrownEvents: readonly Row[] = [...CAUGHT, ...THROWN].map(([position, event, id, name, cells]) => ({
  group: GROUPS[position],
  id,
  name,
  element: ELEMENTS[position],
  event,
  position,
  cells: typeof cells === 'function' ? both(cells) : cells,
}));
