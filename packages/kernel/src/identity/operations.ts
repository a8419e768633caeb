/** What may be asked for of users, groups, roles, tokens and rules: the words, what each comes to, and who may ask. */
import type { IdentityChange, State, User } from '@procos/engine';
import { isPermission, PERMISSIONS, ROLES } from '../policy/permissions.ts';
import type { Caller } from './caller.ts';
import type { Directory } from './directory.ts';
import { FOUR_EYES, SETUP } from './names.ts';

/** Passwords only as hashes, tokens only as hashes: this is kept. */
export type IdentityOperation =
  | {
      readonly do: 'addUser';
      readonly name: string;
      readonly fullName: string | null;
      readonly lastName?: string;
      readonly email: string | null;
      readonly roles: readonly string[];
      readonly groups: readonly string[];
      readonly password: string | null;
    }
  | {
      readonly do: 'changeUser';
      readonly name: string;
      readonly fullName?: string | null;
      readonly lastName?: string;
      readonly email?: string | null;
      readonly roles?: readonly string[];
      readonly groups?: readonly string[];
    }
  | { readonly do: 'setPassword'; readonly name: string; readonly password: string }
  | { readonly do: 'enableUser' | 'disableUser' | 'removeUser'; readonly name: string }
  | {
      readonly do: 'setGroup';
      readonly name: string;
      readonly roles: readonly string[];
      /** Absent: as it was. */
      readonly title?: string;
      readonly type?: string;
    }
  | { readonly do: 'removeGroup'; readonly name: string }
  | { readonly do: 'setRole'; readonly name: string; readonly permissions: readonly string[] }
  | { readonly do: 'removeRole'; readonly name: string }
  | {
      readonly do: 'createToken';
      readonly user: string;
      readonly label: string;
      readonly hash: string;
      /** null: all roles of the user, as they are when it is used. */
      readonly roles: readonly string[] | null;
      readonly expiresAt: number | null;
    }
  /** `token`: how its hash begins. */
  | { readonly do: 'revokeToken'; readonly token: string }
  | { readonly do: 'setRule' | 'liftRule'; readonly name: string };

export interface Planned {
  readonly changes: readonly IdentityChange[];
  /** One line for a person. */
  readonly summary: string;
  /** The own affair of who asks: needs no right. */
  readonly own: boolean;
  /** Gives nobody a right that he has not: a second person need not look. */
  readonly harmless: boolean;
}

/** Said to who asks: what, and what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export interface Circumstances {
  readonly directory: Directory;
  readonly by: Pick<Caller, 'kind' | 'id'>;
  readonly now: number;
  readonly authentication: 'none' | 'required';
}

/** Names as they go into headers, paths and the audit. */
const NAME = /^[a-zA-Z0-9][\w.@+-]{0,63}$/;

