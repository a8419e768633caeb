/** Starts what conditional start events wait for. */
import type { Variables } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { rejected } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';

export interface Conditions {
  /** undefined: of all latest versions. */
  readonly definitionId: number | undefined;
  readonly variables: Variables;
  readonly tenantId: string | null;
}

/** Members in the words of REST. */
export interface EvaluatedConditions {
  readonly conditionalEvaluationKey: string;
  readonly tenantId: string;
  readonly processInstances: readonly { readonly processDefinitionKey: string; readonly processInstanceKey: string }[];
}

export async function evaluateConditions(
  { engine, by, changeId }: Asked,
  { definitionId, variables, tenantId }: Conditions,
): Promise<EvaluatedConditions> {
  const outcome = await engine.submit(
    { type: 'evaluateConditions', variables, tenantId, ...(definitionId === undefined ? {} : { definitionId }) },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return {
    conditionalEvaluationKey: keyOf(changeId()),
    tenantId: tenantOf(tenantId),
    processInstances: outcome.value.started.map(({ processInstanceId, definitionId: id }) => ({
      processDefinitionKey: keyOf(id),
      processInstanceKey: keyOf(processInstanceId),
    })),
  };
}
