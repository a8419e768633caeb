/** Scopes of running instances and the variables in them, as queries see them. */
import type { ElementInstanceView, ProcessEngine, Variable, Variables, VariableView } from '@procos/kernel';

/** An instance (its root scope) or one of its living element instances. */
export interface Scope {
  readonly processInstanceId: number;
  readonly scopeId: number;
}

/** The scope that an id names; undefined when nothing alive has it. */
export function findScope(engine: ProcessEngine, id: number): Scope | undefined {
  const [instance] = engine.find('processInstances', {
    where: [
      { column: 'id', op: '=', value: id },
      { column: 'state', op: '=', value: 'active' },
    ],
  });
  if (instance) return { processInstanceId: id, scopeId: id };
  const [element] = engine.find('elementInstances', {
    where: [
      { column: 'id', op: '=', value: id },
      { column: 'endedAt', op: 'isNull' },
    ],
  });
  return element && { processInstanceId: element.processInstanceId, scopeId: id };
}

/** Whether who asks may see it: who may start it need not. */
export function isSeen(engine: ProcessEngine, processInstanceId: number): boolean {
  return engine.count('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] }) > 0;
}

export function activeElements(engine: ProcessEngine, processInstanceId: number): readonly ElementInstanceView[] {
  return engine.find('elementInstances', {
    where: [
      { column: 'processInstanceId', op: '=', value: processInstanceId },
      { column: 'endedAt', op: 'isNull' },
    ],
  });
}

export function localVariables(engine: ProcessEngine, { processInstanceId, scopeId }: Scope): readonly VariableView[] {
  return engine.find('variables', {
    where: [
      { column: 'processInstanceId', op: '=', value: processInstanceId },
      { column: 'scopeId', op: '=', value: scopeId },
      { column: 'live', op: '=', value: true },
    ],
  });
}

/** What the scope sees: its own variables and those of the scopes around it, nearest first. */
export function visibleVariables(engine: ProcessEngine, scope: Scope): readonly VariableView[] {
  const live = engine.find('variables', {
    where: [
      { column: 'processInstanceId', op: '=', value: scope.processInstanceId },
      { column: 'live', op: '=', value: true },
    ],
  });
  const seen = new Map<string, VariableView>();
  for (const scopeId of outward(engine, scope)) {
    for (const variable of live) {
      if (variable.scopeId === scopeId && !seen.has(variable.name)) seen.set(variable.name, variable);
    }
  }
  return [...seen.values()];
}

/** The scope, the one around it, … and the instance itself. */
function outward(engine: ProcessEngine, { processInstanceId, scopeId }: Scope): readonly number[] {
  if (scopeId === processInstanceId) return [processInstanceId];
  const parents = new Map(activeElements(engine, processInstanceId).map((element) => [element.id, element.scopeId]));
  const path: number[] = [];
  for (let at: number | null | undefined = scopeId; at !== null && at !== undefined; at = parents.get(at)) {
    if (path.includes(at)) break;
    path.push(at);
  }
  return path.includes(processInstanceId) ? path : [...path, processInstanceId];
}

export function toVariable({ type, value, info }: VariableView): Variable {
  return info === null ? { type, value } : { type, value, info };
}

export function toVariables(views: readonly VariableView[]): Variables {
  const variables: Record<string, Variable> = Object.create(null);
  for (const view of views) variables[view.name] = toVariable(view);
  return variables;
}
