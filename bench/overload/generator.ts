/**
 * Sends one request again and again over raw sockets, in a process of its own, and prints what came as JSON. With a rate
 * it is an open loop: requests fall due by the clock, whatever the server does, and their latency counts from then.
 */
import { connect, type Socket } from 'node:net';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface Load {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly seconds: number;
  /** Requests per second; absent: as fast as `connections` clients get their answers. */
  readonly rate?: number;
  /** Whoever is refused asks again only when the Retry-After is over, as clients should; otherwise at once. */
  readonly patient?: boolean;
  /** Sockets, open before the clock starts: a Node server accepts one connection per turn of its event loop. */
  readonly connections: number;
}

export interface Seen {
  readonly seconds: number;
  /** How many fell due. */
  readonly offered: number;
  readonly answers: Readonly<Record<Answer, Latencies>>;
  /** Refusals without a Retry-After. */
  readonly withoutRetryAfter: number;
  /** Connections that broke before the answer. */
  readonly broken: number;
}

/** `refused`: 429 and 503. */
export type Answer = 'accepted' | 'refused' | 'other';

export interface Latencies {
  readonly count: number;
  /** From when they fell due to the answer, median and 99th percentile, ms. */
  readonly due: readonly [number, number];
  /** From when they were sent: less than the other where all sockets were waiting for an answer. */
  readonly wire: readonly [number, number];
}

class Recorder {
  readonly #due = createHistogram();
  readonly #wire = createHistogram();

  add(dueMs: number, wireMs: number): void {
    this.#due.record(Math.max(1, Math.round(dueMs * 1000)));
    this.#wire.record(Math.max(1, Math.round(wireMs * 1000)));
  }

  summary(): Latencies {
    const of = (histogram: RecordableHistogram): [number, number] => [
      histogram.percentile(50) / 1000,
      histogram.percentile(99) / 1000,
    ];
    return { count: this.#due.count, due: of(this.#due), wire: of(this.#wire) };
  }
}

class Client {
  readonly #load: Generator;
  readonly #socket: Socket;
  #dueAt = 0;
  #sentAt = 0;
  #received = '';
  busy = false;

  constructor(load: Generator) {
    this.#load = load;
    this.#socket = connect({ port: load.load.port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#load.gone(this, this.busy));
  }

  get connected(): Promise<void> {
    return new Promise((resolve, reject) => this.#socket.once('connect', resolve).once('error', reject));
  }

  send(dueAt: number): void {
    this.busy = true;
    this.#dueAt = dueAt;
    this.#sentAt = performance.now();
    this.#socket.write(this.#load.request);
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    const status = this.#received.slice(9, 12);
    const retryAfter = Number(/\r\nretry-after: (\d+)/i.exec(this.#received.slice(0, head))?.[1]);
    this.#received = '';
    this.busy = false;
    const now = performance.now();
    this.#load.answered(this, status, { due: now - this.#dueAt, wire: now - this.#sentAt }, retryAfter);
  }
}

class Generator {
  readonly load: Load;
  readonly request: Buffer;
  readonly #idle: Client[] = [];
  /** Due and without a socket; those before `#next` have been sent. */
  readonly #waiting: number[] = [];
  #next = 0;
  readonly #recorders = { accepted: new Recorder(), refused: new Recorder(), other: new Recorder() } as const;
  readonly #done = Promise.withResolvers<void>();
  #startedAt = 0;
  #sent = 0;
  #withoutRetryAfter = 0;
  #broken = 0;

  constructor(load: Load) {
    this.load = load;
    const { method, path, port, body } = load;
    this.request = Buffer.from(
      `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${body === '' ? '' : 'Content-Type: application/json\r\n'}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  async run(): Promise<Seen> {
    const { rate, connections, seconds } = this.load;
    for (let count = 0; count < connections; count += 1) {
      const client = new Client(this);
      await client.connected;
      this.#idle.push(client);
    }
    this.#startedAt = performance.now();
    if (rate === undefined) for (let count = 0; count < connections; count += 1) this.#due(performance.now());
    const ticks = setInterval(() => {
      const elapsed = performance.now() - this.#startedAt;
      if (elapsed >= seconds * 1000) {
        clearInterval(ticks);
        // What is under way gets its answers.
        setTimeout(() => this.#done.resolve(), rate === undefined ? 0 : 3_000);
        return;
      }
      if (rate === undefined) return;
      while (this.#sent < (rate * elapsed) / 1000) this.#due(this.#startedAt + (this.#sent * 1000) / rate);
    }, 1);
    await this.#done.promise;
    const { accepted, refused, other } = this.#recorders;
    return {
      seconds,
      offered: this.#sent,
      answers: { accepted: accepted.summary(), refused: refused.summary(), other: other.summary() },
      withoutRetryAfter: this.#withoutRetryAfter,
      broken: this.#broken,
    };
  }

  #due(at: number): void {
    this.#sent += 1;
    const client = this.#idle.pop();
    if (client === undefined) this.#waiting.push(at);
    else client.send(at);
  }

  answered(
    client: Client,
    status: string,
    ms: { readonly due: number; readonly wire: number },
    retryAfterS: number,
  ): void {
    const isRefusal = status === '503' || status === '429';
    this.#recorders[status === '200' ? 'accepted' : isRefusal ? 'refused' : 'other'].add(ms.due, ms.wire);
    if (isRefusal && !(retryAfterS > 0)) this.#withoutRetryAfter += 1;
    if (isRefusal && this.load.patient === true) setTimeout(() => this.#goOn(client), retryAfterS * 1_000);
    else this.#goOn(client);
  }

  /** The next request that is due goes over this connection. */
  #goOn(client: Client): void {
    const waiting = this.#waiting[this.#next];
    if (waiting !== undefined) {
      this.#next += 1;
      client.send(waiting);
    } else if (this.load.rate !== undefined) this.#idle.push(client);
    else if (performance.now() - this.#startedAt < this.load.seconds * 1000) {
      this.#sent += 1;
      client.send(performance.now());
    }
  }

  gone(client: Client, busy: boolean): void {
    if (busy) this.#broken += 1;
    const at = this.#idle.indexOf(client);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

if (import.meta.main) {
  const seen = await new Generator(JSON.parse(process.argv[2] ?? '{}') as Load).run();
  process.stdout.write(JSON.stringify(seen), () => process.exit(0));
}
