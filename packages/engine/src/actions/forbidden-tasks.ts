/** A task that its process has lost the right to: nobody holds it, and an incident says why. */
import type { ExternalTask } from '../state/entities.ts';
import { closeIncidents, raiseIncident } from './incidents.ts';
import { type Turn, visit } from './turn.ts';

/** `reason`: as `forbiddenTask` gives it. */
export function forbidTask(turn: Turn, task: ExternalTask, reason: string): void {
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`external task ${task.id} belongs to no element instance`);
  turn.emit({ type: 'externalTaskForbidden', externalTaskId: task.id, topic: task.topic, reason });
  closeIncidents(turn, at.instance.id, at.self);
  raiseIncident(at, { kind: 'forbidden', message: `'${at.self.elementId}' is forbidden: ${reason}`, step: null });
}
