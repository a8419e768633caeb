/**
 * Sends one request again and again over raw sockets, in a process of its own, and prints what came as JSON. With a rate
 * it is an open loop: requests fall due by the clock, whatever the server does, and go out as soon as a connection is free.
 */
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';

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
  /** Latencies count of requests that were sent later than so many seconds after the first; default: of all. */
  readonly settleSeconds?: number;
  /** Sockets, open before the clock starts: a Node server accepts one connection per turn of its event loop. */
  readonly connections: number;
}

export interface Seen {
  readonly seconds: number;
  /** How many fell due. */
  readonly offered: number;
  readonly answers: Readonly<Record<Answer, Latencies>>;
  /** What was refused of what was sent before it had settled; not in `answers`. */
  readonly refusedFirst: Latencies;
  /** Refusals without a Retry-After. */
  readonly withoutRetryAfter: number;
  /** Connections that broke before the answer. */
  readonly broken: number;
}

/** `refused`: 429 and 503. */
export type Answer = 'accepted' | 'refused' | 'other';

export interface Latencies {
  readonly count: number;
  /** From when they were sent to the answer, median and 99th percentile, ms. */
  readonly ms: readonly [number, number];
}

class Recorder {
  readonly #ms = createHistogram();
  /** All, whenever they were sent. */
  count = 0;

  add(ms: number): void {
    this.#ms.record(Math.max(1, Math.round(ms * 1000)));
  }

  summary(): Latencies {
    const [middle, p99] = [50, 99].map((percent) => this.#ms.percentile(percent) / 1000);
    return { count: this.count, ms: [middle ?? 0, p99 ?? 0] };
  }
}

class Client {
  readonly #load: Generator;
  readonly #socket: Socket;
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

  send(): void {
    this.busy = true;
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
    this.#load.answered(this, status, this.#sentAt, retryAfter);
  }
}

class Generator {
  readonly load: Load;
  readonly request: Buffer;
  readonly #idle: Client[] = [];
  /** Due and without a socket. */
  #waiting = 0;
  readonly #recorders = { accepted: new Recorder(), refused: new Recorder(), other: new Recorder() } as const;
  readonly #refusedFirst = new Recorder();
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
    if (rate === undefined) for (let count = 0; count < connections; count += 1) this.#due();
    const ticks = setInterval(() => {
      const elapsed = performance.now() - this.#startedAt;
      if (elapsed >= seconds * 1000) {
        clearInterval(ticks);
        // What is under way gets its answers.
        setTimeout(() => this.#done.resolve(), rate === undefined ? 0 : 3_000);
        return;
      }
      if (rate === undefined) return;
      while (this.#sent < (rate * elapsed) / 1000) this.#due();
    }, 1);
    await this.#done.promise;
    const { accepted, refused, other } = this.#recorders;
    return {
      seconds,
      offered: this.#sent,
      answers: { accepted: accepted.summary(), refused: refused.summary(), other: other.summary() },
      refusedFirst: this.#refusedFirst.summary(),
      withoutRetryAfter: this.#withoutRetryAfter,
      broken: this.#broken,
    };
  }

  #due(): void {
    this.#sent += 1;
    // In turn: one that is never used is closed by the server after a minute.
    const client = this.#idle.shift();
    if (client === undefined) this.#waiting += 1;
    else client.send();
  }

  answered(client: Client, status: string, sentAt: number, retryAfterS: number): void {
    const isRefusal = status === '503' || status === '429';
    const recorder = this.#recorders[status === '200' ? 'accepted' : isRefusal ? 'refused' : 'other'];
    recorder.count += 1;
    const ms = performance.now() - sentAt;
    if (sentAt - this.#startedAt >= (this.load.settleSeconds ?? 0) * 1_000) recorder.add(ms);
    else if (isRefusal) this.#refusedFirst.add(ms);
    if (isRefusal && !(retryAfterS > 0)) this.#withoutRetryAfter += 1;
    if (isRefusal && this.load.patient === true) setTimeout(() => this.#goOn(client), retryAfterS * 1_000);
    else this.#goOn(client);
  }

  /** The next request that is due goes over this connection. */
  #goOn(client: Client): void {
    if (this.#waiting > 0) {
      this.#waiting -= 1;
      client.send();
    } else if (this.load.rate !== undefined) this.#idle.push(client);
    else if (performance.now() - this.#startedAt < this.load.seconds * 1000) {
      this.#sent += 1;
      client.send();
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
