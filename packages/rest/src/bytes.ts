/** Bytes of any length in requests and answers: never held whole, whatever they become. */
import { Readable } from 'node:stream';
import { type Blob, type LargeValues, ValueTooLarge } from '@procos/kernel';
import { type Call, Streamed } from './call.ts';

/** What came: small enough to be in a record, or kept out of line. */
export type Taken = { readonly inline: Buffer } | { readonly blob: Blob };

/** Bytes that are there, to be given out. */
export interface Source {
  readonly size: number;
  /** Says which bytes they are; absent: nothing is known. */
  readonly etag?: string;
  /** From `from` up to before `to`. */
  readonly read: (from: number, to: number) => Iterable<Uint8Array>;
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
  for (let part = first.shift(); part !== undefined; part = first.shift()) yield part;
  for (let part = await rest.next(); part.done !== true; part = await rest.next()) yield part.value;
}

/** What says beforehand that it is too long is not read at all. */
export function refuseTooLong({ request, engine }: Call): void {
  const { mostBytes } = engine.largeValues;
  if (Number(request.headers['content-length'] ?? 0) > mostBytes + FORM_BYTES) throw new ValueTooLarge(mostBytes);
}

/** What a form has besides its file, at most. */
const FORM_BYTES = 65_536;

export function inlineSource(bytes: Buffer): Source {
  return { size: bytes.length, read: (from, to) => [bytes.subarray(from, to)] };
}

export function blobSource(values: LargeValues, { name, size }: Blob): Source {
  return { size, etag: `"${name}"`, read: (from, to) => values.read(name, from, to) };
}

/** All of them or, where one range is asked for, that one (RFC 9110, section 14); 304 to who has them already. */
export function sendBytes(call: Call, source: Source, { contentType, headers }: Labels): Streamed {
  const { headers: asked } = call.request;
  const { size, etag } = source;
  const common = { ...headers, 'accept-ranges': 'bytes', ...(etag === undefined ? {} : { etag }) };
  if (etag !== undefined && asked['if-none-match'] === etag) return new Streamed(304, contentType, empty(), common);
  const condition = asked['if-range'];
  const range = condition === undefined || condition === etag ? rangeOf(asked.range, size) : undefined;
  if (range === 'none') {
    return new Streamed(416, contentType, empty(), { ...common, 'content-range': `bytes */${size}` });
  }
  const { from, to } = range ?? { from: 0, to: size };
  const part = range === undefined ? {} : { 'content-range': `bytes ${from}-${to - 1}/${size}` };
  const content = flowing(call, source.read(from, to));
  return new Streamed(range === undefined ? 200 : 206, contentType, content, {
    ...common,
    ...part,
    'content-length': String(to - from),
  });
}

/** The first bytes are fetched at once: what fails there can still be said. Later the connection is cut. */
function flowing({ log, request }: Call, chunks: Iterable<Uint8Array>): Readable {
  const iterator = chunks[Symbol.iterator]();
  let next = iterator.next();
  const stream = new Readable({
    highWaterMark: 65_536,
    read() {
      try {
        if (next.done === true) {
          this.push(null);
          return;
        }
        const { value } = next;
        next = iterator.next();
        this.push(value);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        log.error('rest_answer_cut', `${request.method} ${request.url} was cut: ${text}`, { url: request.url });
        this.destroy(error instanceof Error ? error : new Error(text));
      }
    },
  });
  return stream;
}

function empty(): Readable {
  return Readable.from([]);
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
