/** The first administrator, made at the machine on a store that no kernel runs on. */
import { execute, type Subject } from '@procos/engine';
import type { Store } from '@procos/store';
import { Directory } from './directory.ts';
import { type IdentityOperation, plan, Refused } from './operations.ts';

export interface FirstAdministrator {
  readonly store: Store;
  /** Ms since the epoch. */
  readonly now: number;
  readonly user: Omit<Extract<IdentityOperation, { readonly do: 'addUser' }>, 'do' | 'roles' | 'groups'>;
}

const BY: Subject = { kind: 'kernel', id: 'offline' };

/** Throws `Refused` where there is an administrator already: then it is his business, and others are to see it. */
export function addFirstAdministrator({ store, now, user }: FirstAdministrator): void {
  const directory = directoryOf(store);
  if (directory.hasAdministrator()) {
    const who = directory.holders('administerUsers').join(', ');
    throw new Refused(`There is an administrator already (${who}): start the system, and let him add others.`);
  }
  const at = Math.max(now, store.lastAt);
  const operation = { do: 'addUser', ...user, roles: ['administrator'], groups: [] } as const;
  const { changes } = plan(operation, { directory, by: BY, now: at, authentication: 'required' });
  const context = { state: store.state, now: at, ids: store.ids, zone: 'UTC' };
  const { events } = execute({ type: 'changeIdentities', changes }, context);
  const sequence = store.lastSequence + 1;
  store.commit([{ sequence, at, by: BY, command: 'changeIdentities', lastId: store.ids.last, events }]);
}

export function hasAdministrator(store: Store): boolean {
  return directoryOf(store).hasAdministrator();
}

function directoryOf(store: Store): Directory {
  return new Directory((read) => read(store.state.identities));
}
