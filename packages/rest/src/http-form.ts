/** What HTTP forbids and Node's parser lets through, and what is answered where the parser has refused. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { STATUS_CODES } from './http.ts';
import { BadRequest } from './origin.ts';

/** RFC 9110, section 7.2: a name or an address and maybe a port; no user, no path. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i;

/** Refuses requests that others on their way may have read in another way than this server does. */
export function refuseMalformed(app: FastifyInstance): void {
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const { headers, rawHeaders, httpVersion } = raw;
    if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new BadRequest(505, 'Only HTTP/1.1 is spoken here.');
    if (hostsIn(rawHeaders) > 1)
      throw new BadRequest(400, 'The request carries more than one Host header: send exactly one.');
    const { host, expect, 'transfer-encoding': transfer, 'content-encoding': content } = headers;
    if (host === undefined) throw new BadRequest(400, 'The request carries no Host header: send one.');
    if (!HOST.test(host)) throw new BadRequest(400, `Host "${host}" is no name with a port.`);
    if (transfer !== undefined) {
      if (httpVersion === '1.0') throw new BadRequest(400, 'HTTP/1.0 has no Transfer-Encoding: send Content-Length.');
      if (transfer.toLowerCase() !== 'chunked')
        throw new BadRequest(501, 'Only the Transfer-Encoding chunked is read.');
    }
    if (content !== undefined && content.toLowerCase() !== 'identity')
      throw new BadRequest(415, 'A body with a Content-Encoding is not read: send it as it is.');
    if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      throw new BadRequest(417, 'Only the expectation 100-continue can be met.');
    done();
  });
}

/** `rawHeaders`: names and values in turn. */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

/** A request as one to a proxy, with scheme and host in its target: the host that it names is the one that counts. */
export function useOriginForm(request: IncomingMessage): void {
  const target = request.url ?? '';
  if (target.startsWith('/')) return;
  const [, host, path = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  if (host === undefined) return;
  request.headers.host = host;
  request.url = path.startsWith('/') ? path : `/${path}`;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Those of its connection. */
  readonly among: Exchange[];
  /** Told once the answer is out, or the connection is gone. */
  whenOver: { done(): void } | null;
}

const EXCHANGE = Symbol('exchange');

/** An answer with what it is part of: one listener for all answers instead of some for each. */
interface Answering extends ServerResponse {
  [EXCHANGE]?: Exchange;
}

/** Of each connection what has not been answered yet, in the order in which it came. */
const open = new WeakMap<Socket, Exchange[]>();

export function noteExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const { socket } = request;
  let among = open.get(socket);
  if (among === undefined) {
    among = [];
    open.set(socket, among);
  }
  const exchange: Exchange = { request, response, among, whenOver: null };
  among.push(exchange);
  (response as Answering)[EXCHANGE] = exchange;
  response.on('close', overWhenClosed);
  return exchange;
}

function overWhenClosed(this: Answering): void {
  const exchange = this[EXCHANGE];
  if (exchange === undefined) return;
  const { request, whenOver } = exchange;
  // What was answered before it was in stays until it is: whatever is wrong with the rest of it, it has had its answer.
  if (request.complete) forget(exchange);
  else request.once('close', () => forget(exchange));
  whenOver?.done();
}

/** From a list, not a set: one that comes and goes keeps what it has held until the next collection of old objects. */
function forget(exchange: Exchange): void {
  const at = exchange.among.indexOf(exchange);
  if (at >= 0) exchange.among.splice(at, 1);
}

const STATUS: Readonly<Record<string, BadRequest['status']>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly rawPacket?: unknown;
}

/** The answer to a request that was refused for `error`, as far as it is known for which path; its type and its body. */
export type MalformedAnswer = (error: BadRequest, url: string) => { readonly type: string; readonly body: object };

/** Answers what the parser refused, after all that came whole before it on the same connection, and ends the connection. */
export function malformedAnswers(answer: MalformedAnswer): (error: ParserError, socket: Socket) => void {
  return (error, socket) => {
    const exchanges = [...(open.get(socket) ?? [])];
    const broken = exchanges.find(({ request }) => !request.complete);
    if (error.code === 'ECONNRESET' || !socket.writable || broken?.response.headersSent === true) {
      socket.destroy();
      return;
    }
    const status = STATUS[error.code ?? ''] ?? 400;
    const why = status === 408 ? 'it did not come to its end in time' : (error.reason ?? error.message);
    const refused = new BadRequest(status, `This is not a whole and well-formed HTTP request: ${why}.`);
    const { type, body } = answer(refused, broken?.request.url ?? pathIn(error.rawPacket));
    const say = (): void => {
      if (socket.writable) socket.end(written(status, type, Buffer.from(JSON.stringify(body))), () => socket.destroy());
    };
    const last = exchanges.filter(({ request, response }) => request.complete && !response.writableFinished).at(-1);
    if (last === undefined) say();
    else last.response.once('close', say);
  };
}

/** Of a head that could not be read what stands where the path would be: it says whose words are expected. */
function pathIn(packet: unknown): string {
  return Buffer.isBuffer(packet) ? (/^[A-Z]+ (\/\S*)/.exec(packet.toString('latin1', 0, 200))?.[1] ?? '') : '';
}

function written(status: BadRequest['status'], type: string, body: Buffer): Buffer {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
