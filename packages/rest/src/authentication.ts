/** Who asks, by what a request brings: name and password (Basic), an access token (Bearer), or the cookie of a session. */
import type { Access, Denied, Proved } from '@procos/kernel';
import type { FastifyRequest } from 'fastify';
import { BadRequest, isSameOrigin } from './origin.ts';

/** Nobody has proved to be anybody, or not rightly (401). */
export class Unauthenticated extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Unauthenticated';
  }
}

/** Too many guesses, or too many passwords at the same time (429). */
export class TooManyGuesses extends Error {
  /** Whole seconds until it may be tried again. */
  readonly retryAfterS: number;
  constructor(ms: number) {
    const seconds = Math.max(1, Math.ceil(ms / 1_000));
    super(`Too many attempts to log in: try again in ${seconds} seconds.`);
    this.name = 'TooManyGuesses';
    this.retryAfterS = seconds;
  }
}

export const SESSION_COOKIE = 'procos_session';

/** undefined: the request brings nothing. Throws `Unauthenticated` or `TooManyGuesses` for what is wrong. */
export async function prove(request: FastifyRequest, access: Access): Promise<Proved | undefined> {
  const header = request.headers.authorization;
  // A published client of Camunda 8 that knows no name sends the header empty.
  if (header !== undefined && header !== '') return proveHeader(header, request.socket.remoteAddress ?? '', access);
  const secret = sessionOf(request);
  if (secret === undefined) return undefined;
  const found = access.session(secret);
  // An old cookie is none: the page then asks to log in.
  if ('denied' in found) return undefined;
  refuseForeignPages(request);
  return found;
}

export function proved(found: Proved | Denied): Proved {
  if (!('denied' in found)) return found;
  if (found.denied === 'wait') throw new TooManyGuesses(found.ms);
  throw new Unauthenticated(
    'Name and password, or the access token, are wrong, have run out, or belong to nobody active: log in again.',
  );
}

/** The same for the text of the header alone, from wherever it came. */
export async function proveHeader(header: string, remoteAddress: string, access: Access): Promise<Proved> {
  return proved(await byHeader(header, remoteAddress, access));
}

async function byHeader(header: string, remoteAddress: string, access: Access): Promise<Proved | Denied> {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)\s*$/i.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return access.token(value);
  if (scheme === '')
    throw new Unauthenticated(
      'The header Authorization must be "Basic …" (name and password) or "Bearer …" (an access token).',
    );
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0)
    throw new Unauthenticated('The header Authorization holds no name and password: base64 of "name:password".');
  return access.password(text.slice(0, colon), text.slice(colon + 1), remoteAddress);
}

export function sessionOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name === SESSION_COOKIE && value) return value;
  }
  return undefined;
}

/** The browser sends the cookie by itself: what changes something must come from a page of this very server. */
function refuseForeignPages(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined ? site === 'same-origin' : isSameOrigin(request, origin)) return;
  throw new BadRequest(403, 'A session can only be used by pages of this server: send an access token instead.');
}
