/** Topic `http_request`: one HTTP request to an allowed host, with redirects followed and checked hop by hop. */
import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { pipeline, Readable, type Transform } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { asLargeValue, type LargeValues, ProcosError, WorkerFailure } from '@procos/client';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import {
  choice,
  demand,
  type Inputs,
  invalid,
  kindOf,
  type Outputs,
  optionalNumber,
  optionalObject,
  optionalText,
  refused,
  type Services,
  text,
} from '../handler.ts';
import { type Settings, setting } from '../settings.ts';
import { HostPolicy } from './host-policy.ts';
import { callService } from './service-call.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];
const MAX_REDIRECTS = 5;
/** Of an answer that is given as a text. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const DEFAULT_TIMEOUT_S = 30;
/** These decide how the connection is framed or whom it reaches; they are not the model's to set. */
const RESERVED = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'keep-alive',
  'te',
  'trailer',
  'expect',
  'proxy-connection',
]);
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization'];

/** A target that the policy refuses. */
class Refused extends Error {}

export type Resolve = typeof systemLookup;

/**
 * With `service` (see service-call.ts) url is a path below its endpoint.
 * Inputs: url*, method (GET), headers, params (added to the query), data (text as it is; all else as JSON), timeout
 * (seconds, 30). Outputs: status_code, headers, text, json (null when the body is not JSON), success (status 200–299).
 * A status of 400 or more is an answer, not a failure. A lost connection or a time-out is retried; a refused host or a
 * wrong input is not. `data` may be a handle of a large value: its bytes are sent. Of an answer over 4 MB text is a handle.
 */
export function httpRequest(inputs: Inputs, services: Services): Promise<Outputs> {
  const guard = guardOf(services.settings);
  if (optionalText(inputs, 'service') === undefined) return send(inputs, services, guard);
  return callService(inputs, services, (filled) => send(filled, services, guard));
}

/** One agent and policy per settings object, so that connections are kept alive between tasks. */
const guards = new WeakMap<Settings, Guard>();
function guardOf(settings: Settings): Guard {
  let guard = guards.get(settings);
  if (guard === undefined) {
    guard = createGuard(settings);
    guards.set(settings, guard);
  }
  return guard;
}

export interface Guard {
  readonly policy: HostPolicy;
  readonly agent: Agent;
}

/** `resolve`: name resolution, replaced in tests. */
export function createGuard(settings: Settings, resolve: Resolve = systemLookup): Guard {
  const policy = new HostPolicy(
    setting(settings, 'PROCOS_HTTP_ALLOW'),
    setting(settings, 'PROCOS_HTTP_PUBLIC') === 'true',
  );
  // The addresses that were checked are the addresses that are connected to: a name cannot change its meaning in between.
  const connectTo = (port: number): buildConnector.connector => {
    const lookup: LookupFunction = (host, options, callback) => {
      resolve(host, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '', 0);
        for (const { address } of addresses) {
          const verdict = policy.address(address, host, port);
          if (!verdict.allowed) return callback(new Refused(`${host}: ${verdict.reason}`), '', 0);
        }
        const [first] = addresses;
        if (options.all) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family ?? 4);
      });
    };
    return buildConnector({ lookup, timeout: 10_000 });
  };
  const agent = new Agent({
    connect: (options, callback) => {
      const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
      connectTo(port)(options, (...outcome) => {
        const [error, socket] = outcome;
        if (error !== null) return callback(error, null);
        // Second look, at what the connection really reached.
        const verdict = policy.address(socket.remoteAddress ?? '0.0.0.0', options.hostname, port);
        if (verdict.allowed) return callback(null, socket);
        socket.destroy();
        callback(new Refused(`${options.hostname}: ${verdict.reason}`), null);
      });
    },
  });
  return { policy, agent };
}

