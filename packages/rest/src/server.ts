/** The HTTP server: the faces and the console behind one gate, with one way to fail. */
import { isUtf8 } from 'node:buffer';
import cors from '@fastify/cors';
import multipart from '@fastify/multipart';
import type { Json, Kernel } from '@procos/kernel';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, type RouteOptions } from 'fastify';
import { Admission, type AdmissionOptions } from './admission.ts';
import type { FaultLog } from './call.ts';
import { errorReply as camundaError } from './camunda7/errors.ts';
import { camundaRootRoutes, camundaRoutes, unknownPath } from './camunda7/face.ts';
import { PREFIX as CAMUNDA_PREFIX, isCamunda, withoutEngineName } from './camunda7/prefixes.ts';
import { errorReply as camunda8Error, PROBLEM_TYPE } from './camunda8/errors.ts';
import { camunda8Routes, unknownPath as unknownCamunda8Path } from './camunda8/face.ts';
import { PREFIX as CAMUNDA8_PREFIX, isCamunda8 } from './camunda8/prefix.ts';
import { consoleRoutes } from './console.ts';
import { createDoor } from './door.ts';
import { guard } from './gate.ts';
import { healthRoutes } from './health.ts';
import { maxHeaderSize } from './http.ts';
import { malformedAnswers, refuseMalformed } from './http-form.ts';
import { digestOf, idempotencyKey, KeptRefusal } from './idempotency.ts';
import { FORM_OPTIONS } from './multipart.ts';
import { closeWithoutWaiting } from './open-responses.ts';
import { checkOrigin, isLocalOrigin } from './origin.ts';
import { ApiDescription } from './own/api/document.ts';
import { ApiRefusal, errorReply as ownError } from './own/errors.ts';
import { ownRoutes } from './own/face.ts';
import { procRoutes } from './own/proc.ts';
import { valueRoutes } from './own/values.ts';
import { type PaceOptions, RefusalPace } from './refusal-pace.ts';
import { declareOn, type FailureAnswer, sendJson } from './routing.ts';
import { JsonRefusal, parseJson } from './safe-json.ts';
import { secureAnswers } from './security-headers.ts';
import { UnreadAnswers } from './unread-answers.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** One for all that comes in, over whatever protocol. */
    admission: Admission;
    /** One for all that is refused. */
    pace: RefusalPace;
    /** One for all that is answered. */
    unread: UnreadAnswers;
  }
}

export interface ServerOptions {
  /** Folder of the built console; absent: a page says how to build it. */
  readonly consoleDirectory?: string;
  /** Largest body and largest file of a form, bytes; default 4 MiB. */
  readonly bodyLimit?: number;
  /** When requests are refused for want of time or room; default: see there. */
  readonly admission?: AdmissionOptions;
  /** How much of the time refusals may take; default: see there. */
  readonly pace?: PaceOptions;
  /** Bytes of large answers that their clients have not taken; default 256 MiB. */
  readonly unreadBytes?: number;
  /** Where unexpected failures are logged, e.g. the kernel's log; default: nowhere. */
  readonly logger?: FaultLog;
  /** Called for every route as it is registered. */
  readonly onRoute?: (route: RouteOptions) => void;
}

const BODY_LIMIT = 4 * 1024 * 1024;

