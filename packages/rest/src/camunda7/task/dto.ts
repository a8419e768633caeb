/** A user task as Camunda shows it. */
import type { DefinitionView, UserTask } from '@procos/kernel';
import { formatDate, formatOptionalDate } from '../dates.ts';
import { definitionIdText } from '../definitions.ts';

export function task(
  row: UserTask,
  definitions: ReadonlyMap<number, DefinitionView>,
  suspended: boolean,
): Record<string, unknown> {
  return {
    id: String(row.id),
    name: row.name,
    assignee: row.assignee,
    owner: null,
    created: formatDate(row.createdAt),
    lastUpdated: null,
    due: formatOptionalDate(row.dueAt),
    followUp: formatOptionalDate(row.followUpAt),
    delegationState: null,
    description: null,
    executionId: String(row.elementInstanceId),
    parentTaskId: null,
    priority: row.priority,
    processDefinitionId: definitionIdText(definitions, row),
    processInstanceId: String(row.processInstanceId),
    caseExecutionId: null,
    caseDefinitionId: null,
    caseInstanceId: null,
    taskDefinitionKey: row.elementId,
    suspended,
    formKey: row.formKey,
    camundaFormRef: row.formId === null ? null : { key: row.formId, binding: 'latest', version: null },
    tenantId: row.tenantId,
    taskState: 'Created',
  };
}