/** Throws `Refused`. */
export function plan(operation: IdentityOperation, about: Circumstances): Planned {
  const { directory, by, now } = about;
  const isBy = (name: string): boolean => by.kind === 'user' && by.id === name;
  switch (operation.do) {
    case 'addUser': {
      const { name, fullName, lastName, email, roles, groups, password } = operation;
      checkName('user', name);
      if (name === SETUP) throw new Refused(`"${SETUP}" is the name of the first start: give the user another one.`);
      if (directory.user(name) !== undefined)
        throw new Refused(`There is a user ${name} already: change that one, or give another name.`);
      checkMemberships(directory, roles, groups);
      const user: User = {
        kind: 'user',
        name,
        fullName,
        ...(lastName === undefined ? {} : { lastName }),
        email,
        groups,
        roles,
        state: 'active',
        password,
        createdAt: now,
      };
      return planned([{ set: user }], `Add user ${name} ${withRoles(roles, groups)}`);
    }
    case 'changeUser': {
      const { do: _, ...changes } = operation;
      const user = userOf(directory, operation.name);
      const next = { ...user, ...changes };
      checkMemberships(directory, next.roles, next.groups);
      const said = [
        ...(changes.roles === undefined && changes.groups === undefined ? [] : [withRoles(next.roles, next.groups)]),
        ...(changes.fullName === undefined ? [] : ['another full name']),
        ...(changes.email === undefined ? [] : ['another e-mail address']),
      ];
      return planned([{ set: next }], `Change user ${user.name}: ${said.join(', ')}`);
    }
    case 'setPassword': {
      const user = userOf(directory, operation.name);
      const own = isBy(user.name);
      return planned([{ set: { ...user, password: operation.password } }], `Set the password of user ${user.name}`, {
        own,
        harmless: own,
      });
    }
    case 'enableUser':
      return planned(
        [{ set: { ...userOf(directory, operation.name), state: 'active' } }],
        `Enable user ${operation.name}`,
      );
    case 'disableUser':
      return planned(
        [{ set: { ...userOf(directory, operation.name), state: 'disabled' } }],
        `Disable user ${operation.name}`,
        { harmless: true },
      );
    case 'removeUser':
      userOf(directory, operation.name);
      return planned(
        [{ remove: { kind: 'user', name: operation.name } }],
        `Remove user ${operation.name} and his tokens`,
        { harmless: true },
      );
    case 'setGroup': {
      const { name, roles } = operation;
      checkName('group', name);
      checkMemberships(directory, roles, []);
      const known = directory.list('group').find((group) => group.name === name);
      const { title = known?.title, type = known?.type } = operation;
      const shown = { ...(title === undefined ? {} : { title }), ...(type === undefined ? {} : { type }) };
      return planned([{ set: { kind: 'group', name, ...shown, roles } }], `Group ${name} ${withRoles(roles, [])}`);
    }
    case 'removeGroup': {
      const { name } = operation;
      if (!directory.list('group').some((group) => group.name === name))
        throw new Refused(`There is no group ${name}.`);
      const members = directory.list('user').filter(({ groups }) => groups.includes(name));
      const left = members.map((user) => ({ set: { ...user, groups: user.groups.filter((group) => group !== name) } }));
      return planned(
        [{ remove: { kind: 'group', name } }, ...left],
        `Remove group ${name} with ${members.length} members`,
      );
    }
    case 'setRole': {
      const { name, permissions } = operation;
      checkName('role', name);
      if (ROLES[name] !== undefined)
        throw new Refused(`The role ${name} is always there and cannot be changed: give another name.`);
      const unknown = permissions.find((permission) => !isPermission(permission));
      if (unknown !== undefined)
        throw new Refused(`There is no permission ${unknown}. There are: ${PERMISSIONS.join(', ')}.`);
      return planned(
        [{ set: { kind: 'role', name, permissions } }],
        `Role ${name} with the permissions ${permissions.join(', ') || 'none'}`,
      );
    }
    case 'removeRole': {
      const { name } = operation;
      if (!directory.list('role').some((role) => role.name === name))
        throw new Refused(`There is no role ${name} that could be removed.`);
      return planned([{ remove: { kind: 'role', name } }], `Remove role ${name}`);
    }
    case 'createToken': {
      const { user, label, hash, roles, expiresAt } = operation;
      const owner = userOf(directory, user);
      const missing = roles?.find((role) => !directory.rolesOf(owner).includes(role));
      if (missing !== undefined)
        throw new Refused(`User ${user} has no role ${missing}: a token can only have fewer rights than its user.`);
      const token = { kind: 'token', name: hash, label, user, roles, createdAt: now, expiresAt } as const;
      const until = expiresAt === null ? 'without an end' : `until ${new Date(expiresAt).toISOString()}`;
      const own = isBy(user);
      return planned([{ set: token }], `Create the token ${label} of user ${user} ${until}`, { own, harmless: own });
    }
    case 'revokeToken': {
      const found = directory
        .list('token')
        .filter(({ name }) => operation.token !== '' && name.startsWith(operation.token));
      const [token, other] = found;
      if (token === undefined || other !== undefined)
        throw new Refused(
          `${token === undefined ? 'No token begins' : 'Several tokens begin'} with ${operation.token}: see procos token list.`,
        );
      return planned(
        [{ remove: { kind: 'token', name: token.name } }],
        `Revoke the token ${token.label} of user ${token.user}`,
        {
          own: isBy(token.user),
          harmless: true,
        },
      );
    }
    case 'setRule':
    case 'liftRule':
      return planRule(operation, about);
  }
}

