/** `execution` and `task`: what an expression may ask of its scope, and change where that is allowed. */
import type { Json } from '../../values.ts';
import type { EvaluationContext, TaskChange } from '../contract.ts';
import { ExpressionFailure } from '../failure.ts';
import { type Method, type Methods, method, text, whole } from './method.ts';
import { Execution, Instant, isList, isMap, toJson, toText, type Value } from './values.ts';

type Known = NonNullable<EvaluationContext['execution']>;

export function executionOf(execution: Known, { eventName, canceled = false }: EvaluationContext): Execution {
  const { id, processInstanceId, businessKey, processDefinitionId, currentActivityId, currentActivityName, tenantId } =
    execution;
  return new Execution('execution', {
    id,
    processInstanceId,
    businessKey,
    processBusinessKey: businessKey,
    processDefinitionId,
    currentActivityId,
    currentActivityName,
    activityInstanceId: id,
    tenantId,
    eventName: eventName ?? null,
    canceled,
    processInstance: { id: processInstanceId, processInstanceId, businessKey, processDefinitionId, tenantId },
  });
}

/** Before there is a user task, what its element knows. */
export function taskOf(execution: Known, { task, eventName }: EvaluationContext): Execution {
  return new Execution('task', {
    ...task,
    name: task?.name ?? execution.currentActivityName,
    taskDefinitionKey: execution.currentActivityId,
    executionId: execution.id,
    processInstanceId: execution.processInstanceId,
    processDefinitionId: execution.processDefinitionId,
    tenantId: execution.tenantId,
    eventName: eventName ?? null,
  });
}

/** A property of the execution or task that leads on to the other one. */
export function related(base: Execution, name: string, context: EvaluationContext): Execution | undefined {
  return base.kind === 'task' && name === 'execution' && context.execution !== undefined
    ? executionOf(context.execution, context)
    : undefined;
}

export const VARIABLES: Methods<Execution> = new Map<string, Method<Execution>>([
  ['getVariable', method<Execution>(1, 1, (_, [name = null], context) => context.lookup(toText(name)) ?? null)],
  ['hasVariable', method<Execution>(1, 1, (_, [name = null], context) => context.lookup(toText(name)) !== undefined)],
  ['getVariables', method<Execution>(0, 0, (_, __, context) => all(context.names(), (name) => context.lookup(name)))],
  ['getVariableNames', method<Execution>(0, 0, (_, __, context) => [...context.names()])],
  [
    'getVariableLocal',
    method<Execution>(1, 1, (_, [name = null], context) => own(context).lookup(toText(name)) ?? null),
  ],
  [
    'hasVariableLocal',
    method<Execution>(1, 1, (_, [name = null], context) => own(context).lookup(toText(name)) !== undefined),
  ],
  [
    'getVariablesLocal',
    method<Execution>(0, 0, (_, __, context) => all(own(context).names(), (name) => own(context).lookup(name))),
  ],
  ['setVariable', method<Execution>(2, 2, (_, args, context) => setVariable(args, context, false))],
  ['setVariableLocal', method<Execution>(2, 2, (_, args, context) => setVariable(args, context, true))],
  ['setVariables', method<Execution>(1, 1, (_, [map = null], context) => setVariables(map, context, false))],
  ['setVariablesLocal', method<Execution>(1, 1, (_, [map = null], context) => setVariables(map, context, true))],
  ['removeVariable', method<Execution>(1, 1, (_, [name = null], context) => removeVariable(name, context, false))],
  ['removeVariableLocal', method<Execution>(1, 1, (_, [name = null], context) => removeVariable(name, context, true))],
]);

/** Only in listeners of the task. */
export const TASK: Methods<Execution> = new Map<string, Method<Execution>>([
  ['setAssignee', changes(([user = null]) => ({ kind: 'assignee', value: user === null ? null : toText(user) }))],
  ['setPriority', changes(([priority = null]) => ({ kind: 'priority', value: whole(priority) }))],
  ['setDueDate', changes(([date = null]) => ({ kind: 'dueDate', value: dateText(date) }))],
  ['setFollowUpDate', changes(([date = null]) => ({ kind: 'followUpDate', value: dateText(date) }))],
  ['addCandidateUser', changes(([user = null]) => ({ kind: 'candidateUsers', add: [text(user)] }))],
  ['addCandidateUsers', changes(([users = null]) => ({ kind: 'candidateUsers', add: names(users) }))],
  ['addCandidateGroup', changes(([group = null]) => ({ kind: 'candidateGroups', add: [text(group)] }))],
  ['addCandidateGroups', changes(([groups = null]) => ({ kind: 'candidateGroups', add: names(groups) }))],
  ['deleteCandidateUser', changes(([user = null]) => ({ kind: 'candidateUsers', remove: [text(user)] }))],
  ['deleteCandidateGroup', changes(([group = null]) => ({ kind: 'candidateGroups', remove: [text(group)] }))],
]);

function changes(change: (args: readonly Value[]) => TaskChange): Method<Execution> {
  return method<Execution>(1, 1, (_, args, context) => {
    if (context.changeTask === undefined)
      throw new ExpressionFailure('An expression changes a user task only in a listener of the task');
    context.changeTask(change(args));
    return null;
  });
}

function dateText(value: Value): string | null {
  if (value === null) return null;
  return value instanceof Instant ? toText(value) : text(value);
}

function names(value: Value): string[] {
  return isList(value)
    ? value.map(toText)
    : text(value)
        .split(',')
        .map((name) => name.trim());
}

function own(context: EvaluationContext): NonNullable<EvaluationContext['local']> {
  return context.local ?? { lookup: () => undefined, names: () => [] };
}

function all(names: Iterable<string>, lookup: (name: string) => Json | undefined): Json {
  return Object.fromEntries([...names].map((name) => [name, lookup(name) ?? null]));
}

function setVariable([name = null, value = null]: readonly Value[], context: EvaluationContext, local: boolean): null {
  if (context.setVariable === undefined)
    throw new ExpressionFailure('An expression sets variables only in a listener or in a task with an expression');
  context.setVariable(toText(name), toJson(value), local);
  return null;
}

function setVariables(map: Value, context: EvaluationContext, local: boolean): null {
  if (!isMap(map)) throw new ExpressionFailure('A map of variables is expected');
  for (const [name, value] of Object.entries(map)) setVariable([name, value], context, local);
  return null;
}

function removeVariable(name: Value, context: EvaluationContext, local: boolean): null {
  if (context.removeVariable === undefined)
    throw new ExpressionFailure('An expression removes variables only in a listener or in a task with an expression');
  context.removeVariable(toText(name), local);
  return null;
}
