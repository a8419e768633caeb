/** `procos.batch.run`: works through the next items of a batch, each one command of its own and done once. */
import type { Json } from '@procos/bpmn';
import type { Command, CommandOf, Outcome, ReplyOf, Subject } from '@procos/engine';
import { BATCH_PROCESS, type BatchOperation, type ItemFailure } from '../batch/operation.ts';
import { type ItemPlan, planItem } from '../batch/plan-item.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../log.ts';
import { type ProcessEngine, Unavailable } from '../process-engine.ts';
import { Hopeless, Postponed, type SystemCall, type SystemTask } from './contract.ts';
import { starterOf } from './starter.ts';

export interface BatchNeeds {
  readonly clock: Clock;
  readonly engine: () => Pick<ProcessEngine, 'find' | 'records' | 'firstSequence'>;
  /** Why the gate refuses the command to the subject; undefined when it does not. */
  readonly refusal: (command: Command, by: Subject) => string | undefined;
  readonly submit: (command: CommandOf<'workOnItem'>, by: Subject) => Promise<Outcome<ReplyOf<'workOnItem'>>>;
}

/** Items on their way at once: they share a commit, and whoever else asks something waits for no more than these. */
const WINDOW = 16;
const PAUSE_MS = 100;

interface Chunk {
  readonly operation: BatchOperation;
  readonly items: readonly number[];
  readonly by: Subject;
}

export function batchRun(needs: BatchNeeds): SystemCall {
  /** One window at a time, whichever batch it is of. */
  let line: Promise<unknown> = Promise.resolve();
  function inLine<R>(work: () => Promise<R>): Promise<R> {
    const mine = line.then(work);
    line = mine.catch(() => {});
    return mine;
  }

  return {
    topic: 'procos.batch.run',
    async run(task) {
      const items = numbers(task, 'items');
      const position = whole(task, 'position');
      const chunk: Chunk = {
        operation: operationOf(task),
        items: items.slice(position, position + whole(task, 'chunk_size')),
        by: starterOf(needs.engine(), task.processInstanceId, BATCH_PROCESS),
      };
      const failures: ItemFailure[] = (task.progress?.failed ?? []).map(({ item, reason }) => ({
        item: chunk.items[item] ?? item,
        reason,
      }));
      let next = task.progress?.next ?? 0;
      while (next < chunk.items.length) {
        if (task.stopping.aborted)
          throw new Unavailable('STOPPING', 'The kernel is stopping; the batch goes on later.');
        const from = next;
        const outcomes = await inLine(() => workOn(needs, task, chunk, from));
        for (const failure of outcomes) {
          if (failure !== null) failures.push({ item: chunk.items[next] ?? next, reason: failure });
          next += 1;
        }
        if (outcomes.length === 0) await new Promise<void>((resolve) => needs.clock.after(PAUSE_MS, resolve));
      }
      // A new round over what has failed begins a new list.
      const before = position === 0 ? [] : failuresOf(task);
      const now = position + chunk.items.length;
      const all = [...before, ...failures];
      return {
        variables: {
          position: now,
          done: whole(task, 'done') + chunk.items.length - failures.length,
          failures: all as unknown as Json,
          more: now < items.length,
          failed: all.length,
        },
      };
    },
  };
}

/** The items from `from`, as many as go at once: for each that was come past why it failed, or null. None: try again. */
async function workOn(
  needs: BatchNeeds,
  task: SystemTask,
  { operation, items, by }: Chunk,
  from: number,
): Promise<readonly (string | null)[]> {
  const work = (item: number, plan: ItemPlan) =>
    needs.submit({ type: 'workOnItem', ...task.holder, item, ...plan }, by);
  const plans = items
    .slice(from, from + WINDOW)
    .map((item) => admitted(needs, planItem(operation, item, needs.engine()), by));
  const answers = await Promise.allSettled(plans.map((plan, index) => work(from + index, plan)));
  const outcomes: (string | null)[] = [];
  for (const answer of answers) {
    if (answer.status === 'fulfilled' && answer.value.ok) {
      outcomes.push(answer.value.value.failure);
      continue;
    }
    // What stopped at one item kept back those after it, since items come in order.
    if (outcomes.length > 0) break;
    if (answer.status === 'fulfilled') throw new Postponed(messageIn(answer.value));
    if (answer.reason instanceof Unavailable && answer.reason.passes) break;
    // The engine itself failed at it, and has undone it; should it be the store that failed, then so does this.
    const failure = messageOf(answer.reason);
    await work(from, { failure });
    return [failure];
  }
  return outcomes;
}

/** The batch was suspended, or it is gone, or somebody else's by now. */
function messageIn(answer: Outcome<unknown>): string {
  return answer.ok ? '' : answer.rejection.message;
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
  setExternalTaskRetries: true,
  resolveIncident: true,
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
