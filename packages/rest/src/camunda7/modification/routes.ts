/** `/modification`: the same modification of many instances of one definition. */
import type { BatchOperation } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { asBatch, atOnce } from '../batch/carry-out.ts';
import { optionalList, optionalText } from '../body.ts';
import { findDefinition } from '../definitions.ts';
import { invalid } from '../errors.ts';
import { readInstructions, skipped } from '../instructions.ts';
import { someInstances } from '../selection.ts';

export function modificationRoutes(route: Declare): void {
  route('POST', '/modification/execute', 'processInstance.update', (call) =>
    atOnce(call, modificationOf(call), someInstances(call)),
  );
  route('POST', '/modification/executeAsync', 'processInstance.update', (call) =>
    asBatch(call, modificationOf(call), someInstances(call)),
  );
}

function modificationOf({ engine, body }: Call): BatchOperation {
  const id = optionalText(body, 'processDefinitionId');
  if (id === undefined) throw invalid('processDefinitionId must be set');
  const definition = findDefinition(engine, id);
  if (definition === undefined) throw invalid(`Process definition with id '${id}' does not exist`);
  const instructions = readInstructions(optionalList(body, 'instructions') ?? []);
  if (instructions.length === 0) throw invalid('instructions is empty');
  return { type: 'modifyProcessInstance', definitionId: definition.id, instructions, ...skipped(body) };
}
