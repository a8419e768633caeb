/** The engine's own follow-up commands: an element enqueues them, it never calls another element. */
import type { Variable } from '@procos/bpmn';
import type { ElementInstanceId, ProcessInstanceId } from './ids.ts';

/** What an event delivers to the element that waited for it. */
export interface Trigger {
  readonly variables?: Readonly<Record<string, Variable>>;
}

/** An error on its way up the scopes. */
export interface ThrownError {
  readonly code: string;
  readonly message: string | null;
  readonly variables?: Readonly<Record<string, Variable>>;
}

export type Step =
  /** A token reaches the target of a sequence flow. */
  | {
      readonly kind: 'arrive';
      readonly processInstanceId: ProcessInstanceId;
      readonly scopeId: ElementInstanceId;
      readonly flowId: string;
    }
  /** Create an instance of an element (no token: start events, event sub-processes, loop instances). */
  | {
      readonly kind: 'enter';
      readonly processInstanceId: ProcessInstanceId;
      readonly scopeId: ElementInstanceId;
      readonly elementId: string;
      readonly trigger?: Trigger;
      readonly loopIndex?: number;
    }
  /** Input mappings, then the element's own behaviour. */
  | {
      readonly kind: 'activate';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly trigger?: Trigger;
    }
  /** Output mappings, then leave by the outgoing flows. */
  | {
      readonly kind: 'complete';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      /** A second try: the output mappings have been applied, only leaving failed. */
      readonly outputsDone?: true;
    }
  /** A waiting event was triggered: `eventElementId` is the boundary, start or catch event. */
  | {
      readonly kind: 'trigger';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly eventElementId: string;
      readonly trigger: Trigger;
    }
  /** Find who catches the error, from this element instance upward. */
  | {
      readonly kind: 'throwError';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly error: ThrownError;
    }
  /** A loop instance has ended: is the loop done, or does the next one start? */
  | {
      readonly kind: 'continueLoop';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
    };
