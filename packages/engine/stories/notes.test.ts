/** Stories of what people say about user tasks, of tasks that change hands, and of queries that are kept. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, flows } from './drawing.ts';
import { World } from './world.ts';

async function asked(): Promise<{ readonly world: World; readonly userTaskId: number }> {
  const world = new World();
  await world.draw(
    'asked',
    element('startEvent', 's') + element('userTask', 'ask') + element('endEvent', 'e') + flows('s ask e'),
  );
  world.start('asked');
  return { world, userTaskId: taskOf(world).id };
}

function taskOf(world: World) {
  const [task] = world.store.find('userTasks');
  assert.ok(task);
  return task;
}

const text = (note: string) => ({ kind: 'comment', text: note }) as const;

describe('notes', () => {
  it('stay when the task and its instance are over, and take no new ones then', async () => {
    const { world, userTaskId } = await asked();
    world.do({ type: 'addNote', on: { userTaskId }, by: 'ada', note: text('Looks fine') });
    const attachment = { kind: 'attachment', name: 'Offer', description: null, type: null } as const;
    const content = { type: 'Bytes', value: 'eHg=' } as const;
    world.do({
      type: 'addNote',
      on: { userTaskId },
      by: null,
      note: { ...attachment, url: null },
      variables: { content },
    });
    world.do({ type: 'completeUserTask', userTaskId });
    const kept = world.store.find('notes');
    assert.deepEqual(
      kept.map(({ kind, by, userTaskId: of }) => [kind, by, of]),
      [
        ['comment', 'ada', userTaskId],
        ['attachment', null, userTaskId],
      ],
    );
    assert.deepEqual(kept[1]?.kind === 'attachment' && kept[1].content, content);
    const late = world.try({ type: 'addNote', on: { userTaskId }, by: null, note: text('Too late') });
    assert.equal(late.ok ? '' : late.rejection.code, 'NOT_FOUND');
    world.do({ type: 'removeNotes', noteIds: kept.map(({ id }) => id) });
    assert.deepEqual(world.store.find('notes'), []);
  });

  it('say something: empty ones, and attachments without bytes and address, are refused', async () => {
    const { world, userTaskId } = await asked();
    const refusals = [
      world.try({ type: 'addNote', on: { userTaskId }, by: null, note: text(' ') }),
      world.try({
        type: 'addNote',
        on: { userTaskId },
        by: null,
        note: { kind: 'attachment', name: null, description: null, type: null, url: null },
      }),
    ];
    assert.deepEqual(
      refusals.map((outcome) => (outcome.ok ? '' : outcome.rejection.code)),
      ['INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
    );
    assert.equal(taskOf(world).updatedAt, undefined);
  });
});

describe('a user task that changes hands', () => {
  it('is resolved by who has it for its owner, and only then completed', async () => {
    const { world, userTaskId } = await asked();
    world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: true });
    world.do({ type: 'delegateUserTask', userTaskId, assignee: 'bob' });
    const { assignee, owner, delegation } = taskOf(world);
    assert.deepEqual([assignee, owner, delegation], ['bob', 'ada', 'pending']);
    const early = world.try({ type: 'completeUserTask', userTaskId });
    assert.equal(early.ok ? '' : early.rejection.code, 'INVALID_STATE');
    world.do({ type: 'resolveUserTask', userTaskId, variables: { seen: { type: 'Boolean', value: true } } });
    assert.deepEqual([taskOf(world).assignee, taskOf(world).delegation], ['ada', 'resolved']);
    world.do({ type: 'completeUserTask', userTaskId });
    assert.deepEqual(world.store.find('userTasks'), []);
  });

  it('has each link once, and loses only the one that is named', async () => {
    const { world, userTaskId } = await asked();
    const link = (type: string, userId: string | null, groupId: string | null, remove = false) =>
      world.do({ type: 'changeUserTaskLink', userTaskId, link: { type, userId, groupId }, remove });
    for (const _ of [1, 2]) {
      link('candidate', null, 'sales');
      link('reviewer', 'bob', null);
    }
    link('reviewer', 'eve', null);
    link('reviewer', 'eve', null, true);
    link('owner', 'ada', null);
    link('owner', 'somebody else', null, true);
    const { candidateGroups, links, owner } = taskOf(world);
    assert.deepEqual([candidateGroups, owner], [['sales'], 'ada']);
    assert.deepEqual(links, [{ type: 'reviewer', userId: 'bob', groupId: null }]);
    const both = { type: 'candidate', userId: 'a', groupId: 'b' };
    const refused = world.try({ type: 'changeUserTaskLink', userTaskId, link: both, remove: false });
    assert.equal(refused.ok ? '' : refused.rejection.code, 'INVALID_ARGUMENT');
  });
});

it('a filter that is set again keeps its identity, and is gone when it is removed', () => {
  const world = new World();
  const filter = { name: 'Mine', owner: 'ada', query: { assignee: 'ada' }, properties: {} };
  const { filterId } = world.do({ type: 'setTaskFilter', filter });
  world.do({ type: 'setTaskFilter', filterId, filter: { ...filter, name: 'My tasks' } });
  assert.deepEqual(world.store.find('filters'), [{ ...filter, name: 'My tasks', id: filterId }]);
  world.do({ type: 'removeTaskFilter', filterId });
  assert.deepEqual(world.store.find('filters'), []);
  const again = world.try({ type: 'removeTaskFilter', filterId });
  assert.equal(again.ok ? '' : again.rejection.code, 'NOT_FOUND');
});
