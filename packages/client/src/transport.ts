/** One HTTP request with JSON in and out, sent again when the connection breaks, and refusals as `ProcosError`. */
import { connectionError, ProcosError } from './error.ts';
import type { Content } from './large-values.ts';
import { type BackOff, backOff, pause } from './pause.ts';
import { readTrace, type TraceContext } from './trace.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Query;
  /** Sent as JSON, except a `FormData`. */
  readonly body?: unknown;
  /** Sent as it is; a stream cannot be sent again. */
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** ms until the answer must be complete; 0: no limit. Default: that of the transport. */
  readonly timeoutMs?: number;
  /** By which the server knows the request again (`Idempotency-Key`); default: a new one for what may change something; null: none. */
  readonly key?: string | null;
  /** How often it is sent at most when the connection breaks; default 4. */
  readonly attempts?: number;
}

const ATTEMPTS = 4;
const BREAK: BackOff = { firstMs: 100, maxMs: 1000 };

export class Transport {
  readonly baseUrl: string;
  readonly #timeoutMs: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #trace: () => TraceContext | undefined;

  /** `trace`: asked at every request. */
  constructor(
    baseUrl: string,
    timeoutMs: number,
    headers: Readonly<Record<string, string>>,
    trace: () => TraceContext | undefined = () => undefined,
  ) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.#timeoutMs = timeoutMs;
    this.#headers = headers;
    this.#trace = trace;
  }

  /** Undefined where there is none, or something that is none. */
  get trace(): TraceContext | undefined {
    const trace = this.#trace();
    return trace === undefined ? undefined : readTrace({ ...trace });
  }

  /** The parsed JSON of the answer; null for an empty one. */
  async json<T>(path: string, call: Call = {}): Promise<T> {
    const { response, text } = await this.#answer(path, call);
    if (text === '') return null as T;
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      const message = `${this.baseUrl}${path} answered ${response.status} with something that is not JSON. Is this the address of a ProcOS?`;
      throw new ProcosError('BAD_ANSWER', response.status, message, text.slice(0, 500), cause);
    }
  }

  async text(path: string, call: Call = {}): Promise<string> {
    return (await this.#answer(path, call)).text;
  }

  /** The answer with its body still to be read, for streams. Throws on every status that is not 2xx. */
  async open(path: string, call: Call = {}): Promise<Response> {
    const response = await this.#fetch(path, call);
    if (!response.ok) throw refusal(response, await response.text());
    return response;
  }

  /** A broken connection does not say whether the request has arrived: with its key it can be sent again. */
  async #answer(path: string, call: Call): Promise<{ response: Response; text: string }> {
    const keyed = (call.method ?? 'GET') === 'GET' ? call : { key: crypto.randomUUID(), ...call };
    const once = call.content !== undefined && !(call.content instanceof Uint8Array);
    const attempts = once ? 1 : (call.attempts ?? ATTEMPTS);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(path, keyed);
      } catch (error) {
        if (attempt >= attempts || !isBroken(error, attempt)) throw error;
        await pause(backOff(attempt - 1, BREAK), call.signal);
      }
    }
  }

  async #attempt(path: string, call: Call): Promise<{ response: Response; text: string }> {
    const response = await this.#fetch(path, call);
    let text: string;
    try {
      text = await response.text();
    } catch (cause) {
      throw this.#thrown(cause, call);
    }
    if (!response.ok) throw refusal(response, text);
    return { response, text };
  }

  async #fetch(path: string, call: Call): Promise<Response> {
    const url = new URL(this.baseUrl + path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...this.trace,
      ...this.#headers,
      ...call.headers,
    };
    if (typeof call.key === 'string') headers['idempotency-key'] = `"${call.key}"`;
    let answered = false;
    const init: RequestInit = { method: call.method ?? 'GET', headers };
    if (call.content !== undefined) {
      headers['content-type'] ??= 'application/octet-stream';
      // A stream is sent while it is read: fetch wants that said.
      Object.assign(init, { body: untilAnswered(call.content, () => answered), duplex: 'half' });
    } else if (call.body instanceof FormData) init.body = call.body;
    else if (call.body !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = jsonOf(call.body);
    }
    const timeoutMs = call.timeoutMs ?? this.#timeoutMs;
    const signals = [call.signal, timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined].filter(
      (signal) => signal !== undefined,
    );
    if (signals.length > 0) init.signal = AbortSignal.any(signals);
    try {
      return await fetch(url, init);
    } catch (cause) {
      throw this.#thrown(cause, call);
    } finally {
      answered = true;
    }
  }

  /** The caller's own abort stays what it is; everything else is a connection error. */
  #thrown(cause: unknown, call: Call): unknown {
    return call.signal?.aborted ? call.signal.reason : connectionError(cause, this.baseUrl);
  }
}

/** fetch reads a stream to its end, whatever has become of the connection: nobody wants the rest. */
function untilAnswered(content: Content, answered: () => boolean): Content {
  if (content instanceof Uint8Array) return content;
  return (async function* rest(): AsyncGenerator<Uint8Array> {
    for await (const part of content) {
      if (answered()) return;
      yield part;
    }
  })();
}

/** Nobody there from the beginning is no break: the caller wants to know at once. */
function isBroken(error: unknown, attempt: number): boolean {
  if (!(error instanceof ProcosError)) return false;
  return error.code === 'CONNECTION_LOST' || (error.code === 'CONNECTION_REFUSED' && attempt > 1);
}

function refusal(response: Response, text: string): ProcosError {
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy's page or nothing: the status says enough.
  }
  const of = (name: string): string | undefined => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const message = of('message') ?? `${response.status} ${response.statusText} from ${response.url}`;
  return new ProcosError(of('type') ?? of('code') ?? `HTTP_${response.status}`, response.status, message, body);
}

function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    // As the server says it of what can still be sent.
    throw new ProcosError('TOO_COMPLEX', 422, 'JSON is nested deeper than 64 levels', null, cause);
  }
}
