/**
 * Bounds what refusals cost. A refusal is cheap, but whoever asks again at once gets the next one, and all of them together can
 * take the thread that works. So refusals have a share of its time: while there are more, nothing is read from a connection
 * that has just been refused until its turn comes, which is always before its Retry-After is over.
 */
import type { Socket } from 'node:net';

export interface PaceOptions {
  /** Part of the time of this thread that refusals may take. Default 0.15. */
  readonly share?: number;
  /** What one takes at present, ms, from reading the request to the answer. Default: by what writing their answers has taken. */
  readonly costMs?: () => number;
  /** Milliseconds since some instant. */
  readonly now?: () => number;
  /** Runs `action` once, so many ms later. */
  readonly later?: (action: () => void, ms: number) => void;
}

/** What is heard of a connection while nothing is read from it. */
export type Held = Pick<Socket, 'pause' | 'resume' | 'destroyed'>;

/** What Node's HTTP takes for one at least, and at most: where another program was given the processor meanwhile, that is not its cost. */
const LEAST_COST_MS = 0.016;
const MOST_COST_MS = 0.05;
/** What one takes from the first byte read to the connection's being ready for the next, as a multiple of writing the answer; measured. */
const WHOLE = 2.6;
/** Weight of the newest. */
const NEWEST = 0.01;

/** Shorter turns are not waited for: a burst is refused at once, and a timer has its price. */
const LEAST_MS = 10;
/** Nobody waits longer, however many there are: Node closes what it has not read for long. */
const MOST_MS = 3_000;
/** Connections are read again in groups, ms. */
const GROUP_MS = 4;

export class RefusalPace {
  readonly #options: Required<PaceOptions>;
  /** First come, first read. */
  #line: { readonly connection: Held; readonly until: number }[] = [];
  readonly #held = new Set<Held>();
  /** Instant until which the refusals of before have used up their share. */
  #usedUntil = Number.NEGATIVE_INFINITY;
  #waking = false;
  #costMs = LEAST_COST_MS;

  constructor(options: PaceOptions = {}) {
    const { share = 0.15, costMs = () => this.#costMs, now = () => performance.now(), later = wakeLater } = options;
    this.#options = { share, costMs, now, later };
  }

  /** Connections from which nothing is read at present. */
  get held(): number {
    return this.#held.size;
  }

  /** Writing the answer of one has taken so long, ms. */
  took(answerMs: number): void {
    const cost = Math.min(MOST_COST_MS, Math.max(LEAST_COST_MS, answerMs * WHOLE));
    this.#costMs += NEWEST * (cost - this.#costMs);
  }

  /** Counts one refusal, and gives the ms for which its connection is to wait; 0: it need not. */
  refused(): number {
    const { share, costMs, now } = this.#options;
    const at = now();
    this.#usedUntil = Math.min(Math.max(this.#usedUntil, at) + costMs() / share, at + MOST_MS);
    const waitMs = this.#usedUntil - at;
    return waitMs < LEAST_MS ? 0 : waitMs;
  }

  /** Reads nothing from the connection for so long. What it has sent stays with the operating system, and is served then. */
  hold(connection: Held, waitMs: number): void {
    if (this.#held.has(connection) || connection.destroyed) return;
    connection.pause();
    this.#held.add(connection);
    this.#line.push({ connection, until: this.#options.now() + waitMs });
    this.#wake();
  }

  #wake(): void {
    const [first] = this.#line;
    if (first === undefined || this.#waking) return;
    this.#waking = true;
    this.#options.later(
      () => {
        this.#waking = false;
        this.#release();
      },
      Math.max(GROUP_MS, first.until - this.#options.now()),
    );
  }

  #release(): void {
    const now = this.#options.now();
    const waiting = this.#line.findIndex(({ until }) => until > now);
    const due = this.#line.splice(0, waiting < 0 ? this.#line.length : waiting);
    for (const { connection } of due) {
      this.#held.delete(connection);
      if (!connection.destroyed) connection.resume();
    }
    this.#wake();
  }
}

function wakeLater(action: () => void, ms: number): void {
  setTimeout(action, ms).unref();
}
