/** `/process-definition/…`: suspension of definitions, and restart of instances that have ended. */
import type { DefinitionView, Instruction, ProcessEngine, Variable } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalFlag, optionalList, optionalText, optionalTexts } from '../body.ts';
import { invalid, RestError, unsupported } from '../errors.ts';
import { readInstructions, skipped } from '../instructions.ts';
import { runningOf, suspension } from '../process-instance/operations.ts';

/** With `includeProcessInstances` its running instances too, each by itself. */
export async function suspendDefinitions(call: Call, definitions: readonly DefinitionView[]): Promise<undefined> {
  const { engine, body, by } = call;
  const suspended = suspension(body);
  if (optionalText(body, 'executionDate') !== undefined) throw unsupported("'executionDate'");
  for (const { id: definitionId } of definitions) {
    await engine.submit({ type: 'setSuspension', target: { definitionId }, suspended }, by);
    if (optionalFlag(body, 'includeProcessInstances') !== true) continue;
    for (const processInstanceId of runningOf(engine, { column: 'definitionId', op: '=', value: definitionId }))
      await engine.submit({ type: 'setSuspension', target: { processInstanceId }, suspended }, by);
  }
  return undefined;
}

/** `PUT /process-definition/suspended`: all versions of a key. */
export function suspendByKey(call: Call): Promise<undefined> {
  const key = optionalText(call.body, 'processDefinitionKey');
  if (key === undefined) throw invalid('Either processDefinitionId or processDefinitionKey must be set');
  const where = [{ column: 'bpmnProcessId', op: '=', value: key }] as const;
  return suspendDefinitions(call, call.engine.find('definitions', { where }));
}

/** Starts instances anew with the variables that the ended ones had, at the given places. */
export async function restart(call: Call, definition: DefinitionView): Promise<undefined> {
  const { body } = call;
  const ids = optionalTexts(body, 'processInstanceIds');
  if (ids === undefined || ids.length === 0) throw invalid('processInstanceIds is empty');
  const startInstructions = readInstructions(optionalList(body, 'instructions') ?? []);
  if (startInstructions.length === 0) throw invalid('Restart instructions cannot be empty');
  for (const text of ids) await restartOne(call, definition.id, parseId(text), startInstructions);
  return undefined;
}

async function restartOne(
  { engine, body, by }: Call,
  definitionId: number,
  processInstanceId: number,
  startInstructions: readonly Instruction[],
): Promise<void> {
  const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
  const [ended] = engine.find('processInstances', { where });
  if (ended === undefined || ended.definitionId !== definitionId)
    throw invalid(`Process instance ${processInstanceId} is no instance of process definition ${definitionId}`);
  if (ended.state === 'active')
    throw new RestError(400, 'BadUserRequestException', `Process instance ${processInstanceId} still runs`);
  const initial = optionalFlag(body, 'initialVariables') ?? false;
  const outcome = await engine.submit(
    {
      type: 'createProcessInstance',
      definition: { definitionId },
      businessKey: optionalFlag(body, 'withoutBusinessKey') === true ? null : ended.businessKey,
      variables: initial ? initialVariables(engine, processInstanceId) : lastVariables(engine, processInstanceId),
      startInstructions,
      ...skipped(body),
    },
    by,
  );
  if (!outcome.ok) throw new RestError(400, 'BadUserRequestException', outcome.rejection.message);
}

/** The variables of the process instance when it ended. */
function lastVariables(engine: ProcessEngine, processInstanceId: number): Record<string, Variable> {
  const where = [
    { column: 'processInstanceId', op: '=', value: processInstanceId },
    { column: 'scopeId', op: '=', value: processInstanceId },
  ] as const;
  const variables: Record<string, Variable> = {};
  for (const { name, type, value, info } of engine.find('variables', { where }))
    variables[name] = info === null ? { type, value } : { type, value, info };
  return variables;
}

/** The variables that it was started with: set by the very record that created it. */
function initialVariables(engine: ProcessEngine, processInstanceId: number): Record<string, Variable> {
  for (let after = 0; ; ) {
    const records = engine.records(after, 1_000);
    for (const { events, sequence } of records) {
      after = sequence;
      if (
        !events.some(
          (event) => event.type === 'processInstanceCreated' && event.processInstanceId === processInstanceId,
        )
      )
        continue;
      const set = events.find((event) => event.type === 'variablesSet' && event.scopeId === processInstanceId);
      return set?.type === 'variablesSet' ? { ...set.variables } : {};
    }
    if (records.length === 0) return {};
  }
}
