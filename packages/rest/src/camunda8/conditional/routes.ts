/** `/conditionals/evaluation`: starts what a conditional start event waits for. */
import type { Call, Declare } from '../../call.ts';
import { rejected } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { Members } from '../members.ts';
import { tenantOf } from '../tenants.ts';
import { readVariables } from '../variables.ts';

export function conditionalRoutes(route: Declare): void {
  route('POST', '/conditionals/evaluation', 'processInstance.create', evaluate);
}

async function evaluate({ body, engine, by }: Call): Promise<unknown> {
  const members = new Members(body);
  const definitionId = members.optionalKey('processDefinitionKey');
  const tenantId = members.tenant();
  const outcome = await engine.submit(
    {
      type: 'evaluateConditions',
      variables: readVariables(members.raw('variables')),
      tenantId,
      ...(definitionId === undefined ? {} : { definitionId }),
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return {
    // Nothing is kept of an evaluation by itself: its key is the place in the log where it can be seen.
    conditionalEvaluationKey: keyOf(engine.lastSequence),
    tenantId: tenantOf(tenantId),
    processInstances: outcome.value.started.map(({ processInstanceId, definitionId: id }) => ({
      processDefinitionKey: keyOf(id),
      processInstanceKey: keyOf(processInstanceId),
    })),
  };
}
