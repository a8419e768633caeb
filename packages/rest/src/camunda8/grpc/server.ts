/** The gateway on connections that are given to it: gRPC's library with our calls behind the entrance. Loaded when somebody calls. */
import type { Socket } from 'node:net';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import type { Kernel, ProcessEngine } from '@procos/kernel';
import type { Admission } from '../../admission.ts';
import type { FaultLog, JsonObject } from '../../call.ts';
import { permitAsker } from '../../gate.ts';
import { beginWait, onUsersChanged, type Wait } from '../../gone.ts';
import { digestOf, KeyedEngine, keyOf } from '../../idempotency.ts';
import type { RefusalPace } from '../../refusal-pace.ts';
import { invalid, Problem } from '../errors.ts';
import type { Entry, GatewayCall, Send, Streaming, Unary } from './call.ts';
import { CALLS } from './calls.ts';
import { gatewayDefinition } from './definition.ts';
import { Entrance, text } from './entrance.ts';
import { CODES, statusOf } from './status.ts';

export interface GatewayOptions {
  readonly kernel: Kernel;
  readonly admission: Admission;
  readonly pace: RefusalPace;
  /** Largest message, bytes. */
  readonly bodyLimit: number;
  /** How long a message may take to arrive, ms. */
  readonly messageMs: number;
  readonly log: FaultLog;
  /** Aborts when the server closes: streams and long polls end then. */
  readonly closing: AbortSignal;
}

export interface Gateway {
  /** Takes over the connection, of which nothing has been read. */
  serve(connection: Socket): void;
  /** What is under way has so long, ms. */
  drain(graceMs: number): void;
}

/** Of a client that is still there something is heard so often, ms; a stream to one that is not would swallow jobs. */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 10_000 } as const;
/** A connection without a call is closed after so long, ms. */
const IDLE_MS = 1_800_000;
const CALLS_PER_CONNECTION = 1_024;

type Request = ServerUnaryCall<JsonObject, object> | ServerWritableStream<JsonObject, object>;

export function createGateway(options: GatewayOptions): Gateway {
  const { kernel, admission, pace, closing, bodyLimit: mostBytes, messageMs } = options;
  const actions = new Map(Object.entries(CALLS).map(([name, { action }]) => [name, action]));
  const entrance = new Entrance({ kernel, admission, pace, actions, closing, mostBytes, messageMs });
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': options.bodyLimit,
    'grpc.max_concurrent_streams': CALLS_PER_CONNECTION,
    'grpc.max_connection_idle_ms': IDLE_MS,
    ...KEEPALIVE,
    interceptors: [entrance.interceptor],
  });
  const handlers = Object.entries(CALLS).map(([name, entry]) => [name, handlerOf(name, entry, entrance, options)]);
  server.addService(gatewayDefinition(), Object.fromEntries(handlers) as Record<string, UntypedHandleCall>);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    serve: (connection) => injector.injectConnection(connection),
    drain: (graceMs) => injector.drain(graceMs),
  };
}

function handlerOf(name: string, entry: Entry, entrance: Entrance, options: GatewayOptions): UntypedHandleCall {
  const fail = (error: unknown) => {
    const { unknown, ...status } = statusOf(error);
    if (unknown) {
      const stack = error instanceof Error ? error.stack : undefined;
      options.log.error('grpc_request_failed', `${name} failed: ${String(error)}`, { call: name, stack });
    }
    return status;
  };
  const shapeOf: Shape = (request) => callOf(name, request, entrance, options);
  if ('unary' in entry) return unaryHandler(entry.unary, shapeOf, fail);
  return streamHandler(entry.stream, shapeOf, fail);
}

type Shape = (request: Request) => { readonly call: GatewayCall; readonly end: () => void };
type Fail = (error: unknown) => ReturnType<typeof statusOf>;

function unaryHandler(unary: Unary, shapeOf: Shape, fail: Fail): handleUnaryCall<JsonObject, object> {
  return (request, answer) => {
    run(request, shapeOf, (call) => answerTo(call, unary)).then(
      (message) => answer(null, message),
      (error: unknown) => answer(fail(error)),
    );
  };
}

