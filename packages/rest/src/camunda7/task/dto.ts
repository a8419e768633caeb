/** A user task as Camunda shows it. */
import type { UserTask } from '@procos/kernel';
import { formatDate, formatOptionalDate } from '../dates.ts';
import { definitionIdText, type ShownDefinition } from '../definitions.ts';
import { isStandalone, NO_PROCESS } from './standalone.ts';

/** Camunda 7 has forms by version number, so that a tag is shown as no version. */
export function formRef({
  formId,
  formBinding,
}: UserTask): { readonly key: string; readonly binding: string; readonly version: number | null } | null {
  const version = formBinding?.kind === 'version' ? Number(formBinding.version) : null;
  return formId === null ? null : { key: formId, binding: formBinding?.kind ?? 'latest', version };
}

export function task(
  row: UserTask,
  definitions: ReadonlyMap<number, ShownDefinition>,
  suspended: boolean,
): Record<string, unknown> {
  return {
    id: String(row.id),
    name: row.name,
    assignee: row.assignee,
    owner: row.owner ?? null,
    created: formatDate(row.createdAt),
    lastUpdated: formatOptionalDate(row.updatedAt ?? null),
    due: formatOptionalDate(row.dueAt),
    followUp: formatOptionalDate(row.followUpAt),
    delegationState: row.delegation?.toUpperCase() ?? null,
    description: row.description ?? null,
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
    camundaFormRef: formRef(row),
    tenantId: row.tenantId,
    ...(isStandalone(row) ? NO_PROCESS : {}),
    taskState: row.updatedAt === undefined ? 'Created' : 'Updated',
  };
}
