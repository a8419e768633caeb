/** What an operation on many is for: ids, and queries in the words of the list routes, all together. */

import type { ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import { SYSTEM_PROCESS_PREFIX } from '@procos/protocol';
import type { Call, JsonObject } from '../call.ts';
import { parseId } from '../ids.ts';
import { optionalObject, optionalTexts } from './body.ts';
import { invalid } from './errors.ts';
import { TASKS } from './external-task/query.ts';
import { DECISION_INSTANCES } from './history/decision-instance.ts';
import { EVER } from './history/process-instance.ts';
import * as by from './list-query.ts';
import { RUNNING } from './process-instance/query.ts';

type Request = Pick<Call, 'engine' | 'body'>;

/**
 * Process instances by `processInstanceIds` (or the member named so), `processInstanceQuery` and
 * `historicProcessInstanceQuery`; undefined when the request has none of them. Queries leave out the instances of the
 * system's own processes: those are meant only when they are named.
 */
export function selectedInstances({ engine, body }: Request, idsMember = 'processInstanceIds'): number[] | undefined {
  const ids = optionalTexts(body, idsMember);
  const running = optionalObject(body, 'processInstanceQuery');
  const ever = optionalObject(body, 'historicProcessInstanceQuery');
  if (ids === undefined && running === undefined && ever === undefined) return undefined;
  return distinct([
    ...(ids ?? []).map(parseId),
    ...(running === undefined ? [] : found(engine, running, RUNNING)),
    ...(ever === undefined ? [] : found(engine, ever, EVER)),
  ]);
}

/** Refuses a request that selects nothing. */
export function someInstances(call: Call, idsMember = 'processInstanceIds'): readonly number[] {
  const ids = selectedInstances(call, idsMember) ?? [];
  if (ids.length === 0 && !call.repeated) throw invalid(`${idsMember} is empty`);
  return ids;
}

/** External tasks by `externalTaskIds` and `externalTaskQuery`, and those of the selected process instances. */
export function selectedTasks(request: Request): readonly number[] {
  const { engine, body } = request;
  const query = optionalObject(body, 'externalTaskQuery');
  const instances = selectedInstances(request) ?? [];
  const where = [{ column: 'processInstanceId', op: 'in', value: instances }] as const;
  return distinct([
    ...(optionalTexts(body, 'externalTaskIds') ?? []).map(parseId),
    ...(query === undefined ? [] : by.list(asking(engine, query), TASKS).map(({ id }) => id)),
    ...(instances.length === 0 ? [] : engine.find('externalTasks', { where }).map(({ id }) => id)),
  ]);
}

/** Evaluations of decisions by `historicDecisionInstanceIds` and `historicDecisionInstanceQuery`, each with those that it required. */
export function selectedDecisions({ engine, body }: Request): readonly number[] {
  const query = optionalObject(body, 'historicDecisionInstanceQuery');
  const named = [
    ...(optionalTexts(body, 'historicDecisionInstanceIds') ?? []).map(parseId),
    ...(query === undefined ? [] : by.list(asking(engine, query), DECISION_INSTANCES).map(({ id }) => id)),
  ];
  const required = engine.find('decisionInstances', { where: [{ column: 'rootId', op: 'in', value: named }] });
  return distinct([...named, ...required.map(({ id }) => id)]);
}

function found(engine: ProcessEngine, query: JsonObject, spec: by.ListSpec<'processInstances'>): readonly number[] {
  const isOfSystem = ({ bpmnProcessId }: ProcessInstanceView) => bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX);
  return by.list(asking(engine, query), spec).flatMap((row) => (isOfSystem(row) ? [] : [row.id]));
}

function asking(engine: ProcessEngine, body: JsonObject): by.Asking {
  return { engine, body, query: {} };
}

function distinct(ids: readonly number[]): number[] {
  return [...new Set(ids)];
}
