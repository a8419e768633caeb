/** The users, groups and roles of the store, and what they come to for one of them. Reads only. */
import type { AccessToken, IdentityOf, State, Subject, User } from '@procos/engine';
import { isPermission, type Permission, ROLES } from '../policy/permissions.ts';
import type { Caller } from './caller.ts';

type Identities = State['identities'];
type Reader = <R>(read: (identities: Identities) => R) => R;

export const NOBODY: Omit<Caller, keyof Subject> = { roles: [], groups: [], permissions: new Set() };

export class Directory {
  readonly #read: Reader;

  /** `read` gets at the state, and sees to it that a disk that fails is noticed. */
  constructor(read: Reader) {
    this.#read = read;
  }

  user(name: string): IdentityOf<'user'> | undefined {
    return this.#read((identities) => identities.named('user', name));
  }

  token(hash: string): IdentityOf<'token'> | undefined {
    return this.#read((identities) => identities.named('token', hash));
  }

  list<K extends 'user' | 'group' | 'role' | 'token' | 'rule'>(kind: K): readonly IdentityOf<K>[] {
    return this.#read((identities) => identities.ofKind(kind));
  }

  request(name: string): IdentityOf<'request'> | undefined {
    return this.#read((identities) => identities.named('request', name));
  }

  approval(name: string): IdentityOf<'approval'> | undefined {
    return this.#read((identities) => identities.named('approval', name));
  }

  rule(name: string): IdentityOf<'rule'> | undefined {
    return this.#read((identities) => identities.named('rule', name));
  }

  /** undefined: no such user, or one who may do nothing any more. */
  callerOf(name: string, narrowing: AccessToken['roles'] = null): Caller | undefined {
    const user = this.user(name);
    if (user === undefined || user.state !== 'active') return undefined;
    const all = this.rolesOf(user);
    const roles = narrowing === null ? all : all.filter((role) => narrowing.includes(role));
    return { kind: 'user', id: name, roles, groups: user.groups, permissions: this.permissionsOf(roles) };
  }

  /** What somebody of whom only the name is known may do now: nothing, unless it is the name of an active user. */
  resolve({ kind, id }: Subject): Caller {
    return (kind === 'user' ? this.callerOf(id) : undefined) ?? { kind, id, ...NOBODY };
  }

  rolesOf(user: Pick<User, 'roles' | 'groups'>): string[] {
    const ofGroups = user.groups.flatMap(
      (name) => this.#read((identities) => identities.named('group', name))?.roles ?? [],
    );
    return [...new Set([...user.roles, ...ofGroups])];
  }

  permissionsOf(roles: readonly string[]): ReadonlySet<Permission> {
    return new Set(roles.flatMap((role) => this.permissionsOfRole(role)));
  }

  permissionsOfRole(name: string): readonly Permission[] {
    const fixed = ROLES[name];
    if (fixed !== undefined) return fixed;
    const kept = this.#read((identities) => identities.named('role', name));
    return (kept?.permissions ?? []).filter(isPermission);
  }

  /** Active users who have the permission. */
  holders(permission: Permission): string[] {
    return this.list('user')
      .filter(({ name }) => this.callerOf(name)?.permissions.has(permission))
      .map(({ name }) => name);
  }

  /** Whether anybody can change users at all. */
  hasAdministrator(): boolean {
    return this.holders('administerUsers').length > 0;
  }
}
