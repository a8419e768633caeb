/** `/process-definition/…`: suspension of definitions, and restart of instances that have ended. */
import { type BatchOperation, type DelayedSuspension, suspendLater } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { optionalFlag, optionalList, optionalText, optionalWhole } from '../body.ts';
import { parseDate } from '../dates.ts';
import type { ShownDefinition } from '../definitions.ts';
import { invalid, rejected } from '../errors.ts';
import { readInstructions, skipped } from '../instructions.ts';
import { runningOf, suspension } from '../process-instance/operations.ts';

/** With `includeProcessInstances` its running instances too, each by itself. */
export async function suspendDefinitions(call: Call, definitions: readonly ShownDefinition[]): Promise<undefined> {
  const { engine, engineFor, body, by } = call;
  const suspended = suspension(body);
  const at = executionDate(call, 'Process Definitions');
  const withInstances = optionalFlag(body, 'includeProcessInstances') === true;
  if (at !== undefined)
    return suspendAt(call, { of: { definitionIds: definitions.map(({ id }) => id) }, withInstances }, at);
  for (const { id: definitionId } of definitions) {
    await engineFor(definitionId).submit({ type: 'setSuspension', target: { definitionId }, suspended }, by);
    if (!withInstances) continue;
    for (const processInstanceId of runningOf(engine, { column: 'definitionId', op: '=', value: definitionId }))
      await engineFor(processInstanceId).submit(
        { type: 'setSuspension', target: { processInstanceId }, suspended },
        by,
      );
  }
  return undefined;
}

/** `what`: is suspended or resumed. undefined: now. */
export function executionDate({ body }: Call, what: string): number | undefined {
  const text = optionalText(body, 'executionDate');
  const at = text === undefined ? undefined : parseDate(text);
  if (text !== undefined && at === undefined)
    throw invalid(`The suspension state of ${what} cannot be changed: '${text}' is no date`);
  return at;
}

/** Not before then, and in the name of who asks now. */
export async function suspendAt(
  { engine, body, by }: Call,
  what: Pick<DelayedSuspension, 'of' | 'withInstances'>,
  at: number,
): Promise<undefined> {
  const outcome = await engine.submit(suspendLater({ ...what, suspended: suspension(body), at }), by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

/** `PUT /process-definition/suspended`: all versions of a key. */
export function suspendByKey(call: Call): Promise<undefined> {
  const key = optionalText(call.body, 'processDefinitionKey');
  if (key === undefined) throw invalid('Either processDefinitionId or processDefinitionKey must be set');
  const at = executionDate(call, 'Process Definitions');
  const withInstances = optionalFlag(call.body, 'includeProcessInstances') === true;
  if (at !== undefined) return suspendAt(call, { of: { bpmnProcessId: key }, withInstances }, at);
  const where = [{ column: 'bpmnProcessId', op: '=', value: key }] as const;
  return suspendDefinitions(call, call.engine.find('definitions', { where }));
}

/** `PUT …/history-time-to-live`: from the next sweep on; null: for good. */
export async function setHistoryTimeToLive(
  { engine, body, by }: Call,
  { id: definitionId }: ShownDefinition,
): Promise<undefined> {
  const days = optionalWhole(body, 'historyTimeToLive') ?? null;
  const outcome = await engine.submit({ type: 'setHistoryTimeToLive', definitionId, days }, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

/** Starts instances anew with the variables that the ended ones had, at the given places. */
export function restartOf({ body }: Call, definition: ShownDefinition): BatchOperation {
  const startInstructions = readInstructions(optionalList(body, 'instructions') ?? []);
  if (startInstructions.length === 0) throw invalid('Restart instructions cannot be empty');
  return {
    type: 'restartProcessInstance',
    definitionId: definition.id,
    startInstructions,
    initialVariables: optionalFlag(body, 'initialVariables') ?? false,
    withoutBusinessKey: optionalFlag(body, 'withoutBusinessKey') ?? false,
    ...skipped(body),
  };
}
