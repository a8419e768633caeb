/** What is done to a process instance that runs: modify, migrate, set variables, resolve an incident. */
import type { Json } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { setVariables } from '../element-instance/operations.ts';
import { resolveIncident } from '../incident/resolve.ts';
import { keyOf } from '../keys.ts';
import { Members } from '../members.ts';
import { migrateInstance, modifyInstance } from '../process-instance/operations.ts';
import { readModification } from '../process-instance/read-modification.ts';
import type { GatewayCall } from './call.ts';
import { documentOf, given, objectsIn, variablesOf } from './documents.ts';

export async function modify(call: GatewayCall): Promise<object> {
  const key = new Members(call.message).key('processInstanceKey');
  await modifyInstance(call, key, readModification(new Members(modificationOf(call.message)), call.engine, key));
  return {};
}

export async function migrate(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  const plan = members.members('migrationPlan');
  await migrateInstance(call, members.key('processInstanceKey'), {
    targetDefinitionId: plan.key('targetProcessDefinitionKey'),
    instructions: plan.list('mappingInstructions').map((one) => ({
      source: one.text('sourceElementId'),
      target: one.text('targetElementId'),
    })),
  });
  return {};
}

export async function setVariablesIn(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  const local = members.optionalFlag('local') === true;
  await setVariables(call, members.key('elementInstanceKey'), { variables: variablesOf(call.message), local });
  return { key: keyOf(call.changeId()) };
}

export async function resolve(call: GatewayCall): Promise<object> {
  await resolveIncident(call, new Members(call.message).key('incidentKey'));
  return {};
}

/** In the words of REST. */
function modificationOf(message: JsonObject): JsonObject {
  return {
    activateInstructions: objectsIn(message, 'activateInstructions').map((one) => ({
      ...given(one, 'ancestorElementInstanceKey'),
      variableInstructions: variableInstructions(one),
    })),
    terminateInstructions: objectsIn(message, 'terminateInstructions').map((one) =>
      given(one, 'elementInstanceKey', 'elementId'),
    ),
    moveInstructions: objectsIn(message, 'moveInstructions').map(moveOf),
  };
}

function moveOf(message: JsonObject): JsonObject {
  const {
    sourceElementInstanceKey,
    sourceElementId,
    ancestorElementInstanceKey,
    targetElementId = '',
  } = given(message, 'sourceElementInstanceKey', 'sourceElementId', 'ancestorElementInstanceKey');
  return {
    targetElementId,
    variableInstructions: variableInstructions(message),
    sourceElementInstruction:
      sourceElementInstanceKey === undefined
        ? { sourceType: 'byId', sourceElementId: sourceElementId ?? '' }
        : { sourceType: 'byKey', sourceElementInstanceKey },
    ancestorScopeInstruction: ancestorOf(message, ancestorElementInstanceKey),
  };
}

function ancestorOf(message: JsonObject, key: Json | undefined): JsonObject | null {
  if (message['useSourceParentKeyAsAncestorScopeKey'] === true) return { ancestorScopeType: 'sourceParent' };
  if (message['inferAncestorScopeFromSourceHierarchy'] === true) return { ancestorScopeType: 'inferred' };
  return key === undefined ? null : { ancestorScopeType: 'direct', ancestorElementInstanceKey: key };
}

function variableInstructions(message: JsonObject): readonly JsonObject[] {
  return objectsIn(message, 'variableInstructions').map((one) => ({ ...one, variables: documentOf(one, 'variables') }));
}
