/** Expressions that do something: listeners and tasks in place may set variables and, beside a user task, change it. */
import { type Expression, inferVariable, type Json, readInstant, type TaskChange, type Variable } from '@procos/bpmn';
import type { UserTaskUpdate } from '../records/steps.ts';
import type { UserTask } from '../state/entities.ts';
import { Fault } from './fault.ts';
import type { Visit } from './turn.ts';
import { refuseLargeValue } from './value-limits.ts';
import { assign, evaluateIn, record, remove, scriptValue, setLocal } from './variables.ts';

/** Evaluates; what it does is done when all of it went well. `eventName`: what a listener is called for. */
export function evaluateAndSet(
  at: Visit,
  expression: Expression,
  what: string,
  eventName?: string,
  canceled = false,
): { readonly value: Json } | Fault {
  if (expression.language === 'script') return scriptValue(at, expression, what);
  const everywhere = record<Variable>();
  const local = record<Variable>();
  const removed: { readonly name: string; readonly local: boolean }[] = [];
  const changes: TaskChange[] = [];
  const task = at.self.userTaskId === null ? undefined : at.turn.state.userTasks.get(at.self.userTaskId);
  const result = evaluateIn(at, expression, undefined, {
    setVariable: (name, value, isLocal) => {
      (isLocal ? local : everywhere)[name] = inferVariable(value);
    },
    removeVariable: (name, isLocal) => {
      removed.push({ name, local: isLocal });
    },
    ...(task === undefined || eventName === undefined ? {} : { changeTask: (change) => changes.push(change) }),
    eventName,
    canceled,
  });
  if (!result.ok) return new Fault('expression', `${what} of '${at.self.elementId}': ${result.message}`);
  for (const [name, { value }] of [...Object.entries(everywhere), ...Object.entries(local)]) {
    const refused = refuseLargeValue(at, value, `${what} of '${at.self.elementId}': variable '${name}'`);
    if (refused !== undefined) return refused;
  }
  const refused = refuseLargeValue(at, result.value, `${what} of '${at.self.elementId}': the result`);
  if (refused !== undefined) return refused;
  const changed = task === undefined ? undefined : changedTask(at, task, changes);
  if (changed instanceof Fault) return changed;
  if (Object.keys(everywhere).length > 0) assign(at, everywhere);
  setLocal(at, local);
  for (const { name, local: isLocal } of removed) remove(at, name, isLocal);
  if (task !== undefined && changed !== undefined) changeTask(at, task, changed);
  return { value: result.value };
}

interface Changed {
  readonly assignee?: string | null;
  readonly update: UserTaskUpdate;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function changedTask(at: Visit, task: UserTask, changes: readonly TaskChange[]): Changed | Fault {
  const update: Mutable<UserTaskUpdate> = {};
  let assignee: { readonly assignee?: string | null } = {};
  for (const change of changes) {
    switch (change.kind) {
      case 'assignee':
        assignee = { assignee: change.value };
        break;
      case 'priority':
        update.priority = change.value;
        break;
      case 'dueDate':
      case 'followUpDate': {
        const instant = change.value === null ? undefined : readInstant(change.value, at.turn.zone);
        if (instant?.ok === false)
          return new Fault('expression', `${change.kind} of '${at.self.elementId}': ${instant.message}`);
        update[change.kind === 'dueDate' ? 'dueAt' : 'followUpAt'] = instant?.value ?? null;
        break;
      }
      default: {
        const now = update[change.kind] ?? task[change.kind];
        const without = now.filter((name) => !(change.remove ?? []).includes(name));
        update[change.kind] = [...new Set([...without, ...(change.add ?? [])])];
      }
    }
  }
  return { ...assignee, update };
}

function changeTask({ turn, instance, self }: Visit, { id }: UserTask, { assignee, update }: Changed): void {
  const of = { userTaskId: id, processInstanceId: instance.id, elementInstanceId: self.id };
  if (assignee !== undefined) turn.emit({ type: 'userTaskAssigned', assignee, ...of });
  if (Object.keys(update).length > 0) turn.emit({ type: 'userTaskUpdated', changes: update, ...of });
}
