/** The form of a task as a file that was deployed, or made of its fields. */
import type { UserTask } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { NO_ID, parseId } from '../../ids.ts';
import { deployedForm } from '../deployed-files.ts';
import { invalid } from '../errors.ts';
import { renderedForm } from '../rendered-form.ts';

export function taskFormRoutes(route: Declare): void {
  route('GET', '/task/:id/deployed-form', 'userTask.read', (call) => {
    const { definitionId, formKey, formId, formBinding } = find(call);
    const deploymentId = call.engine.definition(definitionId)?.deploymentId ?? NO_ID;
    return deployedForm(call.engine, { deploymentId, formKey, formId, formBinding });
  });
  route('GET', '/task/:id/rendered-form', 'userTask.read', (call) => {
    const { id, definitionId, elementId } = find(call);
    const element = call.engine.model(definitionId)?.elements[elementId];
    const fields = element?.type === 'userTask' ? (element.user.formFields ?? []) : [];
    if (fields.length === 0) throw invalid(`No matching rendered form for task with the id ${id} found.`);
    return renderedForm(fields);
  });
}

function find({ engine, params }: Call): UserTask {
  const id = params['id'] ?? '';
  const [task] = engine.find('userTasks', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  if (task === undefined) throw invalid(`Cannot find task with id ${id}: task is null`);
  return task;
}
