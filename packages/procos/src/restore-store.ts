/** A backup in the place of a store, ready for a kernel: what `procos restore` and the restore process come to. */
import { beginNewLife, type RestoredOptions } from '@procos/kernel';
import { type RestoreReport, restoreSqlite, type Store, StoreRefusal } from '@procos/store';
import { EXIT, UserError } from './cli/user-error.ts';

export interface RestoreStoreOptions {
  readonly directory: string;
  /** Move a store that is there aside; otherwise it is refused. */
  readonly replace: boolean;
  readonly by: RestoredOptions['by'];
}

/** Throws `UserError` with what to do. */
export function restoreStore(backup: string, { directory, replace, by }: RestoreStoreOptions): RestoreReport {
  const now = Date.now();
  const label = new Date(now).toISOString().replaceAll(/[:.]/g, '-');
  try {
    const begin = (store: Store, lastId: number): void => beginNewLife({ store, now, by, lastId });
    return restoreSqlite({ backup, directory, replace, label, begin });
  } catch (error) {
    if (error instanceof StoreRefusal) throw new UserError(error.code, error.message, EXIT.failed);
    throw error;
  }
}
