/** Bytes of any length in requests and answers: never held whole, whatever they become. */
import type { Readable } from 'node:stream';
import { type Blob, type LargeValues, ValueTooLarge } from '@procos/kernel';
import { type Call, TAKEN_OVER } from './call.ts';
import { MOST_FIELD_BYTES } from './multipart.ts';

/** What came: small enough to be in a record, or kept out of line. */
export type Taken = { readonly inline: Buffer } | { readonly blob: Blob };

/** Bytes that are there, to be given out. */
export interface Source {
  readonly size: number;
  /** Says which bytes they are; absent: nothing is known. */
  readonly etag?: string;
  /** From `from` up to before `to`. */
  readonly read: (from: number, to: number) => Iterable<Uint8Array>;
  /** What was read has gone out. */
  readonly release?: (bytes: Uint8Array) => void;
}

export interface Labels {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads to the end; up to `inlineBytes` of it stay in memory. Throws `ValueTooLarge` before it has read more than allowed. */
export async function takeBytes(
  values: LargeValues,
  content: AsyncIterable<Uint8Array>,
  inlineBytes: number,
): Promise<Taken> {
  const first: Uint8Array[] = [];
  let size = 0;
  const parts = content[Symbol.asyncIterator]();
  while (size <= inlineBytes) {
    const part = await parts.next();
    if (part.done === true) return { inline: Buffer.concat(first) };
    first.push(part.value);
    size += part.value.length;
  }
  return { blob: await values.take(chained(first, parts)) };
}

async function* chained(first: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let part = first.shift(); part !== undefined; part = first.shift()) yield* given(part);
  for (let part = await rest.next(); part.done !== true; part = await rest.next()) yield* given(part.value);
}

/** The body of a request, whose buffers nobody else has. Of one that is not read to its end the rest can still be thrown away. */
export async function* bodyOf(request: Readable): AsyncGenerator<Uint8Array> {
  for await (const part of request.iterator({ destroyOnReturn: false })) yield* given(part);
}

/** Whoever takes it has copied it when he asks for more. */
function* given(part: Uint8Array): Generator<Uint8Array> {
  yield part;
  giveBack(part);
}

/** Frees the memory of a buffer of its own at once: the garbage collector lets 64 MB of them gather before it looks. */
function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** What says beforehand that it is too long is not read at all. */
export function refuseTooLong({ request, engine }: Call): void {
  const { mostBytes } = engine.largeValues;
  if (Number(request.headers['content-length'] ?? 0) > mostBytes + MOST_FIELD_BYTES) throw new ValueTooLarge(mostBytes);
}

export function inlineSource(bytes: Buffer): Source {
  return { size: bytes.length, read: (from, to) => [bytes.subarray(from, to)] };
}

export function blobSource(values: LargeValues, { name, size }: Blob): Source {
  return { size, etag: `"${name}"`, read: (from, to) => values.read(name, from, to), release: freeChunk };
}

function freeChunk({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** All of them or, where one range is asked for, that one (RFC 9110, section 14); 304 to who has them already. */
export function sendBytes(call: Call, source: Source, { contentType, headers }: Labels): typeof TAKEN_OVER {
  const { headers: asked } = call.request;
  const { size, etag } = source;
  const common = {
    ...headers,
    'content-type': contentType,
    'accept-ranges': 'bytes',
    ...(etag === undefined ? {} : { etag }),
  };
  if (etag !== undefined && asked['if-none-match'] === etag) return pour(call, 304, common, []);
  const condition = asked['if-range'];
  const range = condition === undefined || condition === etag ? rangeOf(asked.range, size) : undefined;
  if (range === 'none') {
    return pour(call, 416, { ...common, 'content-range': `bytes */${size}`, 'content-length': '0' }, []);
  }
  const { from, to } = range ?? { from: 0, to: size };
  const part = range === undefined ? {} : { 'content-range': `bytes ${from}-${to - 1}/${size}` };
  const all = { ...common, ...part, 'content-length': String(to - from) };
  return pour(call, range === undefined ? 200 : 206, all, source.read(from, to), source.release);
}

/**
 * Chunk after chunk, the next one when the one before has left the process. The first is fetched before anything is said:
 * what fails there can still be answered. Later the connection is cut.
 */
function pour(
  { reply, request, closing, log }: Call,
  status: number,
  headers: Readonly<Record<string, string>>,
  chunks: Iterable<Uint8Array>,
  release: (bytes: Uint8Array) => void = () => {},
): typeof TAKEN_OVER {
  const iterator = chunks[Symbol.iterator]();
  let next = iterator.next();
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  if (closing.aborted) raw.setHeader('connection', 'close');
  raw.writeHead(status, headers);
  raw.on('error', () => {});
  const step = (): void => {
    if (raw.destroyed) return;
    if (next.done === true) {
      raw.end();
      return;
    }
    const { value } = next;
    raw.write(value, (error) => {
      // Of a connection that has broken it is not known who still has it.
      if (error !== undefined && error !== null) return;
      release(value);
      try {
        next = iterator.next();
      } catch (problem) {
        const text = problem instanceof Error ? problem.message : String(problem);
        log.error('rest_answer_cut', `${request.method} ${request.url} was cut: ${text}`, { url: request.url });
        raw.destroy();
        return;
      }
      step();
    });
  };
  step();
  return TAKEN_OVER;
}

/** undefined: all, also where several ranges are asked for; `none`: there is nothing there. */
function rangeOf(header: string | undefined, size: number): { from: number; to: number } | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return last === '0' || size === 0 ? 'none' : { from: Math.max(0, size - Number(last)), to: size };
  const from = Number(first);
  const to = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < from) return undefined;
  return from >= size ? 'none' : { from, to };
}
