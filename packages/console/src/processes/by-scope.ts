/** Variables grouped by the scope that holds them: the instance first, then local ones; names in order. Pure. */
import type { VariableRow } from '@procos/protocol';

export interface ScopeGroup {
  readonly scopeId: string;
  readonly elementId: string | null;
  readonly rows: readonly VariableRow[];
}

export function byScope(variables: readonly VariableRow[]): readonly ScopeGroup[] {
  return [...Map.groupBy(variables, (row) => row.scopeId)]
    .map(([scopeId, rows]) => ({
      scopeId,
      elementId: rows[0]?.elementId ?? null,
      rows: rows.toSorted((one, other) => one.name.localeCompare(other.name)),
    }))
    .sort((one, other) => Number(one.elementId !== null) - Number(other.elementId !== null));
}
