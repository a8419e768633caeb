/** `/process-instances`; what is searched for lies in `search`. */
import type { Call, Declare } from '../../call.ts';
import { stepAside } from '../../door.ts';
import { goneOrClosing } from '../../gone.ts';
import { readKey } from '../keys.ts';
import { Members } from '../members.ts';
import { type CreatedInstance, createAndAwait, createdInstance, createInstance } from './create.ts';
import { cancelInstance, deleteInstance, migrateInstance, modifyInstance } from './operations.ts';
import { readCreation } from './read-creation.ts';
import { readModification } from './read-modification.ts';

export function processInstanceRoutes(route: Declare): void {
  route('POST', '/process-instances', 'processInstance.create', create);
  route('POST', '/process-instances/:processInstanceKey/cancellation', 'processInstance.cancel', (call) =>
    cancelInstance(call, keyIn(call)),
  );
  route('POST', '/process-instances/:processInstanceKey/deletion', 'history.delete', (call) =>
    deleteInstance(call, keyIn(call)),
  );
  route('POST', '/process-instances/:processInstanceKey/modification', 'processInstance.update', (call) => {
    const key = keyIn(call);
    // It has had its answer, which the engine knows, whatever is submitted.
    const instructions = call.repeated ? [] : readModification(new Members(call.body), call.engine, key);
    return modifyInstance(call, key, instructions);
  });
  route('POST', '/process-instances/:processInstanceKey/migration', 'processInstance.update', (call) => {
    const members = new Members(call.body);
    if (!members.has('mappingInstructions')) throw members.wrong('mappingInstructions', 'a list of objects');
    return migrateInstance(call, keyIn(call), {
      targetDefinitionId: members.key('targetProcessDefinitionKey'),
      instructions: members.list('mappingInstructions').map((one) => ({
        source: one.text('sourceElementId'),
        target: one.text('targetElementId'),
      })),
    });
  });
}

function keyIn({ params }: Call): number {
  return readKey(params['processInstanceKey'], 'processInstanceKey');
}

/** How long the end is awaited where the client does not say, and at most, ms. */
const AWAIT_MS = { usual: 10_000, most: 1_800_000 } as const;

async function create(call: Call): Promise<CreatedInstance> {
  const { body, request } = call;
  const members = new Members(body);
  const creation = readCreation(body);
  const asked = members.optionalWhole('requestTimeout', { most: AWAIT_MS.most }) ?? 0;
  const fetchVariables = members.optionalTexts('fetchVariables');
  if (members.optionalFlag('awaitCompletion') !== true)
    return createdInstance(await createInstance(call, creation), creation.tags);
  stepAside(request.raw);
  const waitMs = asked > 0 ? asked : AWAIT_MS.usual;
  const wanted = fetchVariables?.length === 0 ? undefined : fetchVariables;
  return createAndAwait(call, creation, { waitMs, signal: goneOrClosing(call), fetchVariables: wanted });
}
