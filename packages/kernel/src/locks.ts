/** Locks of external tasks are lent for a duration: what the wall clock does in the meantime is not the worker's affair. */
import type { CommandOf } from '@procos/engine';
import type { Store } from '@procos/store';

/**
 * Moves every lock that had not ended at `since` by `byMs`, or those of one worker alone; undefined when there is none. To be
 * asked between two commits, since it sees what is committed.
 */
export function keepLocks(
  store: Store,
  since: number,
  byMs: number,
  workerId?: string,
): CommandOf<'keepLocks'> | undefined {
  const held = { column: 'workerId', op: 'notNull' } as const;
  const where = [
    workerId === undefined ? held : ({ column: 'workerId', op: '=', value: workerId } as const),
    { column: 'availableAt', op: '>', value: since } as const,
  ];
  const externalTaskIds = store.find('externalTasks', { where, orderBy: [{ column: 'id' }] }).map(({ id }) => id);
  return externalTaskIds.length === 0 ? undefined : { type: 'keepLocks', externalTaskIds, byMs };
}
