/** Users for tests, put into a store as a change of users would put them. */
import { scryptSync } from 'node:crypto';
import type { IdentityChange, User } from '@procos/engine';
import { execute } from '@procos/engine';
import type { Store } from '@procos/store';

export function user(name: string, ...roles: string[]): User {
  return {
    kind: 'user',
    name,
    fullName: null,
    email: null,
    groups: [],
    roles,
    state: 'active',
    password: null,
    createdAt: 0,
  };
}

/** Kept with parameters that cost nothing. */
export function cheaply(password: string): string {
  const salt = Buffer.from('salt');
  const key = scryptSync(password, salt, 32, { N: 16, r: 1, p: 1 });
  return ['scrypt', 16, 1, 1, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** In a record of its own, before a kernel runs on the store. */
export function put(store: Store, ...changes: readonly IdentityChange[]): void {
  const context = { state: store.state, now: store.lastAt, ids: store.ids, zone: 'UTC' };
  const { events } = execute({ type: 'changeIdentities', changes }, context);
  const by = { kind: 'kernel', id: 'test' } as const;
  const sequence = store.lastSequence + 1;
  store.commit([{ sequence, at: store.lastAt, by, command: 'changeIdentities', lastId: store.ids.last, events }]);
}
