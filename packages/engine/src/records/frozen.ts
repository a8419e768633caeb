/** A running process instance as plain data: what a snapshot holds of it. Instants are ms since the epoch. */
import type { Variable } from '@procos/bpmn';
import type {
  Compensation,
  ElementInstance,
  ExternalTask,
  Incident,
  LoopState,
  Subscription,
  Timer,
  Undo,
  UserTask,
} from '../state/entities.ts';
import type { DefinitionId, ElementInstanceId, ProcessInstanceId } from './ids.ts';

/** What is empty or null is absent. Which tasks, timers, subscriptions and incidents it has, these say themselves. */
export interface FrozenElement {
  readonly id: ElementInstanceId;
  readonly elementId: string;
  /** null: the instance itself. */
  readonly scopeId: ElementInstanceId | null;
  readonly role?: Exclude<ElementInstance['role'], 'element'>;
  readonly variables?: Readonly<Record<string, Variable>>;
  readonly tokens?: Readonly<Record<string, number>>;
  readonly loopIndex?: number;
  readonly loop?: LoopState;
  readonly compensations?: readonly Compensation[];
  readonly undo?: Undo;
  readonly undoneFor?: ElementInstanceId;
  readonly partsSeen?: Readonly<Record<string, readonly number[]>>;
  readonly rounds?: Readonly<Record<string, readonly string[]>>;
  readonly queue?: readonly string[];
}

export interface FrozenInstance {
  readonly id: ProcessInstanceId;
  readonly definitionId: DefinitionId;
  readonly businessKey: string | null;
  readonly tenantId: string | null;
  readonly rootId: ProcessInstanceId;
  readonly parentId: ProcessInstanceId | null;
  readonly parentElementInstanceId: ElementInstanceId | null;
  readonly startedAt: number;
  readonly suspended: boolean;
  readonly warnings?: number;
  readonly tags?: readonly string[];
  readonly endsAfter?: readonly string[];
  /** Scopes stand before what is inside; the instance itself is the first. */
  readonly elements: readonly FrozenElement[];
  readonly externalTasks: readonly ExternalTask[];
  readonly userTasks: readonly UserTask[];
  readonly timers: readonly Timer[];
  readonly subscriptions: readonly Subscription[];
  readonly incidents: readonly Incident[];
}
