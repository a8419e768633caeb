/** `procos.batch.run`: works through the next items of a batch, each one command of its own and done once. */
import { type Json, jsonOf } from '@procos/bpmn';
import type { Command, Subject } from '@procos/engine';
import { BATCH_PROCESS, type BatchOperation, type ItemFailure } from '../batch/operation.ts';
import { type ItemPlan, planItem } from '../batch/plan-item.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { ItemWorker, type ItemWorkNeeds } from './item-work.ts';
import { starterOf } from './starter.ts';

export interface BatchNeeds extends ItemWorkNeeds {
  readonly engine: () => Pick<ProcessEngine, 'find' | 'records' | 'firstSequence'>;
  /** Why the gate refuses the command to the subject; undefined when it does not. */
  readonly refusal: (command: Command, by: Subject) => string | undefined;
}

export function batchRun(needs: BatchNeeds): SystemCall {
  const worker = new ItemWorker(needs);
  return {
    topic: 'procos.batch.run',
    async run(task) {
      const all = numbers(task, 'items');
      const position = whole(task, 'position');
      const operation = operationOf(task);
      const items = all.slice(position, position + whole(task, 'chunk_size'));
      const by = starterOf(needs.engine(), task.processInstanceId, BATCH_PROCESS);
      const plan = (item: number): ItemPlan => admitted(needs, planItem(operation, item, needs.engine()), by);
      const failures: readonly ItemFailure[] = await worker.workThrough(task, { items, by, plan });
      // A new round over what has failed begins a new list.
      const before = position === 0 ? [] : failuresOf(task);
      const now = position + items.length;
      const failed = [...before, ...failures];
      return {
        variables: {
          position: now,
          done: whole(task, 'done') + items.length - failures.length,
          failures: jsonOf(failed),
          more: now < all.length,
          failed: failed.length,
        },
      };
    },
  };
}

function admitted(needs: BatchNeeds, plan: ItemPlan, by: Subject): ItemPlan {
  const refusal = plan.command === undefined ? undefined : needs.refusal(plan.command, by);
  return refusal === undefined ? plan : { failure: refusal };
}

const OPERATIONS: Readonly<Record<BatchOperation['type'], true>> = {
  cancelProcessInstance: true,
  broadcastSignal: true,
  setSuspension: true,
  setVariables: true,
  correlateMessage: true,
  modifyProcessInstance: true,
  migrateProcessInstance: true,
  restartProcessInstance: true,
  removeHistory: true,
  setExternalTaskRetries: true,
  resolveIncident: true,
  removeDecisionHistory: true,
};

function operationOf(task: SystemTask): BatchOperation {
  const operation = task.input('operation') as { readonly type?: Json } | null;
  const type = operation?.type;
  if (typeof type === 'string' && Object.hasOwn(OPERATIONS, type)) return operation as unknown as BatchOperation;
  throw new Hopeless(
    `The variable operation of the batch names nothing that can be done to many (${Object.keys(OPERATIONS).join(', ')}): cancel the batch.`,
  );
}

function numbers(task: SystemTask, name: string): readonly number[] {
  const value = task.input(name);
  if (Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))) return value as readonly number[];
  throw new Hopeless(`The variable ${name} of the batch is no list of ids: cancel the batch.`);
}

function whole(task: SystemTask, name: string): number {
  const value = task.input(name);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Hopeless(`The variable ${name} of the batch is no whole number from 0: cancel the batch.`);
}

export function failuresOf(task: SystemTask): readonly ItemFailure[] {
  const value = task.input('failures');
  return Array.isArray(value) ? (value as unknown as readonly ItemFailure[]) : [];
}
