/** The engine's own follow-up commands: an element enqueues them, it never calls another element. */
import type { Json, Variable } from '@procos/bpmn';
import type { TaskLink } from '../state/entities.ts';
import type {
  ControlId,
  DefinitionId,
  ElementInstanceId,
  ExternalTaskId,
  ProcessInstanceId,
  Subject,
  SubscriptionId,
} from './ids.ts';

/** What an event delivers to the element that waited for it. */
export interface Trigger {
  /** The event that happened, where the element is not itself that event: the start of a process, an event-based gateway. */
  readonly eventElementId?: string;
  /** Which part of a multiple event. */
  readonly part?: number;
  readonly variables?: Readonly<Record<string, Variable>>;
}

/** An error on its way up the scopes. */
export interface ThrownError {
  readonly code: string;
  readonly message: string | null;
  readonly variables?: Readonly<Record<string, Variable>>;
}

/** An escalation on its way up the scopes. */
export interface ThrownEscalation {
  readonly code: string;
  readonly variables?: Readonly<Record<string, Variable>>;
}

/** A change of a user task that its listeners accompany. */
export type UserTaskChange = {
  /** What else changes with it, and what the listeners have corrected by now. */
  readonly corrections?: UserTaskUpdate & { readonly assignee?: string | null };
} & (
  | {
      readonly kind: 'create';
      /** Whom the model assigns it to, once its listeners have run. */
      readonly assignee?: string | null;
    }
  /** `initial`: by the model. */
  | { readonly kind: 'assignment'; readonly assignee: string | null; readonly initial?: true }
  | { readonly kind: 'update'; readonly changes: UserTaskUpdate }
  /** Only its listener is called: which one of those for a timeout. */
  | { readonly kind: 'timeout'; readonly listener: number }
  /** `variables`: placed when its listeners have agreed. */
  | { readonly kind: 'complete'; readonly variables?: Readonly<Record<string, Variable>> }
);

export interface UserTaskUpdate {
  readonly candidateUsers?: readonly string[];
  readonly candidateGroups?: readonly string[];
  readonly name?: string | null;
  readonly description?: string | null;
  readonly owner?: string | null;
  readonly delegation?: 'pending' | 'resolved' | null;
  readonly links?: readonly TaskLink[];
  readonly dueAt?: number | null;
  readonly followUpAt?: number | null;
  readonly priority?: number;
}

/** What has happened since somebody outside last asked for something, or time last passed: see `Limits`. */
export interface Chain {
  /** Instant of its first command, ms since the epoch. */
  readonly since: number;
  /** Steps that are left of `Limits.stepsWithoutWait`. */
  readonly stepsLeft: number;
  /** How often elements have begun in a scope; only where it may matter. */
  readonly laps: readonly (readonly [scopeId: ElementInstanceId, elementId: string, times: number])[];
}

/** How far a step has come that had to wait for something on its way; what was done is not done again. */
export interface Progressed {
  /** Listeners that have run. */
  readonly listenersDone?: number;
  /** Values of the scripts that have run for it, by the text that asked for them. */
  readonly scripts?: Readonly<Record<string, Json>>;
  /** It comes from its asynchronous continuation. */
  readonly asyncDone?: true;
  /** How often it has failed. */
  readonly failures?: number;
}

/** Before something is canceled: how many listeners have been called, by element instance. */
export type Told = Readonly<Record<string, number>>;

