/** Why a step could not be done: the model's or the data's fault, or work that has to be done outside first. */
import type { ExternalWork } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { Step } from '../records/steps.ts';
import type { Bound } from '../state/controls.ts';
import type { Errand, IncidentKind } from '../state/entities.ts';

/** A value that becomes an incident in one place (`steps/steps.ts`). */
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

/** An owner's limit stands in the way: an event of the model may take over instead of an incident. */
export class LimitReached extends Fault {
  readonly bound: Bound;

  constructor(bound: Bound, message: string, retry?: Step) {
    super('limitReached', message, retry);
    this.bound = bound;
  }
}

/**
 * Nobody's fault: the step needs something from a worker (a script's value, a listener) and is done again, from `retry` or
 * from its beginning, when that is there. It stops a step in the same way as a fault does.
 */
export class Detour extends Fault {
  readonly purpose: Errand['purpose'];
  readonly work: ExternalWork;
  /** `script`: under which key the step will find the value. */
  readonly key: string | null;
  /** What the worker sees beside the visible variables. */
  readonly variables: Variables;

  constructor(
    purpose: Errand['purpose'],
    work: ExternalWork,
    details: { readonly retry?: Step; readonly key?: string; readonly variables?: Variables } = {},
  ) {
    super('expression', `waits for ${purpose}`, details.retry);
    this.purpose = purpose;
    this.work = work;
    this.key = details.key ?? null;
    this.variables = details.variables ?? {};
  }

  /** The same, with more that the worker is told. */
  informed(headers: Readonly<Record<string, string>>, variables: Variables): Detour {
    return new Detour(
      this.purpose,
      { ...this.work, headers: { ...this.work.headers, ...headers } },
      {
        ...(this.retry === undefined ? {} : { retry: this.retry }),
        ...(this.key === null ? {} : { key: this.key }),
        variables: { ...this.variables, ...variables },
      },
    );
  }

  /** The same, but another step goes on afterwards. */
  from(retry: Step): Detour {
    return new Detour(this.purpose, this.work, {
      retry,
      variables: this.variables,
      ...(this.key === null ? {} : { key: this.key }),
    });
  }
}

/** The fault, to be tried again from this step on. */
export function retryFrom(fault: Fault, retry: Step): Fault {
  if (fault instanceof LimitReached) return new LimitReached(fault.bound, fault.message, retry);
  return fault instanceof Detour ? fault.from(retry) : new Fault(fault.kind, fault.message, retry);
}
