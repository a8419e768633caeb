/** View of element instances: every visit of an element, the root scope of an instance left out. */
import type { EventOf, LogRecord } from '@procos/engine';
import type { Inside, InsideProjection } from '../history/inside.ts';
import type { ElementInstanceView } from '../rows.ts';

export const projectElementInstances: InsideProjection = (event, record, inside) => {
  function change(id: number, changes: Partial<ElementInstanceView>): void {
    const row = inside.element(id);
    if (row !== undefined) inside.putElement({ ...row, ...changes });
  }
  switch (event.type) {
    case 'elementActivated':
      if (event.elementInstanceId !== event.processInstanceId) inside.putElement(activated(event, record, inside));
      break;
    case 'elementCompleted':
      change(event.elementInstanceId, { outcome: 'completed', endedAt: record.at });
      break;
    case 'elementCanceled':
      change(event.elementInstanceId, { outcome: 'canceled', endedAt: record.at });
      break;
    case 'elementMoved':
      change(event.elementInstanceId, {
        scopeId: event.scopeId,
        ...(event.outOfLoop === true ? { loopIndex: null } : {}),
      });
      break;
    case 'processInstanceCreated':
      if (event.parentElementInstanceId !== null) {
        change(event.parentElementInstanceId, { calledInstanceId: event.processInstanceId });
      }
      break;
    case 'externalTaskCreated':
      change(event.task.elementInstanceId, { externalTaskId: event.task.id });
      break;
    case 'userTaskCreated':
      change(event.task.elementInstanceId, { userTaskId: event.task.id, assignee: event.task.assignee });
      break;
    case 'processInstanceMigrated':
      for (const { elementInstanceId, elementId } of event.elements) {
        const { definitionId, bpmnProcessId } = event;
        const element = inside.modelOf(definitionId)?.elements[elementId];
        change(elementInstanceId, { definitionId, bpmnProcessId, elementId, elementName: element?.name ?? null });
      }
      break;
    case 'userTaskUpdated':
      change(event.elementInstanceId, {
        task: { ...inside.element(event.elementInstanceId)?.task, ...event.changes },
      });
      break;
    case 'userTaskAssigned':
      change(event.elementInstanceId, { assignee: event.assignee });
      break;
  }
};

function activated(
  event: EventOf<'elementActivated'>,
  { at, sequence }: LogRecord,
  inside: Inside,
): ElementInstanceView {
  const instance = inside.instance(event.processInstanceId);
  const element = instance && inside.modelOf(instance.definitionId)?.elements[event.elementId];
  if (instance === undefined || element === undefined) {
    throw new Error(
      `Record ${sequence} activates element ${event.elementId} of process instance ${event.processInstanceId}, which has no such element.`,
    );
  }
  return {
    id: event.elementInstanceId,
    processInstanceId: event.processInstanceId,
    definitionId: instance.definitionId,
    bpmnProcessId: instance.bpmnProcessId,
    elementId: event.elementId,
    elementName: element.name ?? null,
    elementType: event.role === 'body' ? 'multiInstanceBody' : element.type,
    scopeId: event.scopeId,
    startedAt: at,
    endedAt: null,
    outcome: 'active',
    calledInstanceId: null,
    externalTaskId: null,
    userTaskId: null,
    assignee: null,
    loopIndex: event.loopIndex ?? null,
    sequence,
  };
}
