/** A user task as Camunda 8 shows it. */
import type { ProcessEngine } from '@procos/kernel';
import { dateOf, optionalDateOf } from '../dates.ts';
import { keyOf } from '../keys.ts';
import { definitionsOf, instancesOf } from '../search/related.ts';
import { tenantOf } from '../tenants.ts';
import { formsOf } from './form.ts';
import type { TaskRow } from './task-rows.ts';

/** Camunda 8 knows no other priorities; those of Camunda 7 have no bounds. */
const PRIORITIES = { least: 0, most: 100 } as const;

export function writeUserTasks(engine: ProcessEngine, rows: readonly TaskRow[]): readonly unknown[] {
  const definitionOf = definitionsOf(engine, rows);
  const instanceOf = instancesOf(engine, rows);
  const formOf = formsOf(engine);
  return rows.map((row) => {
    const definition = definitionOf(row.definitionId);
    const element = engine.model(row.definitionId)?.elements[row.elementId];
    return {
      userTaskKey: keyOf(row.id),
      state: row.state,
      name: row.name,
      assignee: row.assignee,
      candidateUsers: row.candidateUsers,
      candidateGroups: row.candidateGroups,
      priority: Math.min(PRIORITIES.most, Math.max(PRIORITIES.least, row.priority)),
      creationDate: dateOf(row.createdAt),
      completionDate: optionalDateOf(row.endedAt),
      dueDate: optionalDateOf(row.dueAt),
      followUpDate: optionalDateOf(row.followUpAt),
      elementId: row.elementId,
      elementInstanceKey: keyOf(row.elementInstanceId),
      processInstanceKey: keyOf(row.processInstanceId),
      rootProcessInstanceKey: keyOf(instanceOf(row.processInstanceId)?.rootId ?? row.processInstanceId),
      processDefinitionKey: keyOf(row.definitionId),
      processDefinitionId: row.bpmnProcessId,
      processDefinitionVersion: definition?.version ?? 1,
      processName: definition?.name ?? null,
      customHeaders: (element?.type === 'userTask' ? element.user.headers : undefined) ?? {},
      formKey: formOf(row)?.formKey ?? null,
      externalFormReference: row.formKey,
      tenantId: tenantOf(row.tenantId),
      tags: instanceOf(row.processInstanceId)?.tags ?? [],
    };
  });
}
