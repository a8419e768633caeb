/** Reports on what is over: how many user tasks, and how long tasks and process instances have taken. */
import type { ElementInstanceView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseDateParameter } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import { invalid } from '../errors.ts';
import * as by from '../list-query.ts';
import { nameOf } from './task.ts';

interface Lasted {
  readonly startedAt: number;
  readonly endedAt: number | null;
}

export function reportRoutes(route: Declare): void {
  route('GET', '/history/task/report', 'history.read', (call) => {
    const tasks = endedTasks(call);
    const type = choice(call, 'reportType', ['count', 'duration']);
    if (type === 'count') return counts(call, tasks);
    return durations(call, tasks, ({ endedAt }) => endedAt ?? 0).map((period) => ({ ...NO_TASK, ...period }));
  });
  route('GET', '/history/process-instance/report', 'history.read', (call) => {
    choice(call, 'reportType', ['duration']);
    return durations(call, endedInstances(call), ({ startedAt }) => startedAt);
  });
}

function endedTasks({ engine, query }: Call): readonly ElementInstanceView[] {
  return engine.find('elementInstances', {
    where: [
      { column: 'elementType', op: '=', value: 'userTask' },
      { column: 'outcome', op: '=', value: 'completed' },
      ...bound(query, 'completedBefore', 'endedAt', '<='),
      ...bound(query, 'completedAfter', 'endedAt', '>='),
    ],
  });
}

function endedInstances({ engine, query }: Call): readonly Lasted[] {
  const texts = (name: string) =>
    query[name] === undefined ? undefined : by.textsOf({ name, value: String(query[name]), engine, asked: new Map() });
  const keys = texts('processDefinitionKeyIn');
  const ids = texts('processDefinitionIdIn')?.map((text) => Number(text.slice(text.lastIndexOf(':') + 1)));
  return engine.find('processInstances', {
    where: [
      { column: 'endedAt', op: 'notNull' },
      ...(keys === undefined ? [] : [{ column: 'bpmnProcessId', op: 'in', value: keys } as const]),
      ...(ids === undefined ? [] : [{ column: 'definitionId', op: 'in', value: ids } as const]),
      ...bound(query, 'startedBefore', 'startedAt', '<='),
      ...bound(query, 'startedAfter', 'startedAt', '>='),
    ],
  });
}

function bound<C extends 'startedAt' | 'endedAt'>(query: Call['query'], name: string, column: C, op: '<=' | '>=') {
  const text = query[name];
  if (text === undefined || text === '') return [];
  return [{ column, op, value: parseDateParameter(name, String(text)) } as const];
}

function choice<T extends string>({ query }: Call, name: string, among: readonly T[]): T {
  const found = among.find((one) => one.toLowerCase() === String(query[name] ?? '').toLowerCase());
  if (found === undefined) throw invalid(`Query parameter '${name}' must be one of ${among.join(', ')}`);
  return found;
}

const NO_TASK = {
  taskName: null,
  count: null,
  processDefinitionKey: null,
  processDefinitionId: null,
  processDefinitionName: null,
  tenantId: null,
};

/** By name and definition, or by definition alone. */
function counts(call: Call, tasks: readonly ElementInstanceView[]): readonly unknown[] {
  const byName = choice(call, 'groupBy', ['taskName', 'processDefinition']) === 'taskName';
  const definitions = definitionsOf(call.engine, tasks);
  const groups = Map.groupBy(tasks, (task) => JSON.stringify([task.definitionId, byName ? nameOf(task) : null]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const definition = definitions.get(first.definitionId);
    return {
      taskName: byName ? nameOf(first) : null,
      count: group.length,
      processDefinitionKey: first.bpmnProcessId,
      processDefinitionId: definitionIdText(definitions, first),
      processDefinitionName: definition?.name ?? null,
      period: null,
      periodUnit: null,
      minimum: null,
      maximum: null,
      average: null,
      tenantId: definition?.tenantId ?? null,
    };
  });
}

/** By month or quarter (1 is the first), whatever the year; in ms. */
function durations<Row extends Lasted>(call: Call, rows: readonly Row[], of: (row: Row) => number) {
  const unit = choice(call, 'periodUnit', ['month', 'quarter']);
  const periodOf = (at: number): number => {
    const month = new Date(at).getUTCMonth();
    return unit === 'month' ? month + 1 : Math.floor(month / 3) + 1;
  };
  const groups = [...Map.groupBy(rows, (row) => periodOf(of(row)))].sort(([left], [right]) => left - right);
  return groups.map(([period, group]) => {
    const lasted = group.map(({ startedAt, endedAt }) => (endedAt ?? startedAt) - startedAt);
    return {
      period,
      periodUnit: unit.toUpperCase(),
      minimum: lasted.reduce((least, one) => Math.min(least, one)),
      maximum: lasted.reduce((most, one) => Math.max(most, one)),
      average: Math.round(lasted.reduce((sum, one) => sum + one, 0) / lasted.length),
    };
  });
}
