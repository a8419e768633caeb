/** Calls on process instances: create, wait for the end, cancel. */
import type { JsonObject } from '../../call.ts';
import { waitOf } from '../job/activate.ts';
import { Members } from '../members.ts';
import { type CreatedInstance, createAndAwait, createdInstance, createInstance } from '../process-instance/create.ts';
import { cancelInstance } from '../process-instance/operations.ts';
import { readCreation } from '../process-instance/read-creation.ts';
import type { GatewayCall } from './call.ts';
import { documentOf, objectsIn } from './documents.ts';
import { withinDeadline } from './jobs.ts';

export async function create(call: GatewayCall): Promise<object> {
  const creation = readCreation(creationOf(call.message));
  const { variables: _, ...answer } = answerOf(createdInstance(await createInstance(call, creation), creation.tags));
  return answer;
}

/** The instance goes on when the client stops waiting for its end. */
export async function createWithResult(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  const creation = readCreation(creationOf(members.optionalObject('request') ?? {}));
  const wanted = members.optionalTexts('fetchVariables');
  const waitMs = withinDeadline(waitOf(Math.max(0, members.whole('requestTimeout'))), call);
  call.stepAside();
  const awaiting = { waitMs, signal: call.over, fetchVariables: wanted?.length === 0 ? undefined : wanted };
  return answerOf(await createAndAwait(call, creation, awaiting));
}

export async function cancel(call: GatewayCall): Promise<object> {
  await cancelInstance(call, new Members(call.message).key('processInstanceKey'));
  return {};
}

/** In the words of REST. A process id counts more than a key, and any version below 0 is the newest. */
function creationOf(message: JsonObject): JsonObject {
  const { bpmnProcessId = '', processDefinitionKey = '0', version = -1, ...rest } = message;
  const definition =
    bpmnProcessId === ''
      ? { processDefinitionKey: processDefinitionKey === '0' ? null : processDefinitionKey }
      : { processDefinitionId: bpmnProcessId, processDefinitionVersion: Math.max(-1, Number(version)) };
  return {
    ...rest,
    ...definition,
    variables: documentOf(message, 'variables'),
    runtimeInstructions: objectsIn(message, 'runtimeInstructions').map(({ terminate }) => terminate ?? {}),
  };
}

function answerOf(created: CreatedInstance) {
  const { processDefinitionId, processDefinitionVersion, businessId, variables, ...rest } = created;
  return {
    ...rest,
    bpmnProcessId: processDefinitionId,
    version: processDefinitionVersion,
    variables: JSON.stringify(variables),
    ...(businessId === null ? {} : { businessId }),
  };
}
