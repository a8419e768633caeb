/**
 * Who may do what, as it is kept: users, groups, roles, access tokens, rules, approvals, and changes that wait for their
 * process. The engine keeps them and never reads one: the kernel judges by them. No secret is here, only hashes.
 */
import type { Json } from '@procos/bpmn';
import type { IdentityId, Subject } from '../records/ids.ts';

export interface User {
  readonly kind: 'user';
  /** What he calls himself to log in. */
  readonly name: string;
  readonly fullName: string | null;
  /** How the full name ends; absent: with its last word. */
  readonly lastName?: string;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly state: 'active' | 'disabled';
  /** scrypt, with its salt and parameters; null: only tokens. */
  readonly password: string | null;
  readonly createdAt: number;
}

export interface Group {
  readonly kind: 'group';
  readonly name: string;
  /** How it is shown; absent: by its name. */
  readonly title?: string;
  /** What kind of group it is, in the words of the application. */
  readonly type?: string;
  /** What its members have besides their own. */
  readonly roles: readonly string[];
}

export interface Role {
  readonly kind: 'role';
  readonly name: string;
  readonly permissions: readonly string[];
}

export interface AccessToken {
  readonly kind: 'token';
  /** SHA-256 of the token, hex: it has 256 random bits, which nobody guesses. */
  readonly name: string;
  /** What it is for, in the words of its user. */
  readonly label: string;
  readonly user: string;
  /** Only these of the roles of its user; null: all of them. */
  readonly roles: readonly string[] | null;
  readonly createdAt: number;
  /** null: for good. */
  readonly expiresAt: number | null;
}

/** A rule of the owner that holds while it is kept. */
export interface Rule {
  readonly kind: 'rule';
  readonly name: string;
  readonly setBy: string;
  readonly setAt: number;
}

/** A second person's word for one change; used up by it. */
export interface Approval {
  readonly kind: 'approval';
  /** SHA-256 of what may be done, hex. */
  readonly name: string;
  readonly requestedBy: string;
  readonly approvedBy: string;
  readonly approvedAt: number;
}

/** A change of identities that was handed in and waits for the process that carries it out. */
export interface IdentityRequest {
  readonly kind: 'request';
  /** SHA-256 of what is asked for and of who asks, hex. */
  readonly name: string;
  readonly by: Subject;
  /** What is asked for, in the words of the kernel. */
  readonly operations: Json;
  readonly handedInAt: number;
}

export type NewIdentity = User | Group | Role | AccessToken | Rule | Approval | IdentityRequest;
export type Identity = NewIdentity & { readonly id: IdentityId };
export type IdentityKind = Identity['kind'];
export type IdentityOf<K extends IdentityKind> = Extract<NewIdentity, { readonly kind: K }> & {
  readonly id: IdentityId;
};

/** `set`: new, or in the place of the one with this kind and name. */
export type IdentityChange =
  | { readonly set: Exclude<NewIdentity, IdentityRequest | Approval> }
  | { readonly remove: { readonly kind: IdentityKind; readonly name: string } };
