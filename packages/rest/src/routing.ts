/** Turns declared routes into Fastify routes: builds the `Call`, sends what the handler answers. */
import type { Kernel } from '@procos/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  Answer,
  type Call,
  type Declare,
  type FaultLog,
  type Handler,
  type JsonObject,
  Raw,
  TAKEN_OVER,
} from './call.ts';
import { idempotencyKey, KeyedEngine } from './idempotency.ts';
import { isObject, JsonRefusal } from './safe-json.ts';

/** What every route of the server shares. */
export interface RouteContext {
  readonly kernel: Kernel;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
  readonly log: FaultLog;
  /** What a failure is answered by, in the words of the face that was asked. */
  readonly answerOf: (error: unknown, request: FastifyRequest) => FailureAnswer;
}

export interface FailureAnswer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Nobody expected the failure. */
  readonly unknown?: true;
}

/** Gives the function by which a face declares its routes on this (possibly prefixed) instance. */
export function declareOn(app: FastifyInstance, context: RouteContext): Declare {
  return (method, path, action, handler, about) => {
    const config = { action, ...(about === undefined ? {} : { about }) };
    app.route({
      method,
      url: path,
      config: method === 'OPTIONS' ? { ...config, cors: AFTER_PREFLIGHT } : config,
      handler: async (request, reply) => {
        if (isPreflight(request)) return reply.code(204).send();
        return send(reply, await answerTo(request, reply, context, { action, handler }));
      },
    });
  };
}

/** Routes that only look, and those whose bodies have passwords, of which nothing may be kept, no hash either. */
const KEEPS_NOTHING = /^(?:identity|session)\.|\.read$/;

/** By which faces say how things are; what is wrong with the request itself is so whenever it comes. Camunda 7 says some of it with 500. */
const KEPT_REFUSALS = new Set([404, 409, 500]);

/** A request with a key that is refused before a command is made of it is refused in the same words when it comes again, whatever is there by then. */
async function answerTo(
  request: FastifyRequest,
  reply: FastifyReply,
  context: RouteContext,
  { action, handler }: { readonly action: string; readonly handler: Handler },
): Promise<unknown> {
  const { call, keyed } = callOf(request, reply, context);
  // What the body of a form is, is not known before it is read.
  if (keyed === undefined || request.isMultipart() || KEEPS_NOTHING.test(action)) return handler(call);
  if (call.repeated) keyed.refuseAgain(call.by);
  try {
    return await handler(call);
  } catch (error) {
    const { status, body, unknown } = context.answerOf(error, request);
    if (unknown || !KEPT_REFUSALS.has(status) || reply.sent) throw error;
    await keyed.refuse({ status, body: JSON.parse(JSON.stringify(body)) }, call.by);
    return handler(callOf(request, reply, context).call);
  }
}

/** A browser that asks whether a page may send something does so by the same method: it gets its headers and no more. */
const AFTER_PREFLIGHT = { preflightContinue: true, strictPreflight: false } as const;

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function callOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { kernel, closing, log }: RouteContext,
): { readonly call: Call; readonly keyed: KeyedEngine | undefined } {
  const key = idempotencyKey(request);
  // What the models of instances hide from who asks is hidden here, for every face.
  const engine = kernel.identity.engineFor(request.subject);
  const keyed = key === undefined ? undefined : new KeyedEngine(engine, request, key);
  const isForm = request.isMultipart();
  const call: Call = {
    kernel,
    engine: keyed ?? engine,
    engineFor: (item) => keyed?.ofItem(String(item)) ?? engine,
    repeated: keyed?.isRepeated(request.subject) ?? false,
    kept: () => keyed?.keptReply(request.subject),
    keep: (reply) => keyed?.keepReply(reply, request.subject),
    changeId: () => keyed?.changeId(request.subject) ?? engine.lastSequence,
    by: request.subject,
    params: request.params as Record<string, string>,
    query: request.query as Record<string, string | string[]>,
    body: isForm ? EMPTY : bodyOf(request),
    request,
    reply,
    closing,
    log,
  };
  // Not as an accessor of every call: to make one takes longer than all the rest of this.
  return { call: isForm ? Object.defineProperty(call, 'body', { get: refuseForm }) : call, keyed };
}

const EMPTY: JsonObject = Object.create(null);

/** A form where a handler asks for JSON: with nothing read of it, something else would be done than was asked. */
class FormNotTaken extends Error {
  readonly statusCode = 415;
  constructor() {
    super('This takes no form: send application/json');
    this.name = 'FormNotTaken';
  }
}

function refuseForm(): never {
  throw new FormNotTaken();
}

function bodyOf(request: FastifyRequest): JsonObject {
  const body = request.body as never;
  if (body === undefined || body === null) return EMPTY;
  if (!isObject(body)) throw new JsonRefusal('The body of the request must be a JSON object');
  return body;
}

function send(reply: FastifyReply, answer: unknown): FastifyReply {
  if (answer === TAKEN_OVER) return reply;
  if (answer === undefined) return reply.code(204).send();
  if (answer instanceof Raw) return reply.headers(answer.headers).type(answer.contentType).send(answer.content);
  if (answer instanceof Answer) return sendJson(reply.code(answer.status), answer.content);
  return sendJson(reply, answer);
}

/** JSON with exactly `application/json` and no charset: a published client compares the header with `===`. */
export function sendJson(reply: FastifyReply, content: unknown, type = 'application/json'): FastifyReply {
  const text = JSON.stringify(content);
  reply.server.unread.note(reply.raw, text.length);
  return reply.header('content-type', type).serializer(asItIs).send(text);
}

/** Text that Fastify is given otherwise gets a charset; bytes are not written in one piece with the head. */
function asItIs(text: unknown): string {
  return String(text);
}
