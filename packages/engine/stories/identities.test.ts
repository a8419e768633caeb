/** Stories of who may do what: what is kept of users, tokens and approvals, and that an approval is used once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccessToken, Approval, IdentityRequest, User } from '../src/index.ts';
import { element, flows } from './drawing.ts';
import { World } from './world.ts';

const DAY = 86_400_000;
const ADA: User = {
  kind: 'user',
  name: 'ada',
  fullName: null,
  email: null,
  groups: [],
  roles: ['operator'],
  state: 'active',
  password: null,
  createdAt: 0,
};
const token = (name: string, user: string): AccessToken => {
  return { kind: 'token', name, label: 'ci', user, roles: null, createdAt: 0, expiresAt: null };
};
const APPROVAL: Approval = { kind: 'approval', name: 'h1', requestedBy: 'ada', approvedBy: 'bob', approvedAt: 0 };

const request = (name: string, at: number): IdentityRequest => {
  const by = { kind: 'user', id: 'ada' } as const;
  return { kind: 'request', name, by, operations: [], handedInAt: at };
};

function names(world: World, kind: 'user' | 'token' | 'approval' | 'request'): string[] {
  return world.store.state.identities.ofKind(kind).map(({ name }) => name);
}

/** A process whose user task approves something. */
async function approve(world: World, approves: Approval) {
  const drawn = element('startEvent', 's') + element('userTask', 'ask') + element('endEvent', 'e') + flows('s ask e');
  await world.draw('asked', drawn);
  world.start('asked');
  const [task] = world.store.find('userTasks');
  return world.do({ type: 'completeUserTask', userTaskId: task?.id ?? 0, approves });
}

describe('identities', () => {
  it('one of a kind and name takes the place of the one before, and keeps its identity', () => {
    const world = new World();
    world.do({ type: 'changeIdentities', changes: [{ set: ADA }] });
    const first = world.store.state.identities.named('user', 'ada');
    world.do({ type: 'changeIdentities', changes: [{ set: { ...ADA, state: 'disabled' } }] });
    const second = world.store.state.identities.named('user', 'ada');
    assert.deepEqual([second?.id, second?.state], [first?.id, 'disabled']);
    assert.deepEqual(names(world, 'user'), ['ada']);
  });

  it('the tokens of a user go with him, and those of others stay', () => {
    const world = new World();
    const sets = [ADA, { ...ADA, name: 'bob' }, token('t1', 'ada'), token('t2', 'bob'), token('t3', 'ada')];
    world.do({ type: 'changeIdentities', changes: sets.map((set) => ({ set })) });
    world.do({ type: 'changeIdentities', changes: [{ remove: { kind: 'user', name: 'ada' } }] });
    assert.deepEqual([names(world, 'user'), names(world, 'token')], [['bob'], ['t2']]);
  });

  it('a request is carried out once, and one that nobody carries out is forgotten after 30 days', () => {
    const world = new World();
    world.do({ type: 'requestIdentityChange', request: request('r1', world.now) });
    world.do({ type: 'changeIdentities', changes: [{ set: ADA }], request: 'r1' });
    const again = world.try({ type: 'changeIdentities', changes: [{ set: ADA }], request: 'r1' });
    assert.ok(!again.ok && again.rejection.code === 'INVALID_STATE');
    world.do({ type: 'requestIdentityChange', request: request('r2', world.now) });
    world.now += 31 * DAY;
    world.do({ type: 'requestIdentityChange', request: request('r3', world.now) });
    assert.deepEqual(names(world, 'request'), ['r3']);
  });
});

describe('an approval', () => {
  it('is given by completing a user task, in the same record', async () => {
    const world = new World();
    await approve(world, APPROVAL);
    const record = world.records.at(-1);
    assert.ok(record?.events.some(({ type }) => type === 'identitySet'));
    assert.ok(record?.events.some(({ type }) => type === 'userTaskCompleted'));
    assert.deepEqual(names(world, 'approval'), ['h1']);
  });

  it('is used up by one deployment: the second one is refused and changes nothing', async () => {
    const world = new World();
    await approve(world, APPROVAL);
    const deployment = { name: 'd', source: 'system', tenantId: null, resources: [], definitions: [] } as const;
    const deploy = { type: 'deploy', ...deployment, skipUnchanged: false, approval: 'h1' } as const;
    assert.ok(world.try(deploy).ok);
    const records = world.records.length;
    const second = world.try(deploy);
    assert.ok(!second.ok && /was used/.test(second.rejection.message));
    assert.deepEqual([world.records.length, names(world, 'approval')], [records, []]);
  });

  it('is used up by one change of users', async () => {
    const world = new World();
    await approve(world, APPROVAL);
    const change = { type: 'changeIdentities', changes: [{ set: ADA }], approval: 'h1' } as const;
    assert.ok(world.try(change).ok);
    assert.ok(!world.try(change).ok);
  });
});
