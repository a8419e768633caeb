/** What whoever has the machine may do on a store that no kernel runs on: make the first administrator, and give one a new password. */
import { execute, type Subject } from '@procos/engine';
import type { Store } from '@procos/store';
import { Directory } from './directory.ts';
import { FOUR_EYES } from './names.ts';
import { type IdentityOperation, plan, Refused } from './operations.ts';

export interface FirstAdministrator {
  readonly store: Store;
  /** Ms since the epoch. */
  readonly now: number;
  readonly user: Omit<Extract<IdentityOperation, { readonly do: 'addUser' }>, 'do' | 'roles' | 'groups'>;
}

export interface LostPassword {
  readonly store: Store;
  /** Ms since the epoch. */
  readonly now: number;
  /** Name of the user. */
  readonly name: string;
  /** The hash of the new one. */
  readonly password: string;
}

/** As the audit has it. */
const BY: Subject = { kind: 'kernel', id: 'offline' };

/** Throws `Refused` where there is an administrator already: then it is his business, and others are to see it. */
export function addFirstAdministrator({ store, now, user }: FirstAdministrator): void {
  const directory = directoryOf(store);
  if (directory.hasAdministrator()) {
    const who = directory.holders('administerUsers').join(', ');
    throw new Refused(
      `There is an administrator already (${who}): start the system, and let him add others. ` +
        'Where his password is lost: procos user passwd NAME --offline.',
    );
  }
  change(store, now, { do: 'addUser', ...user, roles: ['administrator'], groups: [] });
}

/** Throws `Refused` for who administers no users, and where one person alone may not change another's password. */
export function setLostPassword({ store, now, name, password }: LostPassword): void {
  const directory = directoryOf(store);
  const holders = directory.holders('administerUsers');
  if (!holders.includes(name)) {
    const who = holders.length === 0 ? 'There is none: procos user add NAME --admin --offline' : holders.join(', ');
    throw new Refused(`${name} is no active user who administers users: those set the passwords of others. ${who}.`);
  }
  if (directory.rule(FOUR_EYES) !== undefined)
    throw new Refused(
      `The rule ${FOUR_EYES} holds: the password of another needs two persons, at the machine as well. ` +
        'Start the system, and have two others who administer users set it; or restore a backup from before.',
    );
  change(store, now, { do: 'setPassword', name, password });
}

export function hasAdministrator(store: Store): boolean {
  return directoryOf(store).hasAdministrator();
}

function change(store: Store, now: number, operation: IdentityOperation): void {
  const at = Math.max(now, store.lastAt);
  const { changes } = plan(operation, { directory: directoryOf(store), by: BY, now: at, authentication: 'required' });
  const context = { state: store.state, now: at, ids: store.ids, zone: 'UTC' };
  const { events } = execute({ type: 'changeIdentities', changes }, context);
  const sequence = store.lastSequence + 1;
  store.commit([{ sequence, at, by: BY, command: 'changeIdentities', lastId: store.ids.last, events }]);
}

function directoryOf(store: Store): Directory {
  return new Directory((read) => read(store.state.identities));
}
