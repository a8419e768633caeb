/** One server-sent-events stream: bounded, with a heartbeat, ended when the client or the server goes. */
import type { ServerResponse } from 'node:http';
import { type ProcessEngine, Unavailable } from '@procos/kernel';
import type { Call } from '../call.ts';
import { stepAside } from '../door.ts';

/** Bytes that may wait for a slow client; beyond it the connection is cut and the client resumes where it was. */
export const BUFFER_LIMIT_BYTES: number = 256 * 1024;
/** What waits for a client that keeps up. */
const NOT_BEHIND_BYTES = 16 * 1024;
/** One more is refused: each costs time with every record. */
const MOST_STREAMS = 512;
const HEARTBEAT_MS = 15_000;

/** Streams of this process. */
let open = 0;

export class EventStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  readonly #ended = new AbortController();

  constructor({ kernel, request, reply, closing }: Call) {
    if (open >= MOST_STREAMS) {
      const text = `${MOST_STREAMS} streams are open already. Close one, or ask again later.`;
      throw new Unavailable('OVERLOADED', text);
    }
    open += 1;
    this.#ended.signal.addEventListener('abort', () => {
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
    this.#response.write(': open\n\n');
    this.#heartbeat = setInterval(() => this.#write(': alive\n\n'), HEARTBEAT_MS);
    this.#heartbeat.unref();
    this.#response.once('close', () => this.end());
    this.#response.on('error', () => this.end());
    if (request.proved !== null) this.#endWithChangesOfUsers(kernel.engine);
    if (closing.aborted) this.end();
    else closing.addEventListener('abort', () => this.end(), { signal: this.#ended.signal });
  }

  /** Who listens may have lost the right to: he comes again, and is asked again. */
  #endWithChangesOfUsers(engine: ProcessEngine): void {
    const stop = engine.onCommitted((records) => {
      if (records.some(({ command }) => command === 'changeIdentities')) this.end();
    });
    this.ended.addEventListener('abort', stop);
  }

  /** Aborts when the stream has ended, whoever ended it. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  send(event: string, data: unknown, id?: number): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Tells the client's reconnection from where to go on, without an event. */
  mark(id: number): void {
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

  end(): void {
    if (this.ended.aborted) return;
    clearInterval(this.#heartbeat);
    this.#ended.abort();
    this.#response.end();
  }

  #write(text: string): void {
    if (this.ended.aborted) return;
    const waiting = this.#response.writableLength;
    this.#response.write(text);
    // A record that is larger than the limit goes to who is not behind: cut off, he would come back for it for ever.
    if (waiting <= NOT_BEHIND_BYTES || this.#response.writableLength <= BUFFER_LIMIT_BYTES) return;
    this.end();
    this.#response.destroy();
  }
}
