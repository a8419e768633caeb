/** A line between workers and the system that goes bad: a proxy that delays, cuts connections in the middle, swallows answers, or swallows all. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type Line =
  | 'good'
  /** What is sent arrives up to 200 ms later. */
  | 'slow'
  /** A connection breaks after a few bytes of an answer. */
  | 'cut'
  /** Requests arrive, answers do not. */
  | 'deaf'
  /** Nothing arrives, and nobody is told. */
  | 'dead';

const SLOW_MS = 200;
const CUT_BYTES = 40;

export class BadLine {
  line: Line = 'good';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, host);
      this.#carry(near, far, false);
      this.#carry(far, near, true);
    });
  }

  static async to(url: string): Promise<BadLine> {
    const { hostname, port } = new URL(url);
    const line = new BadLine(hostname, Number(port));
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Whoever waits on a line that was dead learns of it now. */
  set(line: Line): void {
    if (this.line === 'dead' || this.line === 'deaf') for (const socket of this.#sockets) socket.destroy();
    this.line = line;
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(from: Socket, to: Socket, answers: boolean): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => {
      const { line } = this;
      if (line === 'dead' || (line === 'deaf' && answers)) return;
      if (line === 'slow') setTimeout(() => to.writable && to.write(bytes), SLOW_MS * Math.random());
      else if (line === 'cut' && answers) to.end(bytes.subarray(0, CUT_BYTES), () => from.destroy());
      else to.write(bytes);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