/** Whom of those that wait for its name a message is for, by variables of the instance and of what waits; and variables for what waits alone. */
export interface Addressed {
  readonly correlationKeys?: Readonly<Record<string, Variable['value']>>;
  readonly localCorrelationKeys?: Readonly<Record<string, Variable['value']>>;
  readonly localVariables?: Readonly<Record<string, Variable>>;
  /** Whatever tenant they have. */
  readonly anyTenant?: true;
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
  /** Input mappings, start listeners, then the element's own behaviour. */
  | (Progressed & {
      readonly kind: 'activate';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly trigger?: Trigger;
      readonly inputsDone?: true;
      /** A modification from outside: without its input mappings, or without listeners. */
      readonly skipInputs?: true;
      readonly skipListeners?: true;
      /** A scope that is only needed around something that is started from outside: nothing inside begins by itself. */
      readonly bare?: true;
    })
  /** Output mappings and end listeners, then leave by the outgoing flows. */
  | (Progressed & {
      readonly kind: 'complete';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      /** A second try: the output mappings have been applied, only leaving failed. */
      readonly outputsDone?: true;
    })
  /** A waiting event was triggered: `eventElementId` is the boundary, start or catch event. */
  | {
      readonly kind: 'trigger';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly eventElementId: string;
      readonly trigger: Trigger;
      /** Which part of a multiple event. */
      readonly part?: number;
      /** Why called instances that it interrupts end, where that is not only that who called them went on. */
      readonly reason?: string;
      readonly told?: Told;
    }
  /** The whole instance is ended from outside. */
  | {
      readonly kind: 'cancelInstance';
      readonly processInstanceId: ProcessInstanceId;
      /** The instance itself. */
      readonly elementInstanceId: ElementInstanceId;
      readonly reason: string | null;
      /** What it has completed is undone first. */
      readonly compensate?: true;
      readonly told?: Told;
    }
  /** One element instance is canceled from outside; a scope that is empty then goes too. */
  | {
      readonly kind: 'cancelElement';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly told?: Told;
    }
  /** A terminate end event, or the cancel end event of a transaction, cancels all that is beside it in its scope. */
  | {
      readonly kind: 'endScope';
      readonly processInstanceId: ProcessInstanceId;
      /** The scope. */
      readonly elementInstanceId: ElementInstanceId;
      /** The end event. */
      readonly by: ElementInstanceId;
      readonly how: 'terminate' | 'cancel';
      readonly told?: Told;
    }
  /** Find who catches the error, from this element instance upward. */
  | {
      readonly kind: 'throwError';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly error: ThrownError;
    }
  /** Tell who catches the escalation, from this element instance upward. */
  | {
      readonly kind: 'throwEscalation';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly escalation: ThrownEscalation;
    }
  /** Undo the next completed activity, or be done with it. */
  | {
      readonly kind: 'continueUndo';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
    }
  /** An activity inside an ad-hoc sub-process has ended: is it done, or does the next one start? */
  | {
      readonly kind: 'continueAdHoc';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      /** It is done, and what is left inside is being canceled. */
      readonly told?: Told;
    }
  /** A user task changes, with its listeners. */
  | (Progressed & {
      readonly kind: 'changeUserTask';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly change: UserTaskChange;
    })
  /** A loop instance has ended: is the loop done, or does the next one start? */
  | {
      readonly kind: 'continueLoop';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      /** It is done, and what is left inside is being canceled. */
      readonly told?: Told;
    }
  /** A signal reaches one of those that waited for it when it was thrown; of no instance (0, 0). */
  | {
      readonly kind: 'deliverSignal';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly subscriptionId: SubscriptionId;
      readonly variables: Readonly<Record<string, Variable>>;
      /** Of who threw it. */
      readonly narrowedBy?: readonly DefinitionId[];
    }
  /** A signal, or a message to all, goes on to those that waited for it when it was thrown, the oldest first; of no instance (0, 0). */
  | {
      readonly kind: 'continueSignal';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly name: string;
      readonly tenantId: string | null;
      readonly variables: Readonly<Record<string, Variable>>;
      /** Those up to this one have been looked at. */
      readonly after: SubscriptionId;
      /** Those beyond it did not wait yet. */
      readonly upTo: SubscriptionId;
      /** It is told at once, wherever it waits. */
      readonly thrownBy?: ProcessInstanceId;
      /** Each receives it in a command of its own, which goes on with this chain. */
      readonly apart?: Chain;
      /** Of who threw it. */
      readonly narrowedBy?: readonly DefinitionId[];
      /** From outside: what it leads to is no part of a loop. */
      readonly outside?: true;
      /** Who has asked for it. */
      readonly sender?: Subject;
      /** A message: who of those that wait for it is meant, and what each gets for itself. */
      readonly message?: Addressed;
    }
  /** The instance is as old as it may become, unless the limit was raised meanwhile. */
  | {
      readonly kind: 'reachTimeLimit';
      readonly processInstanceId: ProcessInstanceId;
      /** The instance itself. */
      readonly elementInstanceId: ElementInstanceId;
    }
  /** Instances that were there before their owner set something are looked at, the newest first; of no instance (0, 0). */
  | {
      readonly kind: 'visitInstances';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly controlId: ControlId;
      /** `count`: how many are alive. `time`: each gets its timer. */
      readonly purpose: 'count' | 'time';
      /** Greatest id that was not looked at yet. */
      readonly upTo: ProcessInstanceId;
    }
  /** Tasks of a topic that wait for a worker go to the process that serves it now, the oldest first; of no instance (0, 0). */
  | {
      readonly kind: 'handOver';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly topic: string;
      readonly tenantId: string | null;
      /** Greatest id that was looked at already. */
      readonly after: ExternalTaskId;
    }
  /** What one command has left over, for the next one: of one instance (at its root scope), or of many (0, 0). */
  | {
      readonly kind: 'continueTurn';
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly steps: readonly Step[];
      /** Scopes whose joins are still to be looked at. */
      readonly touched: readonly (readonly [ProcessInstanceId, ElementInstanceId])[];
    };

export type StepOf<K extends Step['kind']> = Extract<Step, { readonly kind: K }>;

/** Steps that cancel and can wait for work of listeners before they do. */
export type CancelingStep = Extract<Step, { readonly told?: Told }>;

/** Steps that may have to wait for something on their way and go on from there. */
export type PausableStep = StepOf<'activate' | 'complete' | 'changeUserTask'>;
