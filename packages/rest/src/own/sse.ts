/** One server-sent-events stream: bounded, with a heartbeat, ended when the client or the server goes. */
import type { ServerResponse } from 'node:http';
import { type EngineEvent, type ProcessEngine, Unavailable } from '@procos/kernel';
import type { Call } from '../call.ts';
import { stepAside } from '../door.ts';
import { onUsersChanged } from '../gone.ts';

/** Bytes that may wait for a slow client; beyond it the stream ends, and the client resumes where it was. */
export const BUFFER_LIMIT_BYTES: number = 256 * 1024;
/** What waits for a client that keeps up. */
const NOT_BEHIND_BYTES = 16 * 1024;
/** One more is refused: each costs time with every record. */
const MOST_STREAMS = 512;
const HEARTBEAT_MS = 15_000;
/** How long a client that was too slow may take to read what waits for it, the reason among it. */
const GRACE_MS = 10_000;
/** The same when the server closes, which does not wait for who does not read. */
const CLOSING_GRACE_MS = 1_000;
/** What browsers wait before they connect again, ms. */
const RETRY_MS = 1_000;

/** Streams of this process whose connection is open. */
let open = 0;

/** Why a stream has ended, as its last event `end` says. */
export type EndReason = 'slow' | 'closing' | 'users' | 'gone' | 'failed';
const ENDS: Readonly<Record<EndReason, string>> = {
  slow: `More than ${BUFFER_LIMIT_BYTES / 1024} KiB wait for you: read faster. Connect again with Last-Event-ID to go on where this ends.`,
  closing: 'The server is closing. Connect again with Last-Event-ID when it is back.',
  users:
    'Users, their rights, or what they may see have changed. Connect again with Last-Event-ID, and you are asked who you are.',
  gone: 'Records that you have not seen yet were removed from the log. Read the state anew, and follow from now on.',
  failed: "The feed failed. The kernel's log has the reason. Connect again with Last-Event-ID.",
};

export class EventStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  readonly #ended = new AbortController();
  readonly #closing: AbortSignal;
  /** The id behind which a client goes on; undefined: streams of this kind have none. */
  readonly #position: () => string | undefined;

  constructor({ kernel, request, reply, closing }: Call, position: () => string | undefined = () => undefined) {
    this.#closing = closing;
    this.#position = position;
    if (open >= MOST_STREAMS) {
      const text = `${MOST_STREAMS} streams are open already. Close one, or ask again later.`;
      throw new Unavailable('OVERLOADED', text);
    }
    open += 1;
    reply.raw.once('close', () => {
      open -= 1;
    });
    stepAside(request.raw);
    reply.hijack();
    this.#response = reply.raw;
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) this.#response.setHeader(name, value);
    }
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    this.#response.write(`: open\nretry: ${RETRY_MS}\n\n`);
    this.#heartbeat = setInterval(() => this.#write(this.#alive()), HEARTBEAT_MS);
    this.#heartbeat.unref();
    this.#response.once('close', () => this.#stop());
    this.#response.on('error', () => this.#stop());
    if (request.proved !== null) this.#endWithChangesOfUsers(kernel.engine);
    if (closing.aborted) this.end('closing');
    else closing.addEventListener('abort', () => this.end('closing'), { signal: this.#ended.signal });
  }

  /** Also with a model that says who may see its instances: what is hidden from who listens was looked up at the beginning. */
  #endWithChangesOfUsers(engine: ProcessEngine): void {
    const end = (): void => this.end('users');
    this.ended.addEventListener('abort', onUsersChanged(engine, end));
    const stop = engine.onCommitted((records) => {
      if (records.some(({ events }) => events.some((event) => isClosing(event, engine)))) end();
    });
    this.ended.addEventListener('abort', stop);
  }

  /** Aborts when the stream has ended, whoever ended it. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  send(event: string, data: unknown, id?: string): void {
    this.#write(message(event, data, id));
  }

  /** Tells the client's reconnection from where to go on, without an event. */
  mark(id: string): void {
    this.#write(`id: ${id}\n\n`);
  }

  /** Resolves when what was sent has left the process, or the stream has ended. */
  async drained(): Promise<void> {
    if (!this.#response.writableNeedDrain || this.ended.aborted) return;
    await new Promise<void>((resolve) => {
      this.#response.once('drain', resolve);
      this.ended.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** The last event says why. Who does not read it within a while is cut off. */
  end(reason: EndReason): void {
    if (this.ended.aborted) return;
    const id = this.#position();
    this.#response.write(message('end', { reason, message: ENDS[reason], ...(id === undefined ? {} : { id }) }));
    this.#stop();
    this.#response.end();
    const grace = (ms: number): void => {
      const timer = setTimeout(() => this.#response.destroy(), ms).unref();
      this.#response.once('close', () => clearTimeout(timer));
    };
    grace(this.#closing.aborted ? CLOSING_GRACE_MS : GRACE_MS);
    const hurry = (): void => grace(CLOSING_GRACE_MS);
    this.#closing.addEventListener('abort', hurry, { once: true });
    this.#response.once('close', () => this.#closing.removeEventListener('abort', hurry));
  }

  #stop(): void {
    clearInterval(this.#heartbeat);
    this.#ended.abort();
  }

  /** Also how far it has come where nothing has passed the filter for a while. */
  #alive(): string {
    const id = this.#position();
    return id === undefined ? ': alive\n\n' : `: alive\nid: ${id}\n\n`;
  }

  #write(text: string): void {
    if (this.ended.aborted) return;
    const waiting = this.#response.writableLength;
    this.#response.write(text);
    // A record that is larger than the limit goes to who is not behind: cut off, he would come back for it for ever.
    if (waiting <= NOT_BEHIND_BYTES || this.#response.writableLength <= BUFFER_LIMIT_BYTES) return;
    this.end('slow');
  }
}

function isClosing(event: EngineEvent, engine: ProcessEngine): boolean {
  return (
    event.type === 'processDefined' && engine.definition(event.definition.id)?.model.capabilities?.access !== undefined
  );
}

function message(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
