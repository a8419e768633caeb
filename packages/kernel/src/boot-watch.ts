/** Watches a boot by versions that an operator has deployed: where it does not come up, the start ends and names the way out. */
import type { LogRecord } from '@procos/engine';
import { ROOT_PROCESS } from './boot.ts';
import type { Clock } from './clock.ts';
import type { ProcessEngine } from './process-engine.ts';

const BOOT_PROCESS = 'procos_system_boot';

export interface BootWatchOptions {
  readonly clock: Clock;
  readonly engine: ProcessEngine;
  /** Processes of which an operator's version is the active one. */
  readonly changed: ReadonlySet<string>;
  /** How long the boot may take, ms. */
  readonly patienceMs: number;
  /** Called at most once, with the reason as a sentence. */
  readonly onStuck: (reason: string) => void;
}

export class BootWatch {
  readonly #options: BootWatchOptions;
  readonly #watched: ReadonlySet<string>;
  #over = false;
  #cancelTimer: () => void = () => {};

  /** Nothing is watched when the boot goes by the shipped versions: no other versions would help then. */
  constructor(options: BootWatchOptions) {
    this.#options = options;
    this.#watched = new Set([ROOT_PROCESS, BOOT_PROCESS].filter((id) => options.changed.has(id)));
  }

  /** Answers why the boot is stuck already: it stands in an incident since an earlier start. */
  begin(): string | undefined {
    if (this.#over || this.#watched.size === 0) return undefined;
    const { clock, engine, patienceMs } = this.#options;
    const where = [{ column: 'bpmnProcessId', op: '=', value: BOOT_PROCESS }] as const;
    const [open] = engine.find('incidents', { where });
    if (open !== undefined) return this.#reason(`stands in an incident at ${open.elementId}: ${open.message}`);
    this.#cancelTimer = clock.after(patienceMs, () =>
      this.#stuck(`has not reported ready within ${patienceMs / 1_000} s`),
    );
    return undefined;
  }

  onCommitted(records: readonly LogRecord[]): void {
    if (this.#over || this.#watched.size === 0) return;
    for (const event of records.flatMap(({ events }) => events)) {
      if (event.type !== 'incidentRaised') continue;
      const { bpmnProcessId, elementId, message } = event.incident;
      if (bpmnProcessId !== BOOT_PROCESS && bpmnProcessId !== ROOT_PROCESS) continue;
      this.#stuck(`stands in an incident at ${elementId} of ${bpmnProcessId}: ${message}`);
    }
  }

  /** The system is ready, or it stops for another reason. */
  end(): void {
    this.#over = true;
    this.#cancelTimer();
  }

  #stuck(how: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onStuck(this.#reason(how));
  }

  #reason(how: string): string {
    const [first] = this.#watched;
    return (
      `The boot ${how.replace(/\.$/, '')}. It goes by an operator's version of ${[...this.#watched].join(' and ')}. ` +
      `procos start --safe boots the shipped versions; then procos rollback ${first} takes an earlier version back.`
    );
  }
}
