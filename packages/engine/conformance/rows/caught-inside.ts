/** Stories of what is thrown and caught inside the process: errors, escalations, undoing, cancellation. */
import assert from 'node:assert/strict';
import { HOUR, type Lab } from '../lab.ts';
import type { Story } from '../row.ts';
import { thrown } from './throwing.ts';

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

export const errorEnd: Story = async (lab) => {
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

export const errorBoundary: Story = async (lab) => {
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

export const errorEventSub: Story = async (lab) => {
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
export const escalated =
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

export const escalationEventSub =
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
export const undone =
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
export const compensationBoundary: Story = async (lab) => {
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
export const compensationEventSub: Story = async (lab) => {
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
export const canceled: Story = async (lab) => {
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
