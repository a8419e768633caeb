/** User tasks, open or over, and the scopes whose variables they see. */
import type { ProcessEngine } from '@procos/kernel';
import type { TaskRow } from '../../user-tasks.ts';
import { distinct } from '../search/related.ts';

export { elementOf, findTask, openRow, overRows, type TaskRow, type TaskState } from '../../user-tasks.ts';

/** The scope of the task and those around it, outward. */
export function scopesOf(engine: ProcessEngine, { processInstanceId, elementInstanceId }: TaskRow): readonly number[] {
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  const scopeOf = new Map(engine.find('elementInstances', { where }).map(({ id, scopeId }) => [id as number, scopeId]));
  const path: number[] = [];
  for (let at: number | null = elementInstanceId; at !== null && !path.includes(at); at = scopeOf.get(at) ?? null)
    path.push(at);
  return distinct([...path, processInstanceId]);
}
