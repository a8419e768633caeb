/** What lies between clients and kernel: requests and answers take time, get lost, come twice and in another order. */
import type { Command, CommandOf, Outcome } from '@procos/engine';
import { Unavailable } from '../../packages/kernel/src/process-engine.ts';
import type { Chance } from '../random.ts';
import type { VirtualTime } from './time.ts';

export type Answer =
  | { readonly kind: 'accepted'; readonly value: unknown }
  | { readonly kind: 'rejected'; readonly code: string }
  /** The kernel said that it cannot now, or nobody was there. */
  | { readonly kind: 'unavailable' }
  /** No answer came in time. */
  | { readonly kind: 'silence' };

export interface Poll {
  readonly waitMs: number;
  readonly uniqueWorker?: boolean;
  /** The client hangs up after so long. */
  readonly abortAfterMs?: number;
}

/** The far end: gives the command to the kernel of the moment; null when there is none. */
export type Deliver = (
  id: string,
  command: Command,
  poll: (Poll & { readonly signal: AbortSignal }) | null,
) => Promise<Outcome<unknown>> | null;

const PATIENCE_MS = 5_000;

export class Network {
  /** In 1,000: requests and answers that are lost, requests that come twice. */
  lossy = { lost: 0, twice: 0 };
  /** Nothing gets through at all. */
  partitioned = false;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #deliver: Deliver;
  #asked = 0;

  constructor(time: VirtualTime, chance: Chance, deliver: Deliver) {
    this.#time = time;
    this.#chance = chance;
    this.#deliver = deliver;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#time.after(ms, resolve));
  }

  /** Resolves in any case. */
  ask(who: string, command: Command, poll: Poll | null = null): Promise<Answer> {
    const id = `${who}#${++this.#asked}`;
    return new Promise((resolve) => {
      const stopWaiting = this.#time.after((poll?.waitMs ?? 0) + PATIENCE_MS, () => resolve({ kind: 'silence' }));
      const answer = (what: Answer): void => {
        if (this.#isLost()) return;
        this.#time.after(this.#delay(), () => {
          stopWaiting();
          resolve(what);
        });
      };
      const hangUp = new AbortController();
      if (poll?.abortAfterMs !== undefined) this.#time.after(poll.abortAfterMs, () => hangUp.abort());
      const copies = this.#chance.below(1_000) < this.lossy.twice ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        if (this.#isLost()) continue;
        this.#time.after(this.#delay(), () => {
          const outcome = this.#deliver(id, command, poll === null ? null : { ...poll, signal: hangUp.signal });
          if (outcome === null) answer({ kind: 'unavailable' });
          else
            outcome.then(
              (done) => answer(answerOf(done)),
              () => answer({ kind: 'unavailable' }),
            );
        });
      }
    });
  }

  /** The same until an answer comes, at most `times`. */
  async askAgain(who: string, command: Command, times = 4): Promise<Answer> {
    let answer = await this.ask(who, command);
    for (let turn = 1; turn < times && (answer.kind === 'silence' || answer.kind === 'unavailable'); turn += 1) {
      await this.sleep(200 * 2 ** turn);
      answer = await this.ask(who, command);
    }
    return answer;
  }

  async fetch(who: string, command: CommandOf<'fetchAndLock'>, poll: Poll): Promise<Fetched['tasks']> {
    const answer = await this.ask(who, command, poll);
    return answer.kind === 'accepted' ? (answer.value as Fetched).tasks : [];
  }

  #isLost(): boolean {
    return this.partitioned || this.#chance.below(1_000) < this.lossy.lost;
  }

  /** Mostly quick; at times so slow that later ones overtake it. */
  #delay(): number {
    return this.#chance.below(10) === 0 ? this.#chance.below(400) : this.#chance.below(5);
  }
}

type Fetched = { readonly tasks: readonly { readonly task: { readonly id: number; readonly lockCount: number } }[] };

function answerOf(outcome: Outcome<unknown>): Answer {
  return outcome.ok ? { kind: 'accepted', value: outcome.value } : { kind: 'rejected', code: outcome.rejection.code };
}

/** Whether an error says no more than that the kernel cannot take work now. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Unavailable;
}
