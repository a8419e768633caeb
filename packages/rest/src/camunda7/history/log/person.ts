/** The person on whose behalf a record was written. */
import type { LogRecord } from '@procos/kernel';
import { userOf } from '../../asker.ts';

/** null: the system itself, a worker, or somebody who has not said who he is. */
export function personOf(record: LogRecord): string | null {
  return userOf(record);
}
