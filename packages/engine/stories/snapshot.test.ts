/** Stories of instances that move to another store: they stand there as they stood here, and go on as they would have gone on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renameInstance } from '../src/actions/rename.ts';
import {
  type Compensation,
  type FrozenInstance,
  familyOf,
  freezeInstance,
  type ImportedInstance,
} from '../src/index.ts';
import { anyMove, FIXTURES } from './moves.ts';
import { World } from './world.ts';

const FROM = { startedBy: 'user:ada', startElementId: null };

/** All that runs, callers first. */
function freezeAll({ store }: World): FrozenInstance[] {
  const { state } = store;
  const running = store.find('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] });
  return running
    .filter(({ parentId }) => parentId === null)
    .flatMap(({ id }) => familyOf(state, id))
    .flatMap((id) => freezeInstance(state, id) ?? []);
}

function imported(instances: readonly FrozenInstance[]): ImportedInstance[] {
  return instances.map((instance) => ({ ...instance, ...FROM }));
}

/** Brings everything into the other world and lets it go on; old identities to new ones. */
function move(from: World, to: World): ReadonlyMap<number, number> {
  const instances = freezeAll(from);
  const messages = from.store.state.messages.expired(Number.MAX_SAFE_INTEGER, 1_000).toSorted((a, b) => a.id - b.id);
  const { processInstanceIds } = to.do({
    type: 'importProcessInstances',
    // As a file gives it.
    instances: JSON.parse(JSON.stringify(imported(instances))) as ImportedInstance[],
    messages,
    keepIds: false,
  });
  const names = new Map<number, number>(processInstanceIds);
  instances.forEach((instance) => {
    const id = names.get(instance.id) ?? 0;
    const there = freezeInstance(to.store.state, id);
    assert.equal(there?.suspended, true);
    pair(names, instance, there);
    if (!instance.suspended) to.do({ type: 'setSuspension', target: { processInstanceId: id }, suspended: false });
  });
  return names;
}

/** What stands at the same place is the same. */
function pair(names: Map<number, number>, here: FrozenInstance, there: FrozenInstance): void {
  const ids = ({ elements, ...of }: FrozenInstance): number[] => [
    ...[elements, of.externalTasks, of.userTasks, of.timers, of.subscriptions, of.incidents].flatMap((rows) =>
      (rows as readonly { readonly id: number }[]).map(({ id }) => id),
    ),
    ...elements.flatMap(({ compensations = [] }) => flat(compensations)),
  ];
  const [old, now] = [ids(here), ids(there)];
  assert.equal(now.length, old.length);
  for (const [at, id] of old.entries()) names.set(id, now[at] ?? 0);
}

function flat(compensations: readonly Compensation[]): number[] {
  return compensations.flatMap(({ id, inner }) => [id, ...flat(inner)]);
}

/** Without what the move changes. */
function comparable(instances: readonly FrozenInstance[]): readonly FrozenInstance[] {
  return instances.map((instance) => ({
    ...instance,
    externalTasks: instance.externalTasks.map((task) => ({ ...task, lockCount: 0 })),
  }));
}

/** Nobody holds a task: whoever held one could not name it in the other world. */
function free(world: World): void {
  for (const { id, workerId } of world.store.find('externalTasks'))
    if (workerId !== null) world.do({ type: 'unlockExternalTask', externalTaskId: id });
}

describe('instances that move', () => {
  it('stand in the other store as they stood here, and the same moves lead to the same there', async () => {
    const fixtures = FIXTURES.filter((name) => name !== 'timer-start');
    const moves = fc.tuple(
      fc.array(anyMove, { minLength: 5, maxLength: 40 }),
      fc.array(anyMove, { minLength: 1, maxLength: 25 }),
    );
    let moved = 0;
    await fc.assert(
      fc.asyncProperty(moves, async ([before, after]) => {
        const [here, there] = [await World.with(...fixtures), await World.with(...fixtures)];
        for (const one of before) one(here);
        free(here);
        // Another store has given out other identities.
        there.store.ids.skipTo(1_000_000);
        there.now = here.now;
        const names = move(here, there);
        moved += names.size;
        const renamed = freezeAll(here).map((instance) => renameInstance(instance, names));
        assert.deepEqual(comparable(freezeAll(there)), comparable(renamed));
        there.assertReplayEqual();
        const begun = [here, there].map(({ records }) => records.length);
        for (const one of after) {
          one(here);
          one(there);
        }
        const [story, other] = [here, there].map(({ records }, at) =>
          records.slice(begun[at]).flatMap(({ command, events }) => [command, ...events.map(({ type }) => type)]),
        );
        assert.deepEqual(other, story);
      }),
      { numRuns: 40 },
    );
    assert.ok(moved > 0, 'something has moved');
  });

  it('go on undoing what they had completed, the latest first and with the values of that time', async () => {
    const [here, there] = [await World.with('compensation'), await World.with('compensation')];
    there.store.ids.skipTo(50_000);
    const id = here.start('compensation', { amount: 1 });
    here.work('book');
    here.work('pay');
    const names = move(here, there);
    there.work('refund');
    assert.equal(there.work('unbook').variables['price']?.value, 1);
    assert.equal(there.state(names.get(id) ?? 0), 'completed');
    there.assertReplayEqual();
  });

  it('bring back called processes under their callers, and a process that was called from outside as one of its own', async () => {
    const fixtures = ['call', 'called'];
    const [here, there] = [await World.with(...fixtures), await World.with(...fixtures)];
    there.store.ids.skipTo(50_000);
    const id = here.start('caller', { amount: 1 });
    const family = familyOf(here.store.state, id);
    assert.equal(family.length, 2);
    const names = move(here, there);
    const [caller, called] = family.map((one) => there.store.state.instances.get(names.get(one) ?? 0));
    assert.deepEqual([called?.parentId, called?.rootId], [caller?.id, caller?.id]);
    const alone = freezeInstance(here.store.state, family[1] ?? 0);
    assert.ok(alone);
    const reply = there.do({ type: 'importProcessInstances', instances: imported([alone]), keepIds: false });
    const root = there.store.state.instances.get(reply.processInstanceIds[0]?.[1] ?? 0);
    assert.deepEqual([root?.parentId, root?.parentElementInstanceId, root?.rootId], [null, null, root?.id]);
  });

  it('keep their identities, and workers their locks, where these are free: the history shows when and by whom they were started', async () => {
    const world = await World.with('uncaught');
    const id = world.start('uncaught');
    const startedAt = world.now;
    const { task } = world.fetch('work', 600_000);
    const [frozen] = freezeAll(world);
    assert.ok(frozen !== undefined);
    const command = { type: 'importProcessInstances', instances: imported([frozen]), keepIds: true } as const;
    const taken = world.try(command);
    assert.ok(!taken.ok && /is taken here/.test(taken.rejection.message));
    world.now += 1_000;
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    world.do({ type: 'removeHistory', target: { processInstanceIds: [id] }, atMost: 1_000 });
    world.by = { kind: 'user', id: 'eve' };
    assert.deepEqual(world.do(command).processInstanceIds, [[id, id]]);
    const [row] = world.store.find('processInstances');
    assert.deepEqual([row?.id, row?.startedAt, row?.startedBy, row?.suspended], [id, startedAt, 'user:ada', true]);
    world.do({ type: 'setSuspension', target: { processInstanceId: id }, suspended: false });
    const late = { externalTaskId: task.id, workerId: 'w', lockCount: task.lockCount };
    world.do({ type: 'completeExternalTask', ...late });
    assert.equal(world.state(id), 'completed');
    const visits = world.store.find('elementInstances', { where: [{ column: 'elementId', op: '=', value: 'work' }] });
    assert.deepEqual(
      visits.map(({ outcome }) => outcome),
      ['completed'],
    );
    world.assertReplayEqual();
  });

  it('are refused, all of them, when one stands where its model has no place, or is too large', async () => {
    const world = await World.with('uncaught', 'user-task');
    world.start('uncaught');
    const [frozen] = freezeAll(world);
    assert.ok(frozen !== undefined);
    const other = world.store.find('definitions').find(({ bpmnProcessId }) => bpmnProcessId === 'user-task')?.id ?? 0;
    const refusals: readonly (readonly [Partial<ImportedInstance>, RegExp])[] = [
      [{ definitionId: 99 }, /definition 99 .* does not exist/],
      [{ definitionId: other }, /has no place in user-task version 1/],
      [
        { elements: frozen.elements.map((one) => ({ ...one, scopeId: one.scopeId && 77 })) },
        /has no place in uncaught/,
      ],
    ];
    for (const [change, message] of refusals) {
      const instances = [...imported([frozen]), { ...imported([frozen])[0], ...change } as ImportedInstance];
      const outcome = world.try({ type: 'importProcessInstances', instances, keepIds: false });
      assert.ok(!outcome.ok && message.test(outcome.rejection.message), JSON.stringify(outcome));
    }
    world.limits = { ...world.limits, instanceSize: 10 };
    const large = { text: { type: 'String', value: 'a'.repeat(11) } } as const;
    const elements = frozen.elements.map((one, at) => (at === 0 ? { ...one, variables: large } : one));
    const instances = imported([{ ...frozen, elements }]);
    const outcome = world.try({ type: 'importProcessInstances', instances, keepIds: false });
    assert.ok(!outcome.ok && /limit-instance-size/.test(outcome.rejection.message), JSON.stringify(outcome));
  });
});
