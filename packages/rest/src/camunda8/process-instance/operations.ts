/** What may be done to a process instance that runs: cancel, modify, migrate; and what it is. */
import type { Asked } from '../asked.ts';
import { notFound, rejected } from '../errors.ts';

export async function cancelInstance({ engine, by }: Asked, key: number): Promise<void> {
  const command = {
    type: 'cancelProcessInstance',
    processInstanceId: key,
    reason: 'canceled through the API',
  } as const;
  const outcome = await engine.submit(command, by);
  if (outcome.ok) return;
  if (outcome.rejection.code === 'NOT_FOUND') throw notFound(`There is no running process instance with key ${key}`);
  throw rejected(outcome.rejection);
}
