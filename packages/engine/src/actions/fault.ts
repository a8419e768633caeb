/** The model's or the data's fault: a value that becomes an incident in one place (`engine.ts`). */
import type { Step } from '../records/steps.ts';
import type { IncidentKind } from '../state/entities.ts';

export class Fault {
  readonly kind: IncidentKind;
  readonly message: string;
  /** What to try again, where part of the failed step is done; absent: the whole step. */
  readonly retry: Step | undefined;

  constructor(kind: IncidentKind, message: string, retry?: Step) {
    this.kind = kind;
    this.message = message;
    this.retry = retry;
  }
}
