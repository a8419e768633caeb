/** Who asks, as Camunda names a user. */
import type { Call } from '../../call.ts';

/** null: nobody has said who he is, or no person asks. */
export function userOf({ by }: Pick<Call, 'by'>): string | null {
  const person = by.kind === 'user' || (by.kind === 'anonymous' && by.id !== 'anonymous');
  return person ? by.id : null;
}
