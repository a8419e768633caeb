/** `POST /condition`: starts a process for every conditional start event whose condition holds. */
import type { Call, Declare } from '../../call.ts';
import { optionalFlag, optionalText } from '../body.ts';
import { findDefinition } from '../definitions.ts';
import { invalid, rejected } from '../errors.ts';
import { processInstance } from '../process-instance/dto.ts';
import { readVariables } from '../typed-values.ts';

export function conditionRoutes(route: Declare): void {
  route('POST', '/condition', 'processInstance.create', evaluate);
}

async function evaluate({ engine, body, by }: Call): Promise<unknown> {
  const written = optionalText(body, 'processDefinitionId');
  const definition = written === undefined ? undefined : findDefinition(engine, written);
  if (written !== undefined && definition === undefined)
    throw invalid(`Process definition with id '${written}' does not exist`);
  const tenantId = optionalFlag(body, 'withoutTenantId') === true ? null : optionalText(body, 'tenantId');
  const outcome = await engine.submit(
    {
      type: 'evaluateConditions',
      variables: readVariables(body['variables']),
      businessKey: optionalText(body, 'businessKey') ?? null,
      ...(definition === undefined ? {} : { definitionId: definition.id }),
      ...(tenantId === undefined ? {} : { tenantId }),
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  const ids = outcome.value.started.map(({ processInstanceId }) => processInstanceId);
  return engine
    .find('processInstances', { where: [{ column: 'id', op: 'in', value: ids }] })
    .map((instance) => processInstance(instance));
}
