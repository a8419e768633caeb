/** The body of `POST /process-instances`. */
import type { DefinitionRef } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { invalid, notServed } from '../errors.ts';
import { Members } from '../members.ts';
import { readVariables } from '../variables.ts';
import type { Creation } from './create.ts';

export function readCreation(body: JsonObject): Creation {
  const members = new Members(body);
  if (members.list('runtimeInstructions').length > 0) throw notServed("'runtimeInstructions'");
  if ((members.optionalTexts('tags') ?? []).length > 0) throw notServed("'tags'");
  return {
    definition: readDefinition(members),
    variables: readVariables(members.raw('variables')),
    businessId: members.optionalText('businessId') || null,
    startBefore: members.list('startInstructions').map((instruction) => instruction.text('elementId')),
  };
}

/** By key, or by id and version: −1 is the latest. */
function readDefinition(members: Members): DefinitionRef {
  const key = members.optionalKey('processDefinitionKey');
  const id = members.optionalText('processDefinitionId');
  const tenantId = members.tenant();
  if (key !== undefined && id !== undefined)
    throw invalid("Either 'processDefinitionKey' or 'processDefinitionId' must be given, but both are");
  if (key !== undefined) return { definitionId: key };
  if (id === undefined || id === '')
    throw invalid("'processDefinitionKey' or 'processDefinitionId' must be given, but neither is");
  const version = members.optionalWhole('processDefinitionVersion', { least: -1 }) ?? -1;
  return { bpmnProcessId: id, tenantId, ...(version === -1 ? {} : { version }) };
}