/** Builds the server; it does not listen yet. `close()` ends streams and long polls first. */
export async function createServer(kernel: Kernel, options: ServerOptions = {}): Promise<FastifyInstance> {
  const { bodyLimit = BODY_LIMIT, logger = SILENT, onRoute } = options;
  const fail = failureAnswers(logger, bodyLimit);
  const { engine } = kernel;
  const admission = new Admission({
    queued: () => engine.queued,
    keepUp: () => engine.keepUp(),
    unknownBytes: bodyLimit,
    ...options.admission,
  });
  const pace = new RefusalPace(options.pace);
  const app: FastifyInstance = fastify({
    logger: false,
    serverFactory: (inside) => createDoor(admission, pace, inside),
    bodyLimit,
    return503OnClosing: false,
    // No parameter is matched by an expression: how long one is the length of a head bounds.
    routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, maxParamLength: maxHeaderSize },
    rewriteUrl: ({ url = '' }) => withoutEngineName(url),
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: withoutSchemas, buildSerializer: withoutSchemas } },
    frameworkErrors: (error, request, reply) => fail(error, request, reply),
    clientErrorHandler: malformedAnswers((error, url) => ({ type: typeOf(url), body: answerOf(error, url).body })),
  });
  app.decorate('admission', admission);
  app.decorate('pace', pace);
  app.decorate('unread', new UnreadAnswers(options.unreadBytes));
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing.signal.aborted) reply.header('connection', 'close');
    done(null, payload);
  });
  closeWithoutWaiting(app, closing.signal);
  if (onRoute) app.addHook('onRoute', onRoute);
  const { authentication } = kernel.identity.access;
  refuseMalformed(app);
  checkOrigin(app, authentication);
  guard(app, kernel);
  readBodies(app);
  await app.register(cors, {
    origin: (origin, done) => done(null, authentication === 'none' && origin !== undefined && isLocalOrigin(origin)),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  });
  secureAnswers(app, { contentSecurityPolicy: CONTENT_POLICY, strictTransportSecurity: false });
  await app.register(multipart, FORM_OPTIONS);
  app.setErrorHandler(fail);
  app.setNotFoundHandler((request) => {
    if (isCamunda(request.url)) throw unknownPath(request.method, request.url);
    if (isCamunda8(request.url)) throw unknownCamunda8Path(request.method, request.url);
    throw new ApiRefusal(
      404,
      'NOT_FOUND',
      `There is nothing at ${request.method} ${request.url}. The console is at /, our own API at /api, Camunda 7's at /engine-rest, Camunda 8's at /v2.`,
    );
  });

  const context = { kernel, closing: closing.signal, log: logger, answerOf: answerTo };
  await app.register(async (face) => camundaRoutes(declareOn(face, context)), { prefix: CAMUNDA_PREFIX });
  camundaRootRoutes(declareOn(app, context));
  await app.register(async (face) => camunda8Routes(declareOn(face, context)), { prefix: CAMUNDA8_PREFIX });
  const description = new ApiDescription();
  const declareOwn = (face: FastifyInstance, prefix: string) => description.declareOn(declareOn(face, context), prefix);
  await app.register(async (face) => ownRoutes(declareOwn(face, '/api'), description), { prefix: '/api' });
  await app.register(async (face) => valueRoutes(face, declareOwn(face, '/api')), { prefix: '/api' });
  await app.register(async (face) => procRoutes(declareOwn(face, '/proc')), { prefix: '/proc' });
  healthRoutes(declareOn(app, context));
  await consoleRoutes(app, options.consoleDirectory);
  return app;
}

/** Scripts only from here; inline styles because the diagram and component libraries set them. */
const CONTENT_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
};

/** No route has a schema, so that a compiler for them need not be loaded: a third of the files of the libraries. */
function withoutSchemas(): never {
  throw new Error('Routes have no schemas here: handlers read what they are sent.');
}

/** JSON under our own limits; an empty body is no body, as clients send `application/json` without one. */
function readBodies(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.decorateRequest('bodyDigest', '');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    let read: Json;
    try {
      read = readBody(request, body);
    } catch (error) {
      done(error as Error);
      return;
    }
    done(null, read);
  });
}

function readBody(request: FastifyRequest, body: Buffer): Json {
  if (body.length === 0) return null;
  const text = textOf(body);
  if (idempotencyKey(request) !== undefined) request.bodyDigest = digestOf(text);
  return parseJson(text);
}

/** Bytes that are no UTF-8 would become other text than was sent. A mark of the byte order says nothing and is dropped. */
function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new JsonRefusal('The body of the request is not UTF-8');
  return body.toString('utf8', body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);
}

const SILENT: FaultLog = { error: () => {} };

/** The one place where a failure becomes an answer, in the shape of the face that was asked. */
function failureAnswers(log: FaultLog, bodyLimit: number) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    // Fastify would close the connection on a body that is too large, and the client might not see why.
    reply.removeHeader('connection');
    // Its own words name no number.
    if (isBodyTooLarge(error)) error.message = `The body is larger than ${bodyLimit} bytes`;
    const answer = answerTo(error, request);
    if (answer.unknown) {
      const { method, url } = request;
      const stack = error instanceof Error ? error.stack : undefined;
      log.error('rest_request_failed', `${method} ${url} failed: ${String(error)}`, { method, url, stack });
    }
    return sendJson(reply.code(answer.status).headers(answer.headers ?? {}), answer.body, typeOf(request.url));
  };
}

function isBodyTooLarge(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
}

function typeOf(url: string): string {
  return isCamunda8(url) ? PROBLEM_TYPE : 'application/json';
}

function answerTo(error: unknown, request: FastifyRequest): FailureAnswer {
  return answerOf(error, request.url, request.subject?.id);
}

function answerOf(error: unknown, url: string, userId?: string): FailureAnswer {
  if (error instanceof KeptRefusal) return { status: error.status, body: error.body as object };
  if (isCamunda8(url)) return camunda8Error(error, url);
  return isCamunda(url) ? camundaError(error, userId) : ownError(error);
}