export async function send(inputs: Inputs, services: Services, guard: Guard): Promise<Outputs> {
  let url = target(text(inputs, 'url'), inputs);
  let method: Method = choice(inputs, 'method', METHODS, 'GET');
  let headers = readHeaders(inputs);
  let body = readBody(inputs, headers, services.values);
  const timeoutMs = (optionalNumber(inputs, 'timeout', 0.001, 300) ?? DEFAULT_TIMEOUT_S) * 1000;
  const signal = AbortSignal.any([services.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    for (let hop = 0; ; hop++) {
      check(url, guard.policy);
      demand(services, { kind: 'hosts', name: `${url.hostname}:${portOf(url)}` });
      const response = await request(url, {
        dispatcher: guard.agent,
        method,
        headers,
        body: (await body?.()) ?? null,
        signal,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      const location = redirection(response);
      if (location === undefined) return { local: await outputs(response, services.values) };
      await response.body.dump({ limit: 64 * 1024 });
      if (hop >= MAX_REDIRECTS) throw invalid(`${origin(url)}: more than ${MAX_REDIRECTS} redirects.`);
      const next = target(location, {}, url);
      if (next.origin !== url.origin) headers = without(headers, CREDENTIALS);
      const toGet =
        response.statusCode === 303 ? method !== 'HEAD' : [301, 302].includes(response.statusCode) && method === 'POST';
      if (toGet) {
        method = 'GET';
        body = undefined;
        headers = without(headers, ['content-type', 'content-length']);
      }
      url = next;
    }
  } catch (error) {
    throw failure(error, url, timeoutMs);
  }
}

function target(given: string, inputs: Inputs, base?: URL): URL {
  const url = URL.parse(given, base?.href);
  if (url === null) throw invalid(`'${given}' is not a URL.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(`Only http and https are allowed, not '${url.protocol}'.`);
  if (url.username !== '' || url.password !== '')
    throw invalid('A URL must not carry a user name or password; use headers.');
  for (const [name, value] of Object.entries(optionalObject(inputs, 'params') ?? {})) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== null && one !== undefined) url.searchParams.append(name, String(one));
  }
  url.hash = '';
  return url;
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/** What can be judged without resolving: the name, and addresses written as such (never handed to `lookup`). */
function check(url: URL, policy: HostPolicy): void {
  const port = portOf(url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const verdict = isIP(host) === 0 ? policy.host(host, port) : policy.address(host, host, port);
  if (!verdict.allowed) throw new Refused(verdict.reason);
}

function readHeaders(inputs: Inputs): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'ProcOS' };
  for (const [name, value] of Object.entries(optionalObject(inputs, 'headers') ?? {})) {
    const lower = name.toLowerCase();
    if (value === null || value === undefined) continue;
    if (typeof value === 'object') throw invalid(`Header '${name}' must be text, not ${kindOf(value)}.`);
    if (RESERVED.has(lower)) throw invalid(`Header '${name}' is set by the worker and cannot be given.`);
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower) || /[^\t\x20-\x7e\x80-\xff]/.test(String(value))) {
      throw invalid(`Header '${name}' has characters that a header cannot hold.`);
    }
    headers[lower] = String(value);
  }
  return headers;
}

type Body = () => string | Promise<Readable>;

/** Read anew for every hop that wants it. */
function readBody(inputs: Inputs, headers: Record<string, string>, values: LargeValues): Body | undefined {
  const data = inputs['data'];
  if (data === undefined || data === null) return undefined;
  if (typeof data === 'string') return () => data;
  const large = asLargeValue(data);
  if (large === undefined) {
    headers['content-type'] ??= 'application/json';
    const text = JSON.stringify(data);
    return () => text;
  }
  headers['content-type'] ??= large.type ?? 'application/octet-stream';
  headers['content-length'] = String(large.size);
  return async () => Readable.fromWeb((await values.download(large)).stream as WebStream);
}

function redirection({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const location = headers['location'];
  return [301, 302, 303, 307, 308].includes(statusCode) && typeof location === 'string' ? location : undefined;
}

async function outputs(response: Dispatcher.ResponseData, values: LargeValues): Promise<Record<string, unknown>> {
  const headers: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(response.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  const success = response.statusCode >= 200 && response.statusCode < 300;
  const known = { status_code: response.statusCode, headers, success };
  const type = String(headers['content-type'] ?? '');
  const parts = unpacked(response.body, String(headers['content-encoding'] ?? ''));
  const first: Uint8Array[] = [];
  let size = 0;
  for (let part = await parts.next(); part.done !== true; part = await parts.next()) {
    first.push(part.value);
    size += part.value.length;
    if (size <= MAX_TEXT_BYTES) continue;
    const text = await values.upload(chained(first, parts), type === '' ? {} : { type });
    return { ...known, text, json: null };
  }
  const text = decodeText(Buffer.concat(first), type);
  return { ...known, text, json: parseJson(text) };
}

async function* chained(first: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}

/** As it comes; of what is packed, what it was. */
async function* unpacked(body: Readable, encoding: string): AsyncGenerator<Uint8Array> {
  const unpack = unpackerOf(encoding);
  if (unpack === undefined) {
    yield* body;
    return;
  }
  try {
    // What goes wrong is thrown where the end is read.
    yield* pipeline(body, unpack, () => {});
  } catch (error) {
    const { code = '' } = error as { readonly code?: string };
    if (!/^Z_|^ERR_.*BROTLI|^ERR__ERROR|^ERR_BUFFER/.test(code)) throw error;
    throw invalid(`The answer cannot be unpacked (${(error as Error).message}).`);
  }
}

function unpackerOf(encoding: string): Transform | undefined {
  if (/^(x-)?gzip$/i.test(encoding)) return createGunzip();
  if (/^deflate$/i.test(encoding)) return createInflate();
  return /^br$/i.test(encoding) ? createBrotliDecompress() : undefined;
}

function decodeText(bytes: Buffer, contentType: string): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function parseJson(body: string): unknown {
  try {
    return body.trim() === '' ? null : JSON.parse(body);
  } catch {
    return null;
  }
}

function without(headers: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

function failure(error: unknown, url: URL, timeoutMs: number): Error {
  if (error instanceof WorkerFailure) return error;
  if (error instanceof ProcosError) return refused(error, `The content of ${origin(url)}`);
  if (error instanceof Refused) return invalid(`Request refused: ${error.message}.`);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new WorkerFailure(`${origin(url)} did not answer within ${timeoutMs / 1000} s.`, { cause: error });
  }
  const code = (error as { code?: string }).code;
  if (code === 'UND_ERR_INVALID_ARG') return invalid(`The request cannot be sent: ${(error as Error).message}.`);
  return new WorkerFailure(`${origin(url)} cannot be reached: ${code ?? ''} ${(error as Error).message}`, {
    cause: error,
  });
}

/** Without path and query, which may hold what should not be in an error message. */
function origin(url: URL): string {
  return url.origin;
}
