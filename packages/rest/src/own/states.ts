/** How it stands with a process instance, as people read it. */
import type { ProcessInstanceView } from '@procos/kernel';
import type { ProcessRow } from '@procos/protocol';

export function stateOf(row: ProcessInstanceView): ProcessRow['state'] {
  return row.state === 'active' && row.incidents > 0 ? 'incident' : row.state;
}
