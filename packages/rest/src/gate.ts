/** The one gate of every route: who asks, and may they. */
import { ACTIONS, type Kernel, type Proved, type Subject } from '@procos/kernel';
import type { FastifyInstance, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { prove, Unauthenticated } from './authentication.ts';
import type { Call } from './call.ts';
import { isCamunda8 } from './camunda8/prefix.ts';
import { isLoopbackAddress } from './loopback.ts';
import { isObject } from './safe-json.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route does, as the gate knows it: `<subject>.<verb>`. */
    action?: string;
  }
  interface FastifyRequest {
    /** Who asks; with authentication a `Caller` who has proved it. */
    subject: Subject;
    /** null: nothing was proved. */
    proved: Proved | null;
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
 * From whom the request comes when nothing is proved: everybody is anonymous, whatever name the header `x-procos-user`
 * gives for the audit; a worker says its id.
 */
export function claimOf(request: FastifyRequest): Subject {
  const body = request.body;
  if (isObject(body as never)) {
    const { workerId: worker7, worker: worker8 } = body as Record<string, unknown>;
    const workerId = isCamunda8(request.url) ? worker8 : worker7;
    if (typeof workerId === 'string' && workerId !== '') return { kind: 'worker', id: workerId };
  }
  return claimedName(request.headers['x-procos-user']);
}

/** Anonymous, by the name that somebody claims where it can be one. */
export function claimedName(name: unknown): Subject {
  return { kind: 'anonymous', id: typeof name === 'string' && USER_NAME.test(name) ? name : 'anonymous' };
}

export const NOBODY: Subject = { kind: 'anonymous', id: 'anonymous' };

/**
 * Refuses to register a route without an action that the gate knows, and asks the kernel's gate before every handler: with
 * authentication before anything of the body is read.
 */
export function guard(app: FastifyInstance, kernel: Kernel): void {
  const { access } = kernel.identity;
  const trusting = access.authentication === 'none';
  app.decorateRequest('subject');
  app.decorateRequest('proved', null);
  app.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS' && route.url === '*') route.config = { ...route.config, action: 'http.preflight' };
    const action = route.config?.action;
    const about = `route ${String(route.method)} ${route.url}`;
    if (!action) throw new Error(`${about} names no action: every route passes the gate`);
    if (ACTIONS[action] === undefined)
      throw new Error(
        `${about} names the action ${action}, which needs no permission: give it one in the kernel's table of actions`,
      );
    // Each route knows its own: to ask a request for what its route was declared with makes an object of all that.
    if (trusting) route.preHandler = [admitTo(action, kernel), ...[route.preHandler ?? []].flat()];
  });
  if (trusting) {
    app.addHook('preHandler', (request, _reply, done) => {
      request.subject = claimOf(request);
      done();
    });
    return;
  }
  app.addHook('onRequest', async (request) => {
    const proved = await prove(request, access);
    request.proved = proved ?? null;
    request.subject = proved?.caller ?? NOBODY;
    if (request.is404) return;
    const { action } = request.routeOptions.config;
    if (!action) throw new Error(`route ${request.url} names no action`);
    admit(request, kernel, action);
  });
}

function admitTo(action: string, kernel: Kernel): preHandlerHookHandler {
  return (request, _reply, done) => {
    admit(request, kernel, action);
    done();
  };
}

function admit(request: FastifyRequest, kernel: Kernel, action: string): void {
  const { subject, proved } = request;
  permit(kernel, request, action);
  noteUse(kernel, { subject, proved, remoteAddress: request.socket.remoteAddress ?? '' }, action);
}

/** Throws `Forbidden` where the subject of the request may not do that, `Unauthenticated` where it has proved no name. */
export function permit(kernel: Kernel, request: FastifyRequest, action: string): void {
  const { subject, proved, socket } = request;
  const params = request.params as Record<string, string>;
  permitAsker(kernel, { subject, proved, remoteAddress: socket.remoteAddress ?? '' }, action, params);
}

/** Whether the subject of the request may do that. */
export function may({ kernel, request }: Pick<Call, 'kernel' | 'request'>, action: string): boolean {
  const { subject, socket } = request;
  const resource = { connection: connectionOf(socket.remoteAddress ?? '') };
  return kernel.gate.decide({ subject, action, resource }).allowed;
}

function connectionOf(remoteAddress: string): 'loopback' | 'remote' {
  return isLoopbackAddress(remoteAddress) ? 'loopback' : 'remote';
}

/** Who asks, however the question came in. */
export interface Asker {
  readonly subject: Subject;
  /** null: nothing was proved. */
  readonly proved: Proved | null;
  readonly remoteAddress: string;
}

/** The same as `permit` for what is no HTTP request. */
export function permitAsker(
  kernel: Kernel,
  { subject, proved, remoteAddress }: Asker,
  action: string,
  about: Readonly<Record<string, string>> = {},
): void {
  const resource = { ...about, connection: connectionOf(remoteAddress) };
  const decision = kernel.gate.decide({ subject, action, resource });
  if (decision.allowed) return;
  const { authentication } = kernel.identity.access;
  if (proved === null && authentication === 'required') throw new Unauthenticated(decision.reason);
  throw new Forbidden(subject, action, decision.reason);
}

/** For who wants to know who uses the system. */
export function noteUse(kernel: Kernel, { subject, proved, remoteAddress }: Asker, action: string): void {
  if (ACTIONS[action] === 'open') return;
  const { proof = 'claim', label = null } = proved ?? {};
  kernel.identity.access.note({ caller: subject, proof, label }, remoteAddress, action);
}
