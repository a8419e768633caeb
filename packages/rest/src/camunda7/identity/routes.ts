/** `/identity`: whom somebody works with, whether a password is right, and what a password must be like. */
import { PASSWORD_LENGTH } from '@procos/kernel';
import { proved, Unauthenticated } from '../../authentication.ts';
import type { Call, Declare } from '../../call.ts';
import { optionalText } from '../body.ts';
import { invalid } from '../errors.ts';
import { displayNameOf, groupOf, profileOf } from './names.ts';
import { maySee } from './sight.ts';

export function identityRoutes(route: Declare): void {
  route('GET', '/identity/groups', 'identity.own', groups);
  route('POST', '/identity/verify', 'identity.own', verify);
  route('GET', '/identity/password-policy', 'identity.own', () => ({ rules: [RULE] }));
  route('POST', '/identity/password-policy', 'identity.own', ({ body }) => {
    const { length } = optionalText(body, 'password') ?? '';
    const valid = length >= PASSWORD_LENGTH.least && length <= PASSWORD_LENGTH.most;
    return { rules: [{ ...RULE, valid }], valid };
  });
}

const RULE = { placeholder: 'PASSWORD_POLICY_LENGTH', parameter: { minLength: String(PASSWORD_LENGTH.least) } };

/** The groups of a user, and who else is in them. */
function groups(call: Call): unknown {
  const { kernel, query } = call;
  const userId = query['userId'];
  if (typeof userId !== 'string' || userId === '') throw invalid('No user id was supplied');
  const { directory } = kernel.identity;
  const names = maySee(call, userId) ? (directory.user(userId)?.groups ?? []) : [];
  const others = directory
    .list('user')
    .filter((user) => user.name !== userId && user.groups.some((name) => names.includes(name)));
  return {
    groups: directory
      .list('group')
      .filter(({ name }) => names.includes(name))
      .map((group) => ({ id: group.name, name: groupOf(group).name })),
    groupUsers: others.map((user) => {
      const { id, firstName, lastName } = profileOf(user);
      return { id, firstName, lastName, displayName: displayNameOf(user) };
    }),
  };
}

async function verify({ kernel, body, request }: Call): Promise<unknown> {
  const [name, password] = [optionalText(body, 'username'), optionalText(body, 'password')];
  if (name === undefined || password === undefined) throw invalid('Username and password are required');
  const found = await kernel.identity.access.password(name, password, request.socket.remoteAddress ?? '');
  const authenticated = isRight(() => proved(found));
  return { authenticatedUser: name, authenticated, tenants: null, groups: null };
}

/** Too many guesses are no answer. */
function isRight(prove: () => unknown): boolean {
  try {
    prove();
    return true;
  } catch (error) {
    if (error instanceof Unauthenticated) return false;
    throw error;
  }
}
