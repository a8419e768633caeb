/** Who proves to be whom, and what that is worth. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore, type Store } from '@procos/store';
import { cheaply, put, user } from '../testing/people.ts';
import { Access } from './access.ts';
import { Directory } from './directory.ts';
import { hashOf } from './tokens.ts';

const password = cheaply('correct horse');

function setUp(...people: ReturnType<typeof user>[]) {
  const store: Store = createMemoryStore();
  put(store, ...people.map((set) => ({ set })));
  let now = 1_000;
  const wrong: (string | null)[] = [];
  const directory = new Directory((read) => read(store.state.identities));
  const access = new Access({
    authentication: 'required',
    directory,
    now: () => now,
    onWrong: (name) => wrong.push(name),
  });
  return { store, access, directory, wrong, pass: (ms: number) => (now += ms) };
}

const token = { kind: 'token', label: 'ci', user: 'ada', roles: null, createdAt: 0, expiresAt: null } as const;
const denied = { denied: 'wrong' };

describe('a password', () => {
  test('proves who asks, and gives the roles of the user and of his groups', async () => {
    const ada = { ...user('ada', 'viewer'), password, groups: ['deployers'] };
    const { store, access } = setUp(ada);
    put(store, { set: { kind: 'group', name: 'deployers', roles: ['developer'] } });
    const found = await access.password('ada', 'correct horse', '::1');
    assert.ok(!('denied' in found));
    assert.deepEqual(found.caller.roles, ['viewer', 'developer']);
    assert.deepEqual([...found.caller.permissions].sort(), ['deploy', 'read', 'start', 'work']);
  });

  test('that is wrong, of nobody, or of a disabled user is refused in the same words; a name that is none is not logged', async () => {
    const { access, wrong } = setUp({ ...user('ada'), password }, { ...user('eve'), password, state: 'disabled' });
    assert.deepEqual(await access.password('ada', 'wrong', '::1'), denied);
    assert.deepEqual(await access.password('nobody', 'correct horse', '::1'), denied);
    assert.deepEqual(await access.password('eve', 'correct horse', '::1'), denied);
    assert.deepEqual(wrong, ['ada', null]);
  });

  test('is not looked at any more after five wrong ones, and is again when the time is over', async () => {
    const { access, pass } = setUp({ ...user('ada'), password });
    for (let at = 0; at < 5; at += 1) assert.deepEqual(await access.password('ada', `no ${at}`, '::1'), denied);
    assert.deepEqual(await access.password('ada', 'correct horse', '::1'), { denied: 'wait', ms: 1_000 });
    pass(1_000);
    assert.ok('caller' in (await access.password('ada', 'correct horse', '::1')));
  });

  test('is looked at again at once when what was guessed is forgotten', async () => {
    const { access } = setUp({ ...user('ada'), password });
    for (let at = 0; at < 5; at += 1) assert.deepEqual(await access.password('ada', `no ${at}`, '::1'), denied);
    assert.deepEqual(await access.password('ada', 'correct horse', '::1'), { denied: 'wait', ms: 1_000 });
    access.forgetGuesses('ada');
    assert.ok('caller' in (await access.password('ada', 'correct horse', '::1')));
  });

  test('that was right is known again without counting, until it is changed', async () => {
    const { store, access } = setUp({ ...user('ada'), password });
    for (let at = 0; at < 20; at += 1) assert.ok('caller' in (await access.password('ada', 'correct horse', '::1')));
    put(store, { set: { ...user('ada'), password: cheaply('another one') } });
    assert.deepEqual(await access.password('ada', 'correct horse', '::1'), denied);
  });

  test('many at the same time do not take all the memory: the surplus is told to wait', async () => {
    const { access } = setUp({ ...user('ada'), password });
    const addresses = Array.from({ length: 30 }, (_, at) => `10.0.0.${at}`);
    const found = await Promise.all(addresses.map((address) => access.password('ada', 'wrong', address)));
    const waits = found.filter((one) => 'denied' in one && one.denied === 'wait');
    assert.equal(waits.length, 30 - 2 - 16);
  });
});

describe('an access token', () => {
  test('has the roles of its user, or only some of them, until it runs out, is revoked, or the user is disabled', () => {
    const { store, access, pass } = setUp(user('ada', 'operator', 'developer'));
    put(store, { set: { ...token, name: hashOf('t1') } });
    put(store, { set: { ...token, name: hashOf('t2'), roles: ['developer', 'administrator'], expiresAt: 2_000 } });
    const [all, some] = [access.token('t1'), access.token('t2')];
    assert.ok('caller' in all && 'caller' in some);
    assert.deepEqual([all.caller.roles, some.caller.roles], [['operator', 'developer'], ['developer']]);
    pass(1_000);
    assert.deepEqual(access.token('t2'), denied);
    put(store, { remove: { kind: 'token', name: hashOf('t1') } });
    assert.deepEqual(access.token('t1'), denied);
    put(store, { set: { ...token, name: hashOf('t3') } }, { set: { ...user('ada'), state: 'disabled' } });
    assert.deepEqual(access.token('t3'), denied);
  });

  test('of the worker hosts may work and nothing else', () => {
    const { access } = setUp();
    const found = access.token(access.hostToken);
    assert.ok('caller' in found);
    assert.deepEqual([found.caller.kind, [...found.caller.permissions]], ['worker', ['read', 'work']]);
    assert.deepEqual(access.token('procos_guess'), denied);
  });

  test('of the first start is worth something until there is an administrator', () => {
    const { store, access } = setUp(user('ada', 'developer'));
    const secret = access.setupToken() ?? '';
    const found = access.token(secret);
    assert.ok('caller' in found);
    assert.deepEqual([found.caller.id, [...found.caller.permissions]], ['setup', ['administerUsers', 'read']]);
    put(store, { set: user('bob', 'administrator') });
    assert.deepEqual([access.token(secret), access.setupToken()], [denied, undefined]);
  });
});

test('a session ends after its time, at its end, and with another password', async () => {
  const { store, access, pass } = setUp({ ...user('ada', 'viewer'), password });
  const found = await access.password('ada', 'correct horse', '::1');
  assert.ok('caller' in found);
  const [one, other, third] = [access.openSession(found), access.openSession(found), access.openSession(found)];
  assert.ok('caller' in access.session(one.secret));
  access.endSession(one.secret);
  assert.deepEqual(access.session(one.secret), denied);
  put(store, { set: { ...user('ada', 'viewer'), password: cheaply('another one') } });
  assert.deepEqual(access.session(other.secret), denied);
  put(store, { set: { ...user('ada', 'viewer'), password } });
  pass(12 * 3_600_000);
  assert.deepEqual(access.session(third.secret), denied);
});

test('who works with the system is listed by name, proof and address, the latest first', () => {
  const { access, pass } = setUp();
  const ada = { kind: 'user', id: 'ada' } as const;
  access.note({ caller: ada, proof: 'token', label: 'ci' }, '10.0.0.1', 'task.read');
  pass(10);
  access.note({ caller: ada, proof: 'session', label: null }, '10.0.0.2', 'task.read');
  pass(10);
  access.note({ caller: ada, proof: 'token', label: 'ci' }, '10.0.0.1', 'system.read');
  const rows = access.usage().map(({ proof, address, action, requests }) => [proof, address, action, requests]);
  assert.deepEqual(rows, [
    ['token', '10.0.0.1', 'system.read', 2],
    ['session', '10.0.0.2', 'task.read', 1],
  ]);
});
