/** Whether the store may still be used: after a failure, or once closed, every call throws. */
import { StorageFull, StoreFailure, TooMuchAsked } from './contract.ts';

export class Health {
  #ended: StoreFailure | null = null;

  get usable(): boolean {
    return this.#ended === null;
  }

  assertUsable(): void {
    if (this.#ended !== null) throw this.#ended;
  }

  /** Runs work on the medium; what it throws ends the store, unless only room is missing, or too much was asked for. */
  guard<T>(doing: string, work: () => T): T {
    this.assertUsable();
    try {
      return work();
    } catch (error) {
      if (error instanceof StorageFull || error instanceof TooMuchAsked) throw error;
      throw this.end(`The store failed while ${doing}: ${messageOf(error)}. Start again to recover.`, error);
    }
  }

  end(message: string, cause?: unknown): StoreFailure {
    this.#ended ??= new StoreFailure(message, cause === undefined ? undefined : { cause });
    return this.#ended;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
