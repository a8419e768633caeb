/** Stories of recoveries: the process instance that is started for an incident, once for each. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execute } from '../src/index.ts';
import { World } from './world.ts';

/** A world in which two instances stand in an incident, and a process that recovers. */
async function broken() {
  const world = await World.with('uncaught', 'both');
  for (const _ of [1, 2]) {
    world.start('uncaught');
    const { task } = world.fetch('work');
    const failure = { errorMessage: 'no', retries: 0, retryAfterMs: 0 };
    world.do({ type: 'failExternalTask', externalTaskId: task.id, workerId: 'w', ...failure });
  }
  const [first, second] = world.incidents().map(({ id }) => id);
  assert.ok(first !== undefined && second !== undefined);
  const recover = (incidentIds: readonly number[]) =>
    world.try({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'both' },
      recovers: { incidentIds, attempt: 2 },
    });
  return { world, first, second, recover };
}

describe('a recovery', () => {
  it('is noted on every incident that it is for, in the record that starts it', async () => {
    const { world, first, second, recover } = await broken();
    const outcome = recover([first, second]);
    assert.ok(outcome.ok);
    const { processInstanceId } = outcome.value;
    const noted = world.store.find('incidents').map(({ recoveryId }) => recoveryId);
    assert.deepEqual(noted, [processInstanceId, processInstanceId]);
    const kept = world.store.find('incidentHistory').map((row) => [row.recoveryId, row.recoveryAttempt]);
    assert.deepEqual(kept, [
      [processInstanceId, 2],
      [processInstanceId, 2],
    ]);
    const events = world.records.at(-1)?.events.filter(({ type }) => type === 'recoveryStarted');
    assert.equal(events?.length, 2);
    world.assertReplayEqual();
  });

  it('is started once for an incident, and not at all for one that has gone', async () => {
    const { world, first, second, recover } = await broken();
    assert.ok(recover([first]).ok);
    const again = recover([second, first]);
    assert.equal(!again.ok && again.rejection.code, 'INVALID_STATE');
    assert.equal(world.store.find('incidents').filter(({ recoveryId }) => recoveryId === undefined).length, 1);
    world.do({ type: 'resolveIncident', incidentId: second });
    const late = recover([second]);
    assert.equal(!late.ok && late.rejection.code, 'NOT_FOUND');
  });

  it('outlives its incident in the history', async () => {
    const { world, first, recover } = await broken();
    const outcome = recover([first]);
    world.do({ type: 'resolveIncident', incidentId: first });
    const [row] = world.store.find('incidentHistory', { where: [{ column: 'id', op: '=', value: first }] });
    assert.deepEqual([row?.state, row?.recoveryId], ['resolved', outcome.ok ? outcome.value.processInstanceId : 0]);
  });
});

it('why an item was done stands in its event', async () => {
  const { world, first } = await broken();
  world.start('uncaught');
  const { task } = world.fetch('work');
  const holder = { externalTaskId: task.id, workerId: 'w', lockCount: task.lockCount };
  const why = 'row 3: orders are tried again';
  world.do({ type: 'workOnItem', ...holder, item: 0, command: { type: 'resolveIncident', incidentId: first }, why });
  const done = world.records.at(-1)?.events.find(({ type }) => type === 'externalTaskItemDone');
  assert.equal(done?.type === 'externalTaskItemDone' && done.why, why);
});

it('a pinned decision decides instead of the latest version', async () => {
  const world = await World.with('decision');
  const { decisionDefinitionIds } = await world.deployDecisions('dish');
  await world.deployDecisions('dish');
  const [pinned] = decisionDefinitionIds;
  assert.ok(pinned !== undefined);
  const decisionId = world.store.state.decisions.get(pinned)?.decisionId ?? '';
  const { state, ids } = world.store;
  const done = execute(
    { type: 'evaluateDecision', decision: { decisionId }, variables: {} },
    { state, ids, now: 0, zone: 'UTC', pinned: { definitions: new Map(), decisions: new Map([[decisionId, pinned]]) } },
  );
  assert.equal(done.ok && done.value.decisionDefinitionId, pinned);
});
