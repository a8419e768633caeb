/** `/api/session`: a person logs in with a browser, sees who he is, and logs out; `/api/who`: who works with the system. */
import type { Proved, Usage } from '@procos/kernel';
import type { SessionReply, UsageList } from '@procos/protocol';
import { proved, SESSION_COOKIE, sessionOf } from '../authentication.ts';
import type { Call } from '../call.ts';
import { ApiRefusal } from './errors.ts';
import { instant } from './instants.ts';
import { requiredText } from './parameters.ts';

export async function logIn({ kernel, body, request, reply }: Call): Promise<SessionReply> {
  const { access } = kernel.identity;
  if (access.authentication === 'none')
    throw new ApiRefusal(
      409,
      'INVALID_STATE',
      'This system runs without authentication: there is nothing to log in to.',
    );
  const [name, password] = [requiredText(body, 'name'), requiredText(body, 'password')];
  const found = proved(await access.password(name, password, request.socket.remoteAddress ?? ''));
  const { secret, until } = access.openSession(found);
  const seconds = Math.floor((until - Date.now()) / 1_000);
  reply.header('set-cookie', cookie(secret, seconds, request.headers['x-forwarded-proto'] === 'https'));
  return described(kernel.identity.access.authentication, found);
}

export function whoAmI({ kernel, request }: Call): SessionReply {
  return described(kernel.identity.access.authentication, request.proved);
}

export function logOut({ kernel, request, reply }: Call): undefined {
  const secret = sessionOf(request);
  if (secret !== undefined) kernel.identity.access.endSession(secret);
  reply.header('set-cookie', cookie('', 0, false));
  return undefined;
}

export function who({ kernel }: Call): UsageList {
  return { usages: kernel.identity.access.usage().map(usageRow) };
}

function usageRow({ subject, since, lastAt, ...usage }: Usage): UsageList['usages'][number] {
  return { ...usage, subject: `${subject.kind}:${subject.id}`, since: instant(since), lastAt: instant(lastAt) };
}

function described(authentication: SessionReply['authentication'], found: Proved | null): SessionReply {
  if (found === null) return { authentication, user: null };
  const { id, roles, groups, permissions } = found.caller;
  return { authentication, user: { name: id, roles, groups, permissions: [...permissions] } };
}

function cookie(secret: string, seconds: number, secure: boolean): string {
  const parts = [`${SESSION_COOKIE}=${secret}`, 'Path=/', `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict'];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}
