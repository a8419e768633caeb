/** The HTTP server before the faces: asks at the door for every request, and refuses with a prepared answer. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Admission, Ticket } from './admission.ts';
import { Arrivals } from './arrivals.ts';
import { isCamunda } from './camunda7/prefixes.ts';
import { PROBLEM_TYPE, problemBody } from './camunda8/errors.ts';
import { isCamunda8 } from './camunda8/prefix.ts';
import { createServer } from './http.ts';
import { noteExchange, useOriginForm } from './http-form.ts';
import type { RefusalPace } from './refusal-pace.ts';

/** Sockets at most; one more is closed unanswered. */
const MOST_CONNECTIONS = 8_192;
/** Of a body that nobody wants so much is taken, and so long, before the connection is cut: the client is to see why. */
const MOST_DISCARDED = 2 ** 22;
const DISCARD_MS = 5_000;
const LOOK_MS = 50;
const SMALL_BODY = 65_536;
const KEEP_ALIVE_MS = 72_000;
/** Clients come back at different times, s. */
const RETRY_AFTER = { least: 1, spread: 3 } as const;

const TICKET = Symbol('ticket');

/** On the message itself: a map of all that are under way takes more of the time of a request than looking there. */
interface Admitted extends IncomingMessage {
  [TICKET]?: Ticket;
}

export function createDoor(admission: Admission, pace: RefusalPace, inside: RequestListener): Server {
  const arrivals = new Arrivals();
  const enter = (request: IncomingMessage, response: ServerResponse, welcome: () => void): void => {
    useOriginForm(request);
    const exchange = noteExchange(request, response);
    // Whoever reads a body and breaks off takes the socket from the request.
    const { socket } = request;
    if (isLarge(request)) response.once('finish', () => discardRest(request, socket));
    const ticket = admission.enter(request);
    if (typeof ticket === 'number') {
      refuse(request, response, ticket, pace);
      return;
    }
    (request as Admitted)[TICKET] = ticket;
    exchange.whenOver = ticket;
    if (hasBody(request)) arrivals.watch(request, response, ticket, () => giveUp(response, request, pace));
    welcome();
  };
  const ordinary: RequestListener = (request, response) => enter(request, response, () => inside(request, response));
  // What Node would answer to these itself has no body: they are refused inside.
  const server = createServer({ requireHostHeader: false }, ordinary);
  server.on('checkExpectation', ordinary);
  // Who asks before sending the body is told before sending it.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    enter(request, response, () => {
      response.writeContinue();
      inside(request, response);
    }),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

/** The request waits for something else than the server from now on. */
export function stepAside(request: IncomingMessage): void {
  (request as Admitted)[TICKET]?.stepAside();
}

/**
 * The answer is out and the body is not in. It is read on and thrown away, however much it is; closing at once would reset
 * the connection under the answer.
 */
function discardRest(request: IncomingMessage, socket: Socket): void {
  if (request.complete || socket.destroyed) return;
  request.resume();
  const most = socket.bytesRead + MOST_DISCARDED;
  const until = performance.now() + DISCARD_MS;
  const look = setInterval(() => {
    if (!request.complete && (socket.bytesRead > most || performance.now() > until)) socket.destroy();
    if (request.complete || socket.destroyed) clearInterval(look);
  }, LOOK_MS);
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return length === undefined ? headers['transfer-encoding'] !== undefined : length !== '0';
}

/** There is no room for more of a body that is on its way: the rest of it is not taken. */
function giveUp(response: ServerResponse, request: IncomingMessage, pace: RefusalPace): void {
  if (response.headersSent) request.socket.destroy();
  else refuse(request, response, 503, pace);
}

/** What may be more than comes with the head. */
function isLarge({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > SMALL_BODY;
}

function refuse(request: IncomingMessage, response: ServerResponse, status: 429 | 503, pace: RefusalPace): void {
  const waitMs = pace.refused();
  // Not before its body has been read and thrown away: until then Node itself reads on.
  if (waitMs > 0) request.once('close', () => pace.hold(request.socket, waitMs));
  const { content: body, type } = bodyFor(status, request.url ?? '');
  const headers: Record<string, string | number> = {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'retry-after': retryAfter(waitMs),
  };
  const begin = performance.now();
  response.writeHead(status, headers);
  response.end(body);
  pace.took(performance.now() - begin);
}

/** Whole seconds; not before the connection is read again. */
function retryAfter(waitMs: number): number {
  const least = Math.max(RETRY_AFTER.least, Math.ceil(waitMs / 1_000));
  return least + Math.floor(Math.random() * RETRY_AFTER.spread);
}

function bodyFor(status: 429 | 503, url: string): { readonly content: string; readonly type: string } {
  const { camunda, camunda8, own } = BODIES[status];
  if (isCamunda8(url)) return { content: camunda8, type: PROBLEM_TYPE };
  return { content: isCamunda(url) ? camunda : own, type: 'application/json' };
}

const BODIES = {
  429: bodies(
    429,
    'This client has more requests under way than its share. Send fewer at once, and this one again later.',
  ),
  503: bodies(503, 'More requests are under way than can be answered in time. Send this one again later.'),
} as const;

function bodies(status: number, message: string): { readonly [face in 'camunda' | 'camunda8' | 'own']: string } {
  return {
    // Its clients slow down by this title; where it was asked is not looked at here.
    camunda8: JSON.stringify(problemBody('RESOURCE_EXHAUSTED', status, message, '/v2')),
    camunda: JSON.stringify({ type: 'ServiceUnavailableException', message, code: null }),
    own: JSON.stringify({ code: 'OVERLOADED', message }),
  };
}
