/** A lost password of an administrator, given anew at the machine while no kernel runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore, type Store } from '@procos/store';
import { cheaply, put, user } from '../testing/people.ts';
import { FOUR_EYES } from './names.ts';
import { setLostPassword } from './offline.ts';
import { Refused } from './operations.ts';

function storeWith(...people: readonly ReturnType<typeof user>[]): Store {
  const store = createMemoryStore();
  put(store, ...people.map((set) => ({ set })));
  return store;
}
const passwordOf = (store: Store, name: string) => store.state.identities.named('user', name)?.password;
const set = (store: Store, name: string) => setLostPassword({ store, now: 5, name, password: cheaply('new') });

test('an administrator gets the password, nothing else of him changes, and the record says that it was done offline', () => {
  const ada = { ...user('ada', 'administrator', 'operator'), email: 'ada@example.org', password: cheaply('old') };
  const store = storeWith(ada);
  const before = store.lastSequence;
  set(store, 'ada');
  const { id: _, ...kept } = store.state.identities.named('user', 'ada') ?? { id: 0 };
  assert.deepEqual(kept, { ...ada, password: cheaply('new') });
  const records = store.records(before, 10).map(({ by, command, at }) => ({ by, command, at }));
  assert.deepEqual(records, [{ by: { kind: 'kernel', id: 'offline' }, command: 'changeIdentities', at: 5 }]);
});

test('nobody else does: not who may less, who is disabled or not there, and nobody while two are needed', () => {
  const disabled = { ...user('eve', 'administrator'), state: 'disabled' } as const;
  const store = storeWith(
    user('ada', 'administrator'),
    user('bob', 'operator'),
    disabled,
    user('dan', 'administrator'),
  );
  for (const name of ['bob', 'eve', 'nobody'])
    assert.throws(
      () => set(store, name),
      (error) => error instanceof Refused && /no active user who administers users: .* ada, dan\.$/.test(error.message),
    );
  put(store, { set: { kind: 'rule', name: FOUR_EYES, setBy: 'ada', setAt: 0 } });
  assert.throws(
    () => set(store, 'ada'),
    (error) => error instanceof Refused && /The rule four-eyes holds/.test(error.message),
  );
  for (const name of ['ada', 'bob', 'eve']) assert.equal(passwordOf(store, name), null);
  assert.throws(
    () => set(storeWith(user('bob', 'operator')), 'bob'),
    /There is none: procos user add NAME --admin --offline/,
  );
});
