/** Creates the external task for an element whose work is done outside, or for an errand on the way to it. */
import type { ExternalWork } from '@procos/bpmn';
import { priorityOf } from '../state/controls.ts';
import type { Errand } from '../state/entities.ts';
import { tooDeep } from './callers.ts';
import { refuseUndeclared, requestOf } from './capabilities.ts';
import { Fault } from './fault.ts';
import { refuseCall, refuseTask } from './limits.ts';
import { beginServing, HELD_AT, serverOf, workerIdOf } from './serving.ts';
import type { Visit } from './turn.ts';
import { evaluateInteger, evaluateText } from './variables.ts';

export function createExternalTask(
  at: Visit,
  work: ExternalWork,
  errand: Errand | null = null,
  headers?: Readonly<Record<string, string>>,
): Fault | undefined {
  const { turn, instance, self, model } = at;
  const topic = evaluateText(at, work.topic, 'topic');
  if (topic instanceof Fault) return topic;
  if (topic.text === null || topic.text === '')
    return new Fault('expression', `topic of '${self.elementId}' is empty: give it a value`);
  const undeclared = refuseUndeclared(at, requestOf(topic.text, work.headers));
  if (undeclared !== undefined) return undeclared;
  const retries = work.retries === undefined ? null : evaluateInteger(at, work.retries, 'retries');
  if (retries instanceof Fault) return retries;
  if (retries !== null && retries.number < 1)
    return new Fault('expression', `retries of '${self.elementId}': 1 or more are expected, not ${retries.number}`);
  const priority = work.priority === undefined ? null : evaluateInteger(at, work.priority, 'priority');
  if (priority instanceof Fault) return priority;
  const server =
    errand === null && self.userTaskId === null ? serverOf(turn, topic.text, instance.tenantId) : undefined;
  const deep = server === undefined ? undefined : tooDeep(at, server.definition.bpmnProcessId);
  if (deep !== undefined) return deep;
  const mayNot = server === undefined ? undefined : refuseCall(at, server.definition);
  if (mayNot !== undefined) return mayNot;
  const refused = refuseTask(at, topic.text);
  if (refused !== undefined) return refused;
  turn.emit({
    type: 'externalTaskCreated',
    task: {
      id: turn.ids.next(),
      topic: topic.text,
      processInstanceId: instance.id,
      elementInstanceId: self.id,
      elementId: self.elementId,
      definitionId: instance.definitionId,
      bpmnProcessId: model.bpmnProcessId,
      businessKey: instance.businessKey,
      tenantId: instance.tenantId,
      createdAt: turn.now,
      priority: priority?.number ?? priorityOf(turn.state, turn.definition(instance), instance),
      retries: retries?.number ?? null,
      workerId: server === undefined ? null : workerIdOf(server),
      availableAt: server === undefined ? 0 : HELD_AT,
      lockCount: server === undefined ? 0 : 1,
      errorMessage: null,
      errorDetails: null,
      suspended: instance.suspended,
      errand,
      ...(headers === undefined ? {} : { headers }),
    },
  });
  if (server !== undefined)
    beginServing(at, instance, server, { ...model.elements[self.elementId]?.properties, ...work.headers });
  return undefined;
}
