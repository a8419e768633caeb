/** Which pages may talk to the server: of one that trusts its own machine loopback pages under loopback names only, else its own; desktop programs may. */
import type { Authentication } from '@procos/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopbackAddress } from './loopback.ts';

/** The request is refused before it is read; `message` says what to change. */
export class BadRequest extends Error {
  readonly status: 400 | 403 | 408 | 413 | 415 | 417 | 431 | 501 | 505;
  constructor(status: BadRequest['status'], message: string) {
    super(message);
    this.name = 'BadRequest';
    this.status = status;
  }
}

/** `http://localhost:5173` and the like. */
function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && isLoopbackName(url.hostname);
}

/**
 * What a desktop program with pages of its own says, Camunda Modeler among them. A page from the network cannot say it, and
 * neither can a file that a browser has opened: that is `null`.
 */
const DESKTOP_PROGRAM = 'file://';

/** Pages that may have the answers shown to their scripts, and that may send where nobody proves who he is. */
export function isLocalOrigin(origin: string): boolean {
  return origin === DESKTOP_PROGRAM || isLoopbackOrigin(origin);
}

function isLoopbackName(name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare.endsWith('.localhost') || isLoopbackAddress(bare);
}

/**
 * On a loopback connection the Host must be a loopback name (DNS rebinding), and a web page from elsewhere may not send
 * anything (multipart needs no CORS preflight). With authentication the name does not matter, since a browser has no cookie
 * for a foreign one, and only the server's own pages may send, and desktop programs, whose requests prove who asks without one.
 */
export function checkOrigin(app: FastifyInstance, authentication: Authentication): void {
  const trusting = authentication === 'none';
  // Clients name the same host with every request, and reading it takes longer than all the rest of this.
  let known = { host: '', isLoopback: false };
  const isLoopbackHost = (host: string): boolean => {
    if (host !== known.host) known = { host, isLoopback: isLoopbackName(URL.parse(`http://${host}`)?.hostname ?? '') };
    return known.isLoopback;
  };
  app.addHook('onRequest', (request, _reply, done) => {
    const { host = '' } = request.headers;
    if (trusting && isLoopbackAddress(request.socket.remoteAddress ?? '') && !isLoopbackHost(host)) {
      throw new BadRequest(403, `Host "${request.host}" is not a loopback name: use 127.0.0.1 or localhost.`);
    }
    const origin = request.headers.origin;
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (origin !== undefined && !reads && !maySend(request, origin, trusting)) {
      const who = trusting ? 'of this machine' : 'of this server';
      throw new BadRequest(403, `Origin "${origin}" may not send requests here: only pages ${who} may.`);
    }
    done();
  });
}

function maySend(request: FastifyRequest, origin: string, trusting: boolean): boolean {
  if (trusting) return isLocalOrigin(origin);
  return origin === DESKTOP_PROGRAM || isSameOrigin(request, origin);
}

/** The page comes from the host that it asks; a proxy before the server may have ended its TLS. */
export function isSameOrigin(request: FastifyRequest, origin: string): boolean {
  const host = request.headers.host;
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}
