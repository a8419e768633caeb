/** Stories of events that throw, and of those that begin or end without one. */
import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import type { Story } from '../row.ts';

/** The throwing event, at an end or on the way to one. */
export function thrown(lab: Lab, position: 'throw' | 'end', inner: string, extensions = ''): string {
  const { draft } = lab;
  return position === 'end'
    ? draft.element('endEvent', 'tell', { inner, extensions })
    : draft.throws('tell', inner, extensions) + draft.end() + draft.flows('tell > end');
}

/** What waits for message or signal stands in a process of its own, `q`. */
export async function receiver(lab: Lab, inner: string): Promise<void> {
  const { draft } = lab;
  await lab.deploy(draft.start() + draft.catches('wait', inner) + draft.end() + draft.flows('start > wait > end'), 'q');
}

export const noneStart: Story = async (lab) => {
  const { draft } = lab;
  await lab.deploy(draft.start() + draft.end() + draft.flows('start > end'));
  lab.start();
  assert.deepEqual(lab.trace, ['start', 'end']);
  assert.equal(lab.state, 'completed');
};

export const passes =
  (position: 'throw' | 'end'): Story =>
  async (lab) => {
    const { draft } = lab;
    await lab.deploy(draft.start() + thrown(lab, position, '') + draft.flows('start > tell'));
    lab.start();
    assert.deepEqual(lab.trace, position === 'end' ? ['start', 'tell'] : ['start', 'tell', 'end']);
    assert.equal(lab.state, 'completed');
  };

/** Delivered to what waits; else kept for who comes; else it starts an instance. */
export const messageInside =
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

export const messageByWorker =
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

export const signal =
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

/** All that is in the scope of the event ends; what is around it goes on. */
export const terminates: Story = async (lab) => {
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

export const links: Story = async (lab) => {
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
export const throwsAll =
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
