/** `POST /message`: deliver a message to who waits for it, or start an instance with it. */
import type { Correlated, Json, ProcessEngine, Rejection, Variables } from '@procos/kernel';
import type { Call, Declare, JsonObject } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { findScope, localVariables, toVariables } from '../../scopes.ts';
import { optionalFlag, optionalObject, optionalText } from '../body.ts';
import { invalid, RestError, rejected, unsupported } from '../errors.ts';
import { processInstance } from '../process-instance/dto.ts';
import { readVariables, writeVariables } from '../typed-values.ts';

export function messageRoutes(route: Declare): void {
  route('POST', '/message', 'message.correlate', correlate);
}

async function correlate({ engine, body, by }: Call): Promise<unknown> {
  const name = optionalText(body, 'messageName');
  if (name === undefined || name === '') throw invalid('No message name supplied');
  if (Object.keys(optionalObject(body, 'processVariablesToTriggeredScope') ?? {}).length > 0) {
    throw unsupported("'processVariablesToTriggeredScope'");
  }
  const withResult = optionalFlag(body, 'resultEnabled') ?? false;
  const withVariables = optionalFlag(body, 'variablesInResultEnabled') ?? false;
  if (withVariables && !withResult) {
    throw invalid("Parameter 'variablesInResultEnabled' cannot be used without 'resultEnabled' set to 'true'.");
  }
  const businessKey = optionalText(body, 'businessKey');
  const instanceId = optionalText(body, 'processInstanceId');
  const tenantId = tenantOf(body);
  const outcome = await engine.submit(
    {
      type: 'correlateMessage',
      name,
      all: optionalFlag(body, 'all') ?? false,
      inTurns: !withResult,
      variables: readVariables(body['processVariables'], 'processVariables'),
      localVariables: readVariables(body['processVariablesLocal'], 'processVariablesLocal'),
      correlationKeys: values(readVariables(body['correlationKeys'], 'correlationKeys')),
      localCorrelationKeys: values(readVariables(body['localCorrelationKeys'], 'localCorrelationKeys')),
      ...(businessKey === undefined ? {} : { businessKey }),
      ...(instanceId === undefined ? {} : { processInstanceId: parseId(instanceId) }),
      ...(tenantId === undefined ? {} : { tenantId }),
    },
    by,
  );
  if (!outcome.ok) throw refusal(name, outcome.rejection);
  if (!withResult) return undefined;
  return outcome.value.correlated.map((correlated) => result(engine, correlated, withVariables));
}

function tenantOf(body: JsonObject): string | null | undefined {
  const tenantId = optionalText(body, 'tenantId');
  if (!optionalFlag(body, 'withoutTenantId')) return tenantId;
  if (tenantId !== undefined)
    throw invalid("Parameter 'tenantId' cannot be used together with parameter 'withoutTenantId'.");
  return null;
}

function values(variables: Variables): Record<string, Json> {
  const plain: Record<string, Json> = Object.create(null);
  for (const [name, { value }] of Object.entries(variables)) plain[name] = value;
  return plain;
}

function refusal(name: string, rejection: Rejection): RestError {
  switch (rejection.code) {
    case 'NO_MATCHING_SUBSCRIPTION':
    case 'NOT_FOUND': {
      const why = 'No process definition or execution matches the parameters';
      return new RestError(400, 'RestException', `Cannot correlate message '${name}': ${why}`);
    }
    case 'AMBIGUOUS_CORRELATION':
      return new RestError(400, 'RestException', `Cannot correlate message '${name}': ${rejection.message}`);
    default:
      return rejected(rejection);
  }
}

function result(engine: ProcessEngine, correlated: Correlated, withVariables: boolean): Record<string, unknown> {
  const { processInstanceId, elementInstanceId, started } = correlated;
  const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
  const [instance] = engine.find('processInstances', { where });
  const execution = {
    id: String(elementInstanceId ?? processInstanceId),
    processInstanceId: String(processInstanceId),
    ended: instance?.state !== 'active',
    tenantId: instance?.tenantId ?? null,
  };
  const scope = withVariables ? findScope(engine, processInstanceId) : undefined;
  return {
    resultType: started ? 'ProcessDefinition' : 'Execution',
    execution: started ? null : execution,
    processInstance: started && instance ? processInstance(instance) : null,
    ...(withVariables ? { variables: scope ? writeVariables(toVariables(localVariables(engine, scope))) : {} } : {}),
  };
}
