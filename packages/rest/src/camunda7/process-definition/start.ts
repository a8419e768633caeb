/** `POST …/start` and `POST …/submit-form`: creates an instance and answers it. */
import type { Call } from '../../call.ts';
import { isSeen } from '../../scopes.ts';
import { optionalFlag, optionalList, optionalText } from '../body.ts';
import { camundaDefinitionId, type ShownDefinition } from '../definitions.ts';
import { RestError, refuseForbidden, unsupported } from '../errors.ts';
import { readInstructions, skipped } from '../instructions.ts';
import { selfLink } from '../links.ts';
import { readVariables, writeVariables } from '../typed-values.ts';

/** `form`: the variables are held against the fields of the start form. */
export async function start(call: Call, definition: ShownDefinition, form = false): Promise<unknown> {
  const { engine, body, by } = call;
  if (optionalText(body, 'caseInstanceId') !== undefined) throw unsupported("'caseInstanceId'");
  const id = camundaDefinitionId(definition);
  const startInstructions = readInstructions(optionalList(body, 'startInstructions') ?? []);
  const outcome = await engine.submit(
    {
      type: 'createProcessInstance',
      definition: { definitionId: definition.id },
      businessKey: optionalText(body, 'businessKey') ?? null,
      variables: readVariables(body['variables']),
      ...(form ? { form } : {}),
      ...(startInstructions.length === 0 || form ? {} : { startInstructions, ...skipped(body) }),
    },
    by,
  );
  if (!outcome.ok) {
    refuseForbidden(outcome.rejection);
    const { code } = outcome.rejection;
    const status = code === 'INVALID_ARGUMENT' ? 400 : code === 'LIMIT_REACHED' ? 409 : 500;
    const type = status === 400 ? 'InvalidRequestException' : 'RestException';
    throw new RestError(status, type, `Cannot instantiate process definition ${id}: ${outcome.rejection.message}`);
  }
  const { processInstanceId, definitionId, bpmnProcessId, version, businessKey, ended, tenantId, variables } =
    outcome.value;
  return {
    links: selfLink(call, `/process-instance/${processInstanceId}`),
    id: String(processInstanceId),
    definitionId: camundaDefinitionId({ id: definitionId, bpmnProcessId, version }),
    definitionKey: bpmnProcessId,
    businessKey,
    caseInstanceId: null,
    ended,
    suspended: false,
    tenantId,
    ...(optionalFlag(body, 'withVariablesInReturn')
      ? { variables: isSeen(engine, processInstanceId) ? writeVariables(variables) : {} }
      : {}),
  };
}
