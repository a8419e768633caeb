/** The body of `POST /process-instances`. */
import type { DefinitionRef } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { invalid } from '../errors.ts';
import { Members } from '../members.ts';
import { readVariables } from '../variables.ts';
import type { Creation } from './create.ts';

export function readCreation(body: JsonObject): Creation {
  const members = new Members(body);
  return {
    definition: readDefinition(members),
    variables: readVariables(members.raw('variables')),
    businessId: readBusinessId(members),
    endsAfter: members.list('runtimeInstructions').map((instruction) => {
      instruction.optionalOneOf('type', ['TERMINATE_PROCESS_INSTANCE']);
      return instruction.text('afterElementId');
    }),
    tags: readTags(members),
    startBefore: members.list('startInstructions').map((instruction) => instruction.text('elementId')),
  };
}

const MOST_CHARACTERS = 256;

function readBusinessId(members: Members): string | null {
  const businessId = members.optionalText('businessId') || null;
  if (businessId !== null && businessId.length > MOST_CHARACTERS)
    throw members.wrong('businessId', `text of at most ${MOST_CHARACTERS} characters`);
  return businessId;
}

const TAG = /^[A-Za-z][\w\-:.]{0,99}$/;
const MOST_TAGS = 10;

/** Each once. */
function readTags(members: Members): readonly string[] {
  const tags = [...new Set(members.optionalTexts('tags') ?? [])];
  if (tags.length > MOST_TAGS || !tags.every((tag) => TAG.test(tag)))
    throw members.wrong('tags', `at most ${MOST_TAGS} words of a letter and up to 99 letters, digits and _ - : .`);
  return tags;
}

/** By key, or by id and version: −1 is the latest. */
function readDefinition(members: Members): DefinitionRef {
  const key = members.optionalKey('processDefinitionKey');
  const id = members.optionalText('processDefinitionId') || undefined;
  const tenantId = members.tenant();
  if (key !== undefined && id !== undefined)
    throw invalid("Either 'processDefinitionKey' or 'processDefinitionId' must be given, but both are");
  if (key !== undefined) return { definitionId: key };
  if (id === undefined) throw invalid("'processDefinitionKey' or 'processDefinitionId' must be given, but neither is");
  const version = members.optionalWhole('processDefinitionVersion', { least: -1 }) ?? -1;
  return { bpmnProcessId: id, tenantId, ...(version === -1 ? {} : { version }) };
}
