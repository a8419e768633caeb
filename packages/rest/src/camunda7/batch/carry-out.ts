/** One operation on many: as a batch, or at once while the request waits. */
import { type BatchOperation, type ItemPlan, planItem, startBatch } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { RestError, rejected } from '../errors.ts';
import { batches } from './dto.ts';

/** Starts the batch and answers with it. */
export async function asBatch(
  { engine, by }: Call,
  operation: BatchOperation,
  items: readonly number[],
): Promise<unknown> {
  const outcome = await engine.submit(startBatch(operation, items), by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  const where = [{ column: 'id', op: '=', value: outcome.value.processInstanceId }] as const;
  return batches(engine, engine.find('processInstances', { where }))[0];
}

/** Each item by itself; the first that cannot be done is answered, and those before it are done. */
export async function atOnce(call: Call, operation: BatchOperation, items: readonly number[]): Promise<undefined> {
  for (const item of items) {
    const failure = await failureOf(call, item, planItem(operation, item, call.engine));
    if (failure !== undefined) throw new RestError(400, 'BadUserRequestException', failure);
  }
  return undefined;
}

async function failureOf(
  { engineFor, by }: Call,
  item: number,
  { command, failure }: ItemPlan,
): Promise<string | undefined> {
  if (command === undefined) return failure;
  const outcome = await engineFor(item).submit(command, by);
  return outcome.ok ? undefined : outcome.rejection.message;
}
