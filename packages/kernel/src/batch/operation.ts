/** What can be done to many: one operation, and the list of what it is done to. */
import type { Json } from '@procos/bpmn';
import type { CommandOf, Instruction, MigrationInstruction, Variables } from '@procos/engine';

/** The items of all but the last three are process instances; of those, external tasks, incidents, and evaluations of decisions. */
export type BatchOperation =
  | {
      readonly type: 'cancelProcessInstance';
      readonly reason: string | null;
      /** What each has completed is undone first: its item is done when that has begun. */
      readonly compensate?: boolean;
    }
  /** Inside each instance alone. */
  | { readonly type: 'broadcastSignal'; readonly name: string; readonly reason?: string }
  | { readonly type: 'setSuspension'; readonly suspended: boolean; readonly reason?: string }
  | { readonly type: 'setVariables'; readonly variables: Variables }
  | { readonly type: 'correlateMessage'; readonly name: string; readonly variables: Variables }
  | ({
      readonly type: 'modifyProcessInstance';
      /** Only instances of this definition. */
      readonly definitionId: number;
      readonly instructions: readonly Instruction[];
    } & Skipped)
  | ({
      readonly type: 'migrateProcessInstance';
      readonly sourceDefinitionId: number;
      readonly targetDefinitionId: number;
      readonly instructions: readonly MigrationInstruction[];
      readonly variables: Variables;
      readonly reason?: string;
    } & Partial<Skipped>)
  | ({
      readonly type: 'restartProcessInstance';
      readonly definitionId: number;
      readonly startInstructions: readonly Instruction[];
      /** The variables that it was started with, not those that it ended with. */
      readonly initialVariables: boolean;
      readonly withoutBusinessKey: boolean;
    } & Skipped)
  /** Of instances that have ended: all that is kept of them. */
  | { readonly type: 'removeHistory' }
  | { readonly type: 'setExternalTaskRetries'; readonly retries: number }
  | { readonly type: 'resolveIncident' }
  | { readonly type: 'removeDecisionHistory' };

export interface Skipped {
  readonly skipListeners: boolean;
  readonly skipMappings: boolean;
}

export type BatchOperationType = BatchOperation['type'];

/** The system process that a batch is an instance of; its business key is the type of the operation. */
export const BATCH_PROCESS = 'procos_system_batch';

/** Rounds over what has failed before the batch waits in an incident. */
export const ATTEMPTS = 3;

/** Work of one system call; the instance's row with the whole list is written once for each. */
const CHUNKS = 50;
const SMALLEST_CHUNK = 100;

/** Begins the batch: its process instance is the batch, and everything that it needs stands in its variables. */
export function startBatch(operation: BatchOperation, items: readonly number[]): CommandOf<'createProcessInstance'> {
  const json = (value: unknown): { readonly type: 'Json'; readonly value: Json } => ({
    type: 'Json',
    value: value as Json,
  });
  const count = (value: number) => ({ type: 'Integer', value }) as const;
  return {
    type: 'createProcessInstance',
    definition: { bpmnProcessId: BATCH_PROCESS },
    businessKey: operation.type,
    variables: {
      operation: json(operation),
      items: json(items),
      total: count(items.length),
      chunk_size: count(Math.max(SMALLEST_CHUNK, Math.ceil(items.length / CHUNKS))),
      position: count(0),
      done: count(0),
      failures: json([]),
      attempt: count(1),
    },
  };
}

/** An item that could not be done, as the variable `failures` of a batch lists it. */
export interface ItemFailure {
  readonly item: number;
  readonly reason: string;
}
