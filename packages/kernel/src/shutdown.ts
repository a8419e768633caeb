/** The order to shut down: told to PID 1 until PID 1 hears it, and carried out without PID 1 when that takes too long. */
import type { CommandOf, Outcome, ReplyOf, Subject } from '@procos/engine';
import { SHUTDOWN } from './boot.ts';
import type { Clock } from './clock.ts';

export interface ShutdownOptions {
  readonly clock: Clock;
  readonly submit: (command: CommandOf<'broadcastSignal'>, by: Subject) => Promise<Outcome<ReplyOf<'broadcastSignal'>>>;
  /** How long PID 1 has. */
  readonly patienceMs: number;
  readonly onTooLate: () => void;
}

/** PID 1 was between two steps and did not hear the signal: it is sent again after this time. */
const AGAIN_MS = 250;

export class Shutdown {
  readonly #options: ShutdownOptions;
  #requested = false;
  #heard = false;
  #cancelDeadline = (): void => {};
  #cancelAgain = (): void => {};

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  get requested(): boolean {
    return this.#requested;
  }

  /** Resolves once the signal is on the disk. Only the first order counts. */
  async order(by: Subject): Promise<void> {
    if (this.#requested) return;
    this.#requested = true;
    const { clock, patienceMs, onTooLate } = this.#options;
    this.#cancelDeadline = clock.after(patienceMs, onTooLate);
    await this.#broadcast(by);
  }

  /** The system is on its way down: no need to tell anybody again. */
  heard(): void {
    this.#heard = true;
  }

  /** The kernel has ended. */
  cancel(): void {
    this.#heard = true;
    this.#cancelDeadline();
    this.#cancelAgain();
  }

  async #broadcast(by: Subject): Promise<void> {
    let told = false;
    try {
      const outcome = await this.#options.submit({ type: 'broadcastSignal', name: SHUTDOWN }, by);
      told = outcome.ok && outcome.value.receivers > 0;
    } finally {
      if (!this.#heard && !told) this.#againLater(by);
    }
  }

  /** PID 1 did not hear it, or the signal could not be written down just now. */
  #againLater(by: Subject): void {
    this.#cancelAgain = this.#options.clock.after(AGAIN_MS, () => {
      // The kernel ends meanwhile: nobody needs to be told.
      this.#broadcast(by).catch(() => {});
    });
  }
}
