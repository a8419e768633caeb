/** The one gate of every route: who asks, and may they. */
import type { Kernel, Subject } from '@procos/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isObject } from './safe-json.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route does, as the gate knows it: `<subject>.<verb>`. */
    action?: string;
  }
  interface FastifyRequest {
    subject: Subject;
  }
}

/** The gate said no; each face words it in its own shape (403). */
export class Forbidden extends Error {
  readonly subject: Subject;
  readonly action: string;
  constructor(subject: Subject, action: string, reason: string) {
    super(reason);
    this.name = 'Forbidden';
    this.subject = subject;
    this.action = action;
  }
}

/** What somebody may call themselves without proof. */
const USER_NAME = /^[\w.@+-]{1,64}$/;

/**
 * From whom the request comes: without authentication everybody is anonymous, whatever name the header `x-procos-user` gives
 * for the audit; a worker says its id.
 */
export function subjectOf(request: FastifyRequest): Subject {
  const body = request.body;
  if (isObject(body as never)) {
    const workerId = (body as Record<string, unknown>)['workerId'];
    if (typeof workerId === 'string' && workerId !== '') return { kind: 'worker', id: workerId };
  }
  const name = request.headers['x-procos-user'];
  return { kind: 'anonymous', id: typeof name === 'string' && USER_NAME.test(name) ? name : 'anonymous' };
}

/** Refuses to register a route without an action, and asks the kernel's gate before every handler. */
export function guard(app: FastifyInstance, kernel: Kernel): void {
  app.decorateRequest('subject');
  app.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS' && route.url === '*') route.config = { ...route.config, action: 'http.preflight' };
    if (!route.config?.action) {
      throw new Error(`route ${String(route.method)} ${route.url} names no action: every route passes the gate`);
    }
  });
  app.addHook('preHandler', (request, _reply, done) => {
    request.subject = subjectOf(request);
    if (request.is404) return done();
    const action = request.routeOptions.config.action;
    if (!action) throw new Error(`route ${request.url} names no action`);
    permit(kernel, request, action);
    done();
  });
}

/** Throws `Forbidden` where the subject of the request may not do that. */
export function permit(kernel: Kernel, request: FastifyRequest, action: string): void {
  const resource = { ...(request.params as Record<string, string>), connection: connectionOf(request) };
  const decision = kernel.gate.decide({ subject: request.subject, action, resource });
  if (!decision.allowed) throw new Forbidden(request.subject, action, decision.reason);
}

function connectionOf(request: FastifyRequest): 'loopback' | 'remote' {
  return isLoopbackAddress(request.socket.remoteAddress ?? '') ? 'loopback' : 'remote';
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}
