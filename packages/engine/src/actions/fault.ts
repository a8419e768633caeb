/** The model's or the data's fault: a value that becomes an incident in one place (`engine.ts`). */
import type { IncidentKind } from '../state/entities.ts';

export class Fault {
  readonly kind: IncidentKind;
  readonly message: string;

  constructor(kind: IncidentKind, message: string) {
    this.kind = kind;
    this.message = message;
  }
}
