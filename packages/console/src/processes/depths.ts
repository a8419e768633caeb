/** How deep each visit lies below the instance: one level per enclosing visit. Pure. */
import type { ElementRow } from '@procos/protocol';

export function depthsOf(rows: readonly ElementRow[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const { elementInstanceId, scopeId } of rows) {
    const outer = scopeId === null ? undefined : depths.get(scopeId);
    depths.set(elementInstanceId, outer === undefined ? 0 : outer + 1);
  }
  return depths;
}
