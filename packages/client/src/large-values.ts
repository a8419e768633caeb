/** Values of any length, as bytes that stream: up, where they become a handle, and down again. */
import type { LargeValue } from '@procos/protocol';
import type { Transport } from './transport.ts';

/** Bytes in memory, or as they come; a stream is read once. */
export type Content = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Bytes that are read as they come; who leaves before the end cancels `stream`. */
export interface Download {
  readonly stream: ReadableStream<Uint8Array>;
  /** Bytes; null when the server does not say. */
  readonly size: number | null;
  /** Media type. */
  readonly type: string;
  /** What the file is called, where it is one. */
  readonly name: string | null;
}

export interface LargeValues {
  /** Resolves when all bytes are on the server's disk: to the handle, which any variable may hold from then on. */
  upload(content: Content, about?: Pick<LargeValue, 'name' | 'type'>): Promise<LargeValue>;
  /** Breaks off with an error rather than give bytes that are not the ones of the handle. */
  download(value: Pick<LargeValue, 'blob'>): Promise<Download>;
}

export function largeValuesOf(transport: Transport, signal?: AbortSignal): LargeValues {
  const unlimited = { timeoutMs: 0, ...(signal === undefined ? {} : { signal }) };
  return {
    async upload(content, about = {}) {
      const call = { method: 'POST', content, ...unlimited } as const;
      const kept = await transport.json<LargeValue>('/api/blobs', call);
      return { ...kept, ...about };
    },
    download: ({ blob }) => openDownload(transport, `/api/blobs/${encodeURIComponent(blob)}`, unlimited),
  };
}

export async function openDownload(
  transport: Transport,
  path: string,
  call: Parameters<Transport['open']>[1] = { timeoutMs: 0 },
): Promise<Download> {
  const response = await transport.open(path, call);
  const length = response.headers.get('content-length');
  const [, name] = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '') ?? [];
  return {
    stream: response.body ?? new ReadableStream({ start: (controller) => controller.close() }),
    size: length === null ? null : Number(length),
    type: response.headers.get('content-type') ?? 'application/octet-stream',
    name: name === undefined ? null : decodeURIComponent(name),
  };
}

/** undefined: it is an ordinary value. */
export function asLargeValue(value: unknown): LargeValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { blob, size } = value as Partial<LargeValue>;
  const known = typeof blob === 'string' && /^sha256:[0-9a-f]{64}$/.test(blob) && typeof size === 'number';
  return known ? (value as LargeValue) : undefined;
}