function planRule(
  { do: what, name }: { readonly do: 'setRule' | 'liftRule'; readonly name: string },
  about: Circumstances,
): Planned {
  const { directory, by, now, authentication } = about;
  if (name !== FOUR_EYES) throw new Refused(`There is no rule ${name}. There is: ${FOUR_EYES}.`);
  const holds = directory.rule(name) !== undefined;
  if (what === 'liftRule') {
    if (!holds) throw new Refused(`The rule ${name} does not hold.`);
    return planned(
      [{ remove: { kind: 'rule', name } }],
      `Lift the rule ${name}: one person alone may change the system`,
    );
  }
  if (authentication === 'none')
    throw new Refused(
      `Without authentication nobody can tell a second person from the first: start with --authentication required, then set the rule ${name}.`,
    );
  if (holds) throw new Refused(`The rule ${name} holds already.`);
  return planned(
    [{ set: { kind: 'rule', name, setBy: by.id, setAt: now } }],
    `Set the rule ${name}: changes to the system need a second person`,
  );
}

/** What must be so after any change; `after`: the directory as it would be. Throws `Refused`. */
export function checkOutcome(before: Directory, after: Directory): void {
  if (before.hasAdministrator() && !after.hasAdministrator())
    throw new Refused('Nobody could change users any more: give another active user the role administrator first.');
  if (after.rule(FOUR_EYES) === undefined) return;
  for (const permission of ['deploySystem', 'administerUsers'] as const) {
    const holders = after.holders(permission);
    if (holders.length >= 2) continue;
    const who = holders.length === 0 ? 'nobody has' : `only ${holders[0]} has`;
    throw new Refused(
      `While the rule ${FOUR_EYES} holds two active users must be able to approve, and ${who} the permission ${permission}: add another one first.`,
    );
  }
}

type Identities = State['identities'];

/** The identities as they would be after the changes. */
export function withChanges(identities: Identities, changes: readonly IdentityChange[]): Identities {
  const set = changes.flatMap((change) => ('set' in change ? [{ ...change.set, id: 0 }] : []));
  const isTouched = (kind: string, name: string): boolean =>
    changes.some((change) => {
      const one = 'set' in change ? change.set : change.remove;
      return one.kind === kind && one.name === name;
    });
  return {
    ...identities,
    named: (kind, name) =>
      (isTouched(kind, name)
        ? set.find((one) => one.kind === kind && one.name === name)
        : identities.named(kind, name)) as never,
    ofKind: (kind) =>
      [
        ...identities.ofKind(kind).filter(({ name }) => !isTouched(kind, name)),
        ...set.filter((one) => one.kind === kind),
      ] as never,
  };
}

function planned(
  changes: readonly IdentityChange[],
  summary: string,
  more: { readonly own?: boolean; readonly harmless?: boolean } = {},
): Planned {
  return { changes: changes.map(withoutId), summary, own: more.own ?? false, harmless: more.harmless ?? false };
}

function withoutId(change: IdentityChange): IdentityChange {
  if (!('set' in change) || !('id' in change.set)) return change;
  const { id: _, ...set } = change.set;
  return { set };
}

function userOf(directory: Directory, name: string): User {
  const user = directory.user(name);
  if (user === undefined) throw new Refused(`There is no user ${name}: see procos user list.`);
  return user;
}

function checkName(what: string, name: string): void {
  if (!NAME.test(name))
    throw new Refused(`"${name}" is no name of a ${what}: letters, digits and . _ @ + - (not first), at most 64.`);
}

function checkMemberships(directory: Directory, roles: readonly string[], groups: readonly string[]): void {
  const ownRoles = directory.list('role').map(({ name }) => name);
  const role = roles.find((name) => ROLES[name] === undefined && !ownRoles.includes(name));
  if (role !== undefined)
    throw new Refused(`There is no role ${role}. There are: ${[...Object.keys(ROLES), ...ownRoles].join(', ')}.`);
  const known = directory.list('group').map(({ name }) => name);
  const group = groups.find((name) => !known.includes(name));
  if (group !== undefined) throw new Refused(`There is no group ${group}. There are: ${known.join(', ') || 'none'}.`);
}

function withRoles(roles: readonly string[], groups: readonly string[]): string {
  const inGroups = groups.length === 0 ? '' : ` in the groups ${groups.join(', ')}`;
  return `with the roles ${roles.join(', ') || 'none'}${inGroups}`;
}
