/** The one server-sent-events connection of the app: reconnects, keeps the last lines, tells who listens what changed. */
import type { FeedEvent, FeedRecord, SystemStatus } from '@procos/protocol';
import { request } from './http.ts';

export interface FeedLine extends FeedEvent {
  /** Unique: the record's sequence and the event's place in it. */
  readonly id: string;
  readonly sequence: number;
  readonly at: string;
  readonly by: string;
  readonly command: string;
}
export type FeedStatus = 'connecting' | 'open' | 'lost';
export interface FeedState {
  readonly status: FeedStatus;
  /** Oldest first, at most `keptLines`. */
  readonly lines: readonly FeedLine[];
}

export const keptLines = 1000;
/** Records of before the page was opened that are asked for, so that the log does not begin empty. */
const backlog = 200;
/** Changes are gathered this long (ms) before the screen reads anew: the first at once, a busy system twice a second. */
const quietMs = 50;
const busyMs = 500;

export class Feed {
  #state: FeedState = { status: 'connecting', lines: [] };
  readonly #watchers = new Set<() => void>();
  readonly #onChange: (records: readonly FeedRecord[] | 'all') => void;
  #source: EventSource | undefined;
  #last: number | undefined;
  #attempts = 0;
  #pending: FeedRecord[] = [];
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #flushedAt = 0;
  #open = false;

  constructor(onChange: (records: readonly FeedRecord[] | 'all') => void) {
    this.#onChange = onChange;
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
  readonly snapshot = (): FeedState => this.#state;

  /** Asks the status first: it tells that the server is there, and whether its log is still the one we know. */
  async connect(): Promise<void> {
    this.#open = true;
    const status = await request<SystemStatus>('GET', '/api/system').catch(() => undefined);
    if (!this.#open || this.#source) return;
    if (!status) return this.#lost();
    const { lastSequence } = status.store;
    if (this.#last === undefined || this.#last > lastSequence) {
      this.#last = Math.max(0, lastSequence - backlog);
      this.#set({ ...this.#state, lines: [] });
    }
    const source = new EventSource(`/api/events?after=${this.#last}`);
    this.#source = source;
    source.onopen = () => {
      const again = this.#attempts > 0;
      this.#attempts = 0;
      this.#set({ ...this.#state, status: 'open' });
      if (again) this.#onChange('all');
    };
    source.onerror = () => {
      source.close();
      this.#source = undefined;
      this.#lost();
    };
    source.addEventListener('record', (message) => this.#take(JSON.parse(message.data) as FeedRecord));
  }

  close(): void {
    this.#open = false;
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
  }

  #lost(): void {
    this.#attempts += 1;
    this.#set({ ...this.#state, status: 'lost' });
    this.#retryTimer = setTimeout(() => void this.connect(), Math.min(500 * 2 ** (this.#attempts - 1), 8_000));
  }

  #take(record: FeedRecord): void {
    this.#last = record.sequence;
    this.#pending.push(record);
    this.#flushTimer ??= setTimeout(() => this.#flush(), Date.now() - this.#flushedAt > busyMs ? quietMs : busyMs);
  }

  #flush(): void {
    const records = this.#pending;
    this.#pending = [];
    this.#flushTimer = undefined;
    this.#flushedAt = Date.now();
    this.#set({ ...this.#state, lines: appendLines(this.#state.lines, records) });
    this.#onChange(records);
  }

  #set(state: FeedState): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}

/** One line per event, the oldest dropped beyond `keptLines`. */
export function appendLines(lines: readonly FeedLine[], records: readonly FeedRecord[]): readonly FeedLine[] {
  const added = records.flatMap(({ events, sequence, at, by, command }) =>
    events.map((event, index) => ({ ...event, id: `${sequence}.${index}`, sequence, at, by, command })),
  );
  return added.length === 0 ? lines : [...lines, ...added].slice(-keptLines);
}
