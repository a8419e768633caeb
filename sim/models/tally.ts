/** What a run of many seeds has come to. */
import { perform, playOf } from './play.ts';
import type { Reason } from './rest.ts';

/** How one seed went. */
export interface Result {
  readonly seed: number;
  /** Processor time. */
  readonly cpuMs: number;
  readonly started: number;
  readonly left: number;
  readonly commands: number;
  readonly reasons: readonly Reason[];
  /** What was wrong; null: nothing. */
  readonly failure: string | null;
}

const NOTHING = { cpuMs: 0, started: 0, left: 0, commands: 0, reasons: [] };

export function failed(seed: number, failure: string): Result {
  return { ...NOTHING, seed, failure };
}

export async function playSeed(seed: number): Promise<Result> {
  const began = process.cpuUsage();
  try {
    const { started, left, commands, reasons } = await perform(playOf(seed));
    const { user, system } = process.cpuUsage(began);
    return { seed, cpuMs: (user + system) / 1_000, started, left, commands, reasons, failure: null };
  } catch (error) {
    return failed(seed, why(error));
  }
}

export function why(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 12).join('\n  ') : String(error);
}

const SLOWEST_SHOWN = 5;

export class Tally {
  readonly #began = performance.now();
  readonly #totals = { models: 0, started: 0, left: 0, commands: 0, failures: 0 };
  readonly #reasons = new Map<Reason, number>();
  #slowest: readonly Result[] = [];

  add(result: Result): void {
    this.#totals.models += 1;
    if (result.failure !== null) this.#totals.failures += 1;
    this.#totals.started += result.started;
    this.#totals.left += result.left;
    this.#totals.commands += result.commands;
    for (const reason of result.reasons) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    this.#slowest = [...this.#slowest, result]
      .toSorted((one, other) => other.cpuMs - one.cpuMs)
      .slice(0, SLOWEST_SHOWN);
  }

  get failures(): number {
    return this.#totals.failures;
  }

  toString(): string {
    const seconds = Math.round((performance.now() - this.#began) / 1_000);
    const reasons = [...this.#reasons].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const slowest = this.#slowest.map(({ seed, cpuMs }) => `${seed} in ${Math.round(cpuMs)} ms`);
    return [
      JSON.stringify({ ...this.#totals, seconds }),
      JSON.stringify(Object.fromEntries(reasons)),
      `most processor time: ${slowest.join(', ')}`,
    ].join('\n');
  }
}
