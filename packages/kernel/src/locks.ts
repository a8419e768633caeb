/** Locks of external tasks are lent for a duration: what the wall clock does in the meantime is not the worker's affair. */
import type { CommandOf } from '@procos/engine';
import type { Store } from '@procos/store';

/**
 * Moves every lock that had not ended at `since` by `byMs`; undefined when there is none. To be asked between two
 * commits, since it sees what is committed.
 */
export function keepLocks(store: Store, since: number, byMs: number): CommandOf<'keepLocks'> | undefined {
  const where = [
    { column: 'workerId', op: 'notNull' },
    { column: 'availableAt', op: '>', value: since },
  ] as const;
  const externalTaskIds = store.find('externalTasks', { where, orderBy: [{ column: 'id' }] }).map(({ id }) => id);
  return externalTaskIds.length === 0 ? undefined : { type: 'keepLocks', externalTaskIds, byMs };
}
