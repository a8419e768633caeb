/** Server-sent events: the text of a stream to messages, and a stream that connects again by itself. */
import { ProcosError } from './error.ts';
import { backOff, pause } from './pause.ts';
import type { Query, Transport } from './transport.ts';

export interface StreamMessage {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Messages of a `text/event-stream` body (WHATWG HTML, "Interpreting an event stream"); an id without data is one of event `id`. */
export async function* readMessages(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamMessage> {
  const decoder = new TextDecoder();
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  let isMarked = false;
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { id, event: event === '' ? 'message' : event, data: data.join('\n') };
        else if (isMarked) yield { id, event: 'id', data: '' };
        event = '';
        data = [];
        isMarked = false;
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      else if (field === 'id' && !value.includes('\0')) {
        id = value;
        isMarked = true;
      }
    }
  }
}

export interface Following {
  readonly path: string;
  readonly query: Query;
  /** Only messages of this event are given out. */
  readonly event: string;
  readonly signal?: AbortSignal | undefined;
  /** Shortest wait before connecting again, ms; doubles up to ten times that. */
  readonly retryMs: number;
}

/**
 * Messages of an SSE route without end: when the connection breaks it is opened again with `Last-Event-ID`, so that
 * nothing with an id is lost or given twice. `connection` counts from 1. Ends when `signal` aborts. Throws when the first connection fails, and on a refusal.
 */
export async function* follow(
  transport: Transport,
  following: Following,
): AsyncGenerator<StreamMessage & { readonly connection: number }> {
  const { path, query, signal, retryMs } = following;
  let lastId = '';
  let connection = 0;
  let failures = 0;
  while (!signal?.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
      const response = await transport.open(path, { query, headers, signal, timeoutMs: 0 });
      connection++;
      for await (const message of readMessages(response.body ?? emptyBody())) {
        failures = 0;
        if (message.id !== '') lastId = message.id;
        if (message.event === following.event) yield { ...message, connection };
      }
    } catch (error) {
      if (signal?.aborted) return;
      const fatal = error instanceof ProcosError && (!error.temporary || (connection === 0 && error.connectionLost));
      if (fatal) throw error;
    }
    await pause(backOff(failures++, { firstMs: retryMs, maxMs: retryMs * 10 }), signal);
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
