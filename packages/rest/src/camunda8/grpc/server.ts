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
import type { Kernel } from '@procos/kernel';
import type { Admission } from '../../admission.ts';
import type { FaultLog, JsonObject } from '../../call.ts';
import { permitAsker } from '../../gate.ts';
import { Problem } from '../errors.ts';
import type { Entry, GatewayCall, Send, Streaming, Unary } from './call.ts';
import { CALLS } from './calls.ts';
import { gatewayDefinition } from './definition.ts';
import { Entrance } from './entrance.ts';
import { statusOf } from './status.ts';

export interface GatewayOptions {
  readonly kernel: Kernel;
  readonly admission: Admission;
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
  const { kernel, admission, closing, bodyLimit: mostBytes, messageMs } = options;
  const actions = new Map(Object.entries(CALLS).map(([name, { action }]) => [name, action]));
  const entrance = new Entrance({ kernel, admission, actions, closing, mostBytes, messageMs });
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
  const shapeOf = (request: Request): GatewayCall => callOf(request, entrance, options);
  if ('unary' in entry) return unaryHandler(entry.unary, shapeOf, fail);
  return streamHandler(entry.stream, shapeOf, fail);
}

type Shape = (request: Request) => GatewayCall;
type Fail = (error: unknown) => ReturnType<typeof statusOf>;

function unaryHandler(unary: Unary, shapeOf: Shape, fail: Fail): handleUnaryCall<JsonObject, object> {
  return (request, answer) => {
    run(async () => unary(shapeOf(request))).then(
      (message) => answer(null, message),
      (error: unknown) => answer(fail(error)),
    );
  };
}

function streamHandler(stream: Streaming, shapeOf: Shape, fail: Fail): handleServerStreamingCall<JsonObject, object> {
  return (request) => {
    // It is told by `over`; an error event without a listener would end the process.
    request.on('error', () => {});
    run(async () => stream(shapeOf(request), senderOf(request))).then(
      () => request.end(),
      (error: unknown) => request.emit('error', fail(error)),
    );
  };
}

/** A handler that throws at once fails as any other. */
async function run<T>(work: () => Promise<T>): Promise<T> {
  return work();
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

function callOf(request: Request, entrance: Entrance, { kernel, closing, log }: GatewayOptions): GatewayCall {
  const { asker, local, stepAside } = entrance.visitOf(request.metadata);
  const deadline = request.getDeadline();
  let over: AbortSignal | undefined;
  return {
    kernel,
    engine: kernel.engine,
    repeated: false,
    by: asker.subject,
    message: request.request,
    local,
    deadlineAt: deadline instanceof Date ? deadline.getTime() : deadline,
    // Made for who waits: most calls do not.
    get over() {
      over ??= AbortSignal.any([closing, goneSignal(request)]);
      return over;
    },
    log,
    permit: (action) => permitAsker(kernel, asker, action),
    stepAside,
  };
}

function goneSignal(request: Request): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort('the client has gone');
  if (request.cancelled) abort();
  else request.once('cancelled', abort);
  return gone.signal;
}
