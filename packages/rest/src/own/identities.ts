/** `/api/identities`, `/api/tokens`, `/api/identity-changes`: who there is, and changes that a process of the system carries out. */
import {
  businessKeyOf,
  hashOf,
  hashPassword,
  type IdentityOperation,
  newSecret,
  PASSWORD_LENGTH,
  Refused,
  ROLES,
} from '@procos/kernel';
import type { IdentityChangeReply, IdentityList, TokenList } from '@procos/protocol';
import { Answer, type Call, type JsonObject } from '../call.ts';
import { Forbidden } from '../gate.ts';
import { isObject } from '../safe-json.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { instant, optionalInstant } from './instants.ts';
import { optionalText, optionalWhole, requiredText, wrong } from './parameters.ts';

/** Hex digits of a token's hash by which people name it. */
const TOKEN_ID = 12;
const DAY_MS = 86_400_000;
/** Operations of one request. */
const MOST = 100;

export function listIdentities({ kernel }: Call): IdentityList {
  const { directory } = kernel.identity;
  const fixed = Object.keys(ROLES).map((name) => ({ name, permissions: ROLES[name] ?? [], fixed: true }));
  const own = directory.list('role').map(({ name, permissions }) => ({ name, permissions, fixed: false }));
  return {
    users: directory.list('user').map(({ name, fullName, email, groups, roles, state, password, createdAt }) => ({
      name,
      fullName,
      email,
      groups,
      roles,
      state,
      hasPassword: password !== null,
      createdAt: instant(createdAt),
    })),
    groups: directory.list('group').map(({ name, roles }) => ({ name, roles })),
    roles: [...fixed, ...own],
    rules: directory.list('rule').map(({ name, setBy, setAt }) => ({ name, setBy, setAt: instant(setAt) })),
  };
}

export function listTokens(call: Call): TokenList {
  const all = administers(call);
  const tokens = call.kernel.identity.directory.list('token').filter(({ user }) => all || user === call.by.id);
  return {
    tokens: tokens.map(({ name, label, user, roles, createdAt, expiresAt }) => ({
      id: name.slice(0, TOKEN_ID),
      label,
      user,
      roles,
      createdAt: instant(createdAt),
      expiresAt: optionalInstant(expiresAt),
    })),
  };
}

/** Without the idempotency of other requests: a kept answer would hold a hash of the password, and no secret of a token. */
export async function changeIdentities(call: Call): Promise<Answer> {
  const { operations } = call.body;
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > MOST || !operations.every(isObject))
    throw wrong(`Member operations must be a list of 1 to ${MOST} objects.`);
  const secrets: string[] = [];
  const read: IdentityOperation[] = [];
  for (const operation of operations as readonly JsonObject[]) read.push(await operationOf(call, operation, secrets));
  try {
    const outcome = await call.kernel.identity.requests.handIn(read, call.by);
    if (!outcome.ok) throw rejected(outcome.rejection);
    const reply: IdentityChangeReply = { businessKey: businessKeyOf(outcome.value.request), secrets };
    return new Answer(202, reply);
  } catch (error) {
    if (error instanceof Refused) throw new ApiRefusal(409, 'REFUSED', error.message);
    throw error;
  }
}

async function operationOf(call: Call, body: JsonObject, secrets: string[]): Promise<IdentityOperation> {
  const what = requiredText(body, 'do');
  switch (what) {
    case 'addUser': {
      const password = optionalText(body, 'password');
      return {
        do: what,
        name: requiredText(body, 'name'),
        fullName: optionalText(body, 'fullName') ?? null,
        email: optionalText(body, 'email') ?? null,
        roles: names(body, 'roles') ?? [],
        groups: names(body, 'groups') ?? [],
        password: password === undefined ? null : await hashed(password),
      };
    }
    case 'changeUser': {
      const [fullName, email] = [optionalText(body, 'fullName'), optionalText(body, 'email')];
      const [roles, groups] = [names(body, 'roles'), names(body, 'groups')];
      return {
        do: what,
        name: requiredText(body, 'name'),
        ...(fullName === undefined ? {} : { fullName: fullName || null }),
        ...(email === undefined ? {} : { email: email || null }),
        ...(roles === undefined ? {} : { roles }),
        ...(groups === undefined ? {} : { groups }),
      };
    }
    case 'setPassword': {
      const name = requiredText(body, 'name');
      if (!administers(call) && call.request.proved?.proof === 'token')
        throw new Forbidden(
          call.by,
          'identity.request',
          'A token cannot change the password of its user: log in with the password itself.',
        );
      return { do: what, name, password: await hashed(requiredText(body, 'password')) };
    }
    case 'setGroup':
      return { do: what, name: requiredText(body, 'name'), roles: names(body, 'roles') ?? [] };
    case 'setRole':
      return { do: what, name: requiredText(body, 'name'), permissions: names(body, 'permissions') ?? [] };
    case 'createToken': {
      const secret = newSecret();
      secrets.push(secret);
      const days = optionalWhole(body, 'days');
      return {
        do: what,
        user: optionalText(body, 'user') ?? call.by.id,
        label: requiredText(body, 'label').slice(0, 100),
        hash: hashOf(secret),
        roles: narrowed(call, names(body, 'roles')),
        expiresAt: days === undefined ? null : call.engine.now() + days * DAY_MS,
      };
    }
    case 'revokeToken':
      return { do: what, token: requiredText(body, 'token') };
    case 'enableUser':
    case 'disableUser':
    case 'removeUser':
    case 'removeGroup':
    case 'removeRole':
    case 'setRule':
    case 'liftRule':
      return { do: what, name: requiredText(body, 'name') };
    default:
      throw wrong(`Member do is "${what}", which is no operation on users (docs/users.md lists them).`);
  }
}

/** A token that was made with a token has no more rights than that one. */
function narrowed({ kernel, by, request }: Call, roles: readonly string[] | undefined): readonly string[] | null {
  const { proved } = request;
  const full = kernel.identity.directory.callerOf(by.id);
  const isNarrow = proved?.proof === 'token' && proved.caller.roles.length < (full?.roles.length ?? 0);
  if (!isNarrow) return roles ?? null;
  const missing = roles?.find((role) => !proved.caller.roles.includes(role));
  if (missing !== undefined)
    throw new Forbidden(
      by,
      'identity.request',
      `The token that asks has no role ${missing}, so that it can give none.`,
    );
  return roles ?? proved.caller.roles;
}

function administers({ kernel, by }: Call): boolean {
  return kernel.gate.decide({ subject: by, action: 'identity.change' }).allowed;
}

async function hashed(password: string): Promise<string> {
  const { least, most } = PASSWORD_LENGTH;
  if (password.length < least || password.length > most)
    throw wrong(`The password must have ${least} to ${most} characters.`);
  return hashPassword(password);
}

function names(body: JsonObject, member: string): readonly string[] | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string'))
    throw wrong(`Member ${member} must be a list of names.`);
  return [...new Set(value as readonly string[])];
}