function streamHandler(stream: Streaming, shapeOf: Shape, fail: Fail): handleServerStreamingCall<JsonObject, object> {
  return (request) => {
    // It is told by `over`; an error event without a listener would end the process.
    request.on('error', () => {});
    run(request, shapeOf, (call) => stream(call, senderOf(request))).then(
      () => request.end(),
      (error: unknown) => request.emit('error', fail(error)),
    );
  };
}

/** By which calls are told how things are. */
const KEPT_REFUSALS = new Set<number>([CODES.NOT_FOUND, CODES.ALREADY_EXISTS, CODES.FAILED_PRECONDITION]);

/** A call with a key that is refused before a command is made of it is refused in the same words when it comes again, whatever is there by then. */
async function answerTo(call: GatewayCall, unary: Unary): Promise<object> {
  const { keyed, by } = call;
  if (keyed === undefined) return unary(call);
  keyed.refuseAgain(by);
  try {
    return await unary(call);
  } catch (error) {
    const { code, details, unknown } = statusOf(error);
    if (unknown || !KEPT_REFUSALS.has(code)) throw error;
    await keyed.refuse({ status: code, body: details }, by);
    return unary(call);
  }
}

/** A handler that throws at once fails as any other. */
async function run<T>(request: Request, shapeOf: Shape, work: (call: GatewayCall) => T | Promise<T>): Promise<T> {
  const shaped = shapeOf(request);
  try {
    return await work(shaped.call);
  } finally {
    shaped.end();
  }
}

/** Waits until the connection has taken the message, which is when the client has room for it. */
function senderOf(request: ServerWritableStream<JsonObject, object>): Send {
  return (message) =>
    new Promise((resolve, reject) => {
      const gone = (): void => reject(new Problem('UNAVAILABLE', 'The client has gone.'));
      if (request.cancelled) {
        gone();
        return;
      }
      request.once('cancelled', gone);
      request.write(message, (error?: Error | null) => {
        request.off('cancelled', gone);
        if (error) reject(error);
        else resolve();
      });
    });
}

/** The engine with the key of a call that may be sent again; undefined: it has none, or changes nothing. */
function keyedEngine(name: string, { metadata, request: message }: Request, engine: ProcessEngine) {
  const header = text(metadata, 'idempotency-key');
  if (header === undefined || name === 'Topology') return undefined;
  // It would be given the same jobs over and over.
  if (name === 'StreamActivatedJobs') throw invalid('A stream of jobs cannot be sent again: leave idempotency-key out');
  return new KeyedEngine(
    engine,
    { method: 'POST', url: `/${name}`, bodyDigest: digestOf(JSON.stringify(message)) },
    keyOf(header),
  );
}

function callOf(
  name: string,
  request: Request,
  entrance: Entrance,
  { kernel, closing, log }: GatewayOptions,
): ReturnType<Shape> {
  const { asker, local, stepAside } = entrance.visitOf(request.metadata);
  const deadline = request.getDeadline();
  let wait: Wait | undefined;
  let forget: (() => void) | undefined;
  // What the models of instances hide from who asks is hidden here, as on every face.
  const engine = kernel.identity.engineFor(asker.subject);
  const keyed = keyedEngine(name, request, engine);
  const call: GatewayCall = {
    kernel,
    engine: keyed ?? engine,
    engineFor: (item) => keyed?.ofItem(String(item)) ?? engine,
    get repeated() {
      return keyed?.isRepeated(asker.subject) ?? false;
    },
    keyed,
    kept: () => keyed?.keptReply(asker.subject),
    keep: (reply) => keyed?.keepReply(reply, asker.subject),
    changeId: () => keyed?.changeId(asker.subject) ?? engine.lastSequence,
    by: asker.subject,
    message: request.request,
    local,
    deadlineAt: deadline instanceof Date ? deadline.getTime() : deadline,
    // Made for who waits: most calls do not. What hands out jobs does so to who may have them still.
    get over() {
      wait ??= waitOf(request, closing);
      if ('write' in request && asker.proved !== null) forget ??= onUsersChanged(kernel.engine, wait.abort);
      return wait.signal;
    },
    log,
    permit: (action) => permitAsker(kernel, asker, action),
    stepAside,
  };
  const end = (): void => {
    wait?.end();
    forget?.();
  };
  return { call, end };
}

function waitOf(request: Request, closing: AbortSignal): Wait {
  const wait = beginWait(closing);
  if (request.cancelled) wait.abort();
  else request.once('cancelled', wait.abort);
  return wait;
}
