/** A small HTTP/1.1 client: one kept connection, one request at a time, so that load costs the shared cores little. */
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');

export class Connection {
  #socket: Socket;
  readonly #port: number;
  readonly #hostname: string;
  readonly #host: string;
  readonly #base: string;
  #received: Buffer = Buffer.alloc(0);
  #open: PromiseWithResolvers<Reply> | null = null;

  /** `url`: of the server with what stands before every path, e.g. `http://127.0.0.1:8080/engine-rest`. */
  constructor(url: string) {
    const { hostname, port, pathname } = new URL(url);
    this.#hostname = hostname;
    this.#port = Number(port);
    this.#host = `${hostname}:${port}`;
    this.#base = pathname.replace(/\/$/, '');
    this.#socket = this.#connect();
  }

  #connect(): Socket {
    const socket = connect({ host: this.#hostname, port: this.#port, noDelay: true });
    socket.on('data', (chunk) => this.#take(chunk));
    const fail = (error?: Error): void => {
      if (socket !== this.#socket) return;
      this.#open?.reject(error ?? new Error('The server hung up.'));
      this.#open = null;
    };
    socket.on('error', fail);
    socket.on('close', () => fail());
    return socket;
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.#ask('POST', path, JSON.stringify(body));
  }

  get(path: string): Promise<Reply> {
    return this.#ask('GET', path, '');
  }

  close(): void {
    this.#open = null;
    this.#socket.destroy();
  }

  #ask(method: string, path: string, text: string): Promise<Reply> {
    if (this.#open !== null) throw new Error('one request at a time');
    this.#open = Promise.withResolvers();
    // A server may close what has been idle for long.
    if (this.#socket.destroyed || this.#socket.readyState === 'writeOnly') this.#socket = this.#connect();
    const body =
      text === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
    this.#socket.write(
      `${method} ${this.#base}${path} HTTP/1.1\r\nhost: ${this.#host}\r\naccept: application/json\r\n${body === '' ? '\r\n' : body}`,
    );
    return this.#open.promise;
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1 || this.#open === null) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const status = Number(head.slice(9, 12));
    const from = headEnd + HEAD_END.length;
    const found = /\r\ntransfer-encoding: *chunked/i.test(head)
      ? this.#chunks(from)
      : this.#sized(from, status === 204 ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]));
    if (found === null) return;
    this.#received = this.#received.subarray(found.end);
    const { resolve } = this.#open;
    this.#open = null;
    if (/\r\nconnection: *close/i.test(head)) this.#socket.destroy();
    resolve({ status, body: found.body });
  }

  /** Null: not all of it is there yet. */
  #sized(from: number, length: number): { readonly body: string; readonly end: number } | null {
    const end = from + length;
    if (Number.isNaN(end)) this.#open?.reject(new Error('An answer of unknown length.'));
    return this.#received.length >= end ? { body: this.#received.toString('utf8', from, end), end } : null;
  }

  #chunks(from: number): { readonly body: string; readonly end: number } | null {
    const parts: Buffer[] = [];
    for (let at = from; ; ) {
      const lineEnd = this.#received.indexOf('\r\n', at);
      if (lineEnd === -1) return null;
      const length = Number.parseInt(this.#received.toString('latin1', at, lineEnd), 16);
      const end = lineEnd + 2 + length;
      if (this.#received.length < end + 2) return null;
      if (length === 0) return { body: Buffer.concat(parts).toString('utf8'), end: end + 2 };
      parts.push(this.#received.subarray(lineEnd + 2, end));
      at = end + 2;
    }
  }
}

/** The parsed answer of a request that must succeed. */
export async function answered<T>(reply: Promise<Reply>): Promise<T> {
  const { status, body } = await reply;
  if (status >= 300) throw new Error(`${status} ${body}`);
  return (body === '' ? null : JSON.parse(body)) as T;
}
