/** What was lent by the clock that does not jump: nobody gets a task before the time of its worker has really passed. */
import type { LogRecord } from '@procos/engine';
import type { Finding } from '../invariants.ts';

/** Steps of the wall clock that the kernel does not notice add up to as much, and instants are whole milliseconds. */
const UNNOTICED_MS = 1_000 + 2;

export class Leases {
  /** Per task, until when it is lent, in monotonic time. */
  readonly #until = new Map<number, number>();

  /** While nothing runs nobody measures: locks end by the wall clock then. */
  forget(): void {
    this.#until.clear();
  }

  /** Takes in a record that was written at `now`, monotonic time. */
  take({ command, at, events }: LogRecord, now: number): Finding {
    for (const event of events) {
      switch (event.type) {
        case 'externalTaskLocked': {
          const until = this.#until.get(event.externalTaskId) ?? 0;
          // A worker may lock again by its id what it holds.
          if (command === 'fetchAndLock' && until - now > UNNOTICED_MS)
            return `task ${event.externalTaskId} was given to ${event.workerId} ${until - now} ms before the time of its worker had passed`;
          this.#until.set(event.externalTaskId, now + event.lockExpiresAt - at);
          break;
        }
        case 'externalTaskLockExtended':
          if (command !== 'keepLocks') this.#until.set(event.externalTaskId, now + event.lockExpiresAt - at);
          break;
        case 'externalTaskUnlocked':
        case 'externalTaskFenced':
        case 'externalTaskFailed':
        case 'externalTaskCompleted':
        case 'externalTaskCanceled':
          this.#until.delete(event.externalTaskId);
          break;
      }
    }
    return null;
  }
}
