/** Who asks, once he has proved who he is: what the gate and the models may hold against him. */
import type { Subject } from '@procos/engine';
import type { Permission } from '../policy/permissions.ts';

export interface Caller extends Subject {
  /** Own roles and those of his groups; of a token only those that it has. */
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly permissions: ReadonlySet<Permission>;
}

export function isCaller(subject: Subject): subject is Caller {
  return 'permissions' in subject;
}
