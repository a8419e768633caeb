/** `/api/tasks`: open user tasks, and one with its form and the variables it sees. */
import type { Json, UserTask } from '@procos/kernel';
import type { TaskDetail, TaskForm, TaskList, TaskRow } from '@procos/protocol';
import type { Call } from '../call.ts';
import { parseId } from '../ids.ts';
import { visibleVariables } from '../scopes.ts';
import { ApiRefusal } from './errors.ts';
import { resolveForm } from './forms.ts';
import { instant, optionalInstant } from './instants.ts';
import { rangeOf, textParameter } from './parameters.ts';
import { pidText } from './pids.ts';

export function listTasks(call: Call): TaskList {
  const assignee = textParameter(call, 'assignee');
  const where = assignee === undefined ? [] : [{ column: 'assignee', op: '=', value: assignee } as const];
  const { rows, total } = call.engine.page('userTasks', { where, ...rangeOf(call) });
  return { tasks: taskRows(call, rows), total };
}

export function taskDetail(call: Call): TaskDetail {
  const id = call.params['taskId'] ?? '';
  const found = call.engine.find('userTasks', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  const [task] = found;
  const [row] = taskRows(call, found);
  if (task === undefined || row === undefined) {
    throw new ApiRefusal(404, 'NOT_FOUND', `There is no open task ${id}: it may be completed. See /api/tasks.`);
  }
  const scope = { processInstanceId: task.processInstanceId, scopeId: task.elementInstanceId };
  const variables: Record<string, Json> = Object.create(null);
  for (const { name, type, value, info } of visibleVariables(call.engine, scope)) {
    variables[name] = type === 'File' || type === 'Bytes' ? (info?.filename ?? null) : value;
  }
  return { ...row, headers: userWorkOf(call, task)?.headers ?? {}, form: formOf(call, task), variables };
}

function taskRows(call: Call, tasks: readonly UserTask[]): readonly TaskRow[] {
  const { engine } = call;
  if (tasks.length === 0) return [];
  const definitionIds = [...new Set(tasks.map((task) => task.definitionId))];
  const instanceIds = [...new Set(tasks.map((task) => task.processInstanceId))];
  const definitions = engine.find('definitions', { where: [{ column: 'id', op: 'in', value: definitionIds }] });
  const instances = engine.find('processInstances', { where: [{ column: 'id', op: 'in', value: instanceIds }] });
  const names = new Map(definitions.map((definition) => [definition.id, definition.name]));
  const keys = new Map(instances.map((instance) => [instance.id, instance.businessKey]));
  return tasks.map((task) => ({
    taskId: String(task.id),
    name: task.name,
    elementId: task.elementId,
    pid: pidText(call, task.processInstanceId),
    bpmnProcessId: task.bpmnProcessId,
    processName: names.get(task.definitionId) ?? null,
    businessKey: keys.get(task.processInstanceId) ?? null,
    assignee: task.assignee,
    candidateUsers: task.candidateUsers,
    candidateGroups: task.candidateGroups,
    priority: task.priority,
    createdAt: instant(task.createdAt),
    dueAt: optionalInstant(task.dueAt),
  }));
}

function userWorkOf({ engine }: Call, task: UserTask) {
  const element = engine.model(task.definitionId)?.elements[task.elementId];
  return element?.type === 'userTask' ? element.user : undefined;
}

function formOf(call: Call, task: UserTask): TaskForm | null {
  const { engine } = call;
  const [definition] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: task.definitionId }] });
  const user = userWorkOf(call, task);
  return resolveForm(engine, {
    deploymentId: definition?.deploymentId ?? 0,
    formKey: task.formKey,
    formId: task.formId,
    formBinding: task.formBinding,
    embeddedForm: user?.embeddedForm,
    formFields: user?.formFields,
  });
}
