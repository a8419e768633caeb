/** `/api`: sessions, users, groups, roles, tokens, rules, and who works with the system. */

/** `POST /api/session` */
export interface LoginBody {
  readonly name: string;
  readonly password: string;
}
/** `GET /api/session`, and the answer to `POST /api/session` (body: name and password) */
export interface SessionReply {
  readonly authentication: 'none' | 'required';
  /** null: nobody has proved to be anybody. */
  readonly user: {
    readonly name: string;
    readonly roles: readonly string[];
    readonly groups: readonly string[];
    readonly permissions: readonly string[];
  } | null;
}

/** `GET /api/identities` */
export interface IdentityList {
  readonly users: readonly UserRow[];
  readonly groups: readonly { readonly name: string; readonly roles: readonly string[] }[];
  /** `fixed`: always there, and cannot be changed. */
  readonly roles: readonly {
    readonly name: string;
    readonly permissions: readonly string[];
    readonly fixed: boolean;
  }[];
  readonly rules: readonly { readonly name: string; readonly setBy: string; readonly setAt: string }[];
}
export interface UserRow {
  readonly name: string;
  readonly fullName: string | null;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly state: 'active' | 'disabled';
  readonly hasPassword: boolean;
  readonly createdAt: string;
}

/** `GET /api/tokens`: one's own; of everybody for who administers users. */
export interface TokenList {
  readonly tokens: readonly TokenRow[];
}
export interface TokenRow {
  /** How the hash of the token begins: enough to revoke it by. */
  readonly id: string;
  readonly label: string;
  readonly user: string;
  /** null: all roles of the user. */
  readonly roles: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

/**
 * `POST /api/identity-changes`: hands a change in, which `procos_system_user_management` carries out. Passwords come in
 * clear and are kept as hashes; the secret of a new token is in the answer and nowhere else.
 */
export interface IdentityChangeRequest {
  readonly operations: readonly IdentityOperationRequest[];
}
export type IdentityOperationRequest =
  | ({ readonly do: 'addUser'; readonly name: string; readonly password?: string } & UserFields)
  | ({ readonly do: 'changeUser'; readonly name: string } & UserFields)
  | { readonly do: 'setPassword'; readonly name: string; readonly password: string }
  | { readonly do: 'enableUser' | 'disableUser' | 'removeUser' | 'removeGroup' | 'removeRole'; readonly name: string }
  | { readonly do: 'setGroup'; readonly name: string; readonly roles: readonly string[] }
  | { readonly do: 'setRole'; readonly name: string; readonly permissions: readonly string[] }
  | {
      readonly do: 'createToken';
      readonly label: string;
      /** Default: who asks. */
      readonly user?: string;
      readonly roles?: readonly string[];
      /** Absent: it does not run out. */
      readonly days?: number;
    }
  | { readonly do: 'revokeToken'; readonly token: string }
  | { readonly do: 'setRule' | 'liftRule'; readonly name: string };
export interface UserFields {
  readonly fullName?: string;
  readonly email?: string;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
}
export interface IdentityChangeReply {
  /** Business key of the process that carries it out. */
  readonly businessKey: string;
  /** Of new tokens, in the order of the operations. */
  readonly secrets: readonly string[];
}

/** `GET /api/who`: who has worked with the system since it was started, the latest first. */
export interface UsageList {
  readonly usages: readonly UsageRow[];
}
export interface UsageRow {
  /** E.g. `user:ada`. */
  readonly subject: string;
  /** `claim`: nobody has proved the name. `kernel`: the token of the built-in workers. */
  readonly proof: 'password' | 'token' | 'session' | 'kernel' | 'claim';
  /** Label of the token. */
  readonly label: string | null;
  readonly address: string;
  readonly since: string;
  readonly lastAt: string;
  /** What was asked last, as the gate calls it. */
  readonly action: string;
  readonly requests: number;
}
