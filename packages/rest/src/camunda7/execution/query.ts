/** Executions: process instances that run, and the element instances that are active in them. */
import type { Condition, ElementInstanceView, IncidentView, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import { parseId } from '../../ids.ts';
import { definitionIdOf } from '../definitions.ts';
import { ofType } from '../incident/types.ts';
import {
  type Asking,
  equals,
  like,
  type Parameter,
  type ParameterReader,
  PRESENTATION,
  parametersOf,
  sortings,
  textOf,
  whole,
} from '../list-query.ts';
import * as of from '../memory-list.ts';
import { holdersOf, readConditions } from '../variable-conditions.ts';

export interface Execution {
  readonly id: number;
  readonly elementId: string;
  readonly instance: ProcessInstanceView;
}

type Read = of.MemorySpec<Execution>['parameters'][string];

export const EXECUTIONS: of.MemorySpec<Execution> = {
  parameters: {
    businessKey: of.is(({ instance }) => instance.businessKey),
    signalEventSubscriptionName: waiting('signal'),
    messageEventSubscriptionName: waiting('message'),
    active: of.when(({ instance }) => !instance.suspended),
    suspended: of.when(({ instance }) => instance.suspended),
    incidentId: incident((parameter) => ({ where: [{ column: 'id', op: '=', value: parseId(textOf(parameter)) }] })),
    incidentType: incident(ofType as ParameterReader<IncidentView>),
    incidentMessage: incident(equals('message')),
    incidentMessageLike: incident(like('message')),
    variables: withVariables((holder) => holder.scopeId),
    processVariables: (parameter) => {
      const test = withVariables((holder) => (holder.scopeId === holder.processInstanceId ? holder.scopeId : 0))(
        parameter,
      );
      return test && ((row) => test({ ...row, id: row.instance.id }));
    },
    ...of.tenant(({ instance }) => instance.tenantId),
  },
  sortBy: {
    instanceId: ({ instance }) => instance.id,
    definitionKey: ({ instance }) => instance.bpmnProcessId,
    definitionId: ({ instance }) => instance.definitionId,
    tenantId: ({ instance }) => instance.tenantId,
  },
};

/** Those that wait for what has this name. */
function waiting(kind: 'signal' | 'message'): Read {
  return (parameter) => {
    const where = [
      { column: 'kind', op: '=', value: kind },
      { column: 'name', op: '=', value: textOf(parameter) },
    ] as const;
    const ids = new Set(parameter.engine.find('subscriptions', { where }).map((one) => one.elementInstanceId));
    return ({ id }) => ids.has(id);
  };
}

/** Those with an open incident that is like this. */
function incident(read: ParameterReader<IncidentView>): Read {
  return (parameter) => {
    const { where = [], test = () => true } = read(parameter);
    const open = { column: 'resolvedAt', op: 'isNull' } as const;
    const found = parameter.engine.find('incidentHistory', { where: [open, ...where] }).filter(test);
    const ids = new Set(found.map(({ elementInstanceId }) => elementInstanceId));
    return ({ id }) => ids.has(id);
  };
}

interface Holder {
  readonly scopeId: number;
  readonly processInstanceId: number;
}

function withVariables(idOf: (holder: Holder) => number): Read {
  return (parameter) => {
    const sets = readConditions(parameter).map(
      (condition) => new Set(holdersOf(parameter.engine, condition, true).map(idOf)),
    );
    return ({ id }) => sets.every((ids) => ids.has(id));
  };
}

type Shared = Condition<Pick<ElementInstanceView, 'definitionId' | 'bpmnProcessId'>>;

/** Parameters that the store looks up by itself, in both tables. */
const LOOKED_UP: Readonly<Record<string, (parameter: Parameter) => Shared>> = {
  processDefinitionId: (parameter) => ({ column: 'definitionId', op: '=', value: definitionIdOf(textOf(parameter)) }),
  processDefinitionKey: (parameter) => ({ column: 'bpmnProcessId', op: '=', value: textOf(parameter) }),
};
export const PLAIN: ReadonlySet<string> = new Set([...Object.keys(LOOKED_UP), 'processInstanceId', 'activityId']);

export function listExecutions(call: Asking): readonly Execution[] {
  const { from = 0 } = whole(call, 'firstResult', 'from');
  const { most } = whole(call, 'maxResults', 'most');
  const isPlain =
    most !== undefined &&
    sortings(call).length === 0 &&
    Array.from(parametersOf(call)).every(
      ([name, value]) => value === null || PRESENTATION.has(name) || PLAIN.has(name),
    );
  return of.listIn(call, candidates(call, isPlain ? from + most : undefined), EXECUTIONS);
}

export function countExecutions(call: Asking): { readonly count: number } {
  return of.countIn(call, candidates(call), EXECUTIONS);
}

/** Oldest first. */
function candidates(call: Asking, limit?: number): readonly Execution[] {
  const { engine } = call;
  const asked = parametersOf(call);
  const textFor = (name: string): string | undefined => {
    const value = asked.get(name) ?? null;
    return value === null ? undefined : textOf({ name, value, engine, asked });
  };
  const shared = Object.entries(LOOKED_UP).flatMap(([name, read]) => {
    const value = asked.get(name) ?? null;
    return value === null ? [] : [read({ name, value, engine, asked })];
  });
  const instanceId = textFor('processInstanceId');
  const activityId = textFor('activityId');
  const range = limit === undefined ? {} : { limit };
  const instances = engine.find('processInstances', {
    where: [
      { column: 'state', op: '=', value: 'active' },
      ...(shared as Condition<ProcessInstanceView>[]),
      ...(instanceId === undefined ? [] : [{ column: 'id', op: '=', value: parseId(instanceId) } as const]),
      // A process instance itself stands at no activity.
      ...(activityId === undefined ? [] : [{ column: 'bpmnProcessId', op: '=', value: activityId } as const]),
    ],
    ...range,
  });
  const elements = engine.find('elementInstances', {
    where: [
      { column: 'endedAt', op: 'isNull' },
      ...(shared as Condition<ElementInstanceView>[]),
      ...(instanceId === undefined
        ? []
        : [{ column: 'processInstanceId', op: '=', value: parseId(instanceId) } as const]),
      ...(activityId === undefined ? [] : [{ column: 'elementId', op: '=', value: activityId } as const]),
    ],
    ...range,
  });
  const known = instancesAround(engine, instances, elements);
  return [
    ...instances.map((instance) => ({ id: instance.id, elementId: instance.bpmnProcessId, instance })),
    ...elements.flatMap(({ id, elementId, processInstanceId }) => {
      const instance = known.get(processInstanceId);
      return instance === undefined ? [] : [{ id, elementId, instance }];
    }),
  ].toSorted((a, b) => a.id - b.id);
}

function instancesAround(
  engine: ProcessEngine,
  instances: readonly ProcessInstanceView[],
  elements: readonly ElementInstanceView[],
): ReadonlyMap<number, ProcessInstanceView> {
  const known = new Map(instances.map((instance) => [instance.id, instance]));
  const missing = [...new Set(elements.map(({ processInstanceId }) => processInstanceId))].filter(
    (id) => !known.has(id),
  );
  const where = [{ column: 'id', op: 'in', value: missing }] as const;
  if (missing.length > 0) for (const one of engine.find('processInstances', { where })) known.set(one.id, one);
  return known;
}
