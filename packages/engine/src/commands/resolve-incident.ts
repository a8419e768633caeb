/** Somebody has mended the cause: the step that failed is tried again. */

import { takenAway } from './external-task-holder.ts';
import { changeRetries } from './external-task-locks.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const resolveIncident: CommandHandler<'resolveIncident'> = (command, turn) => {
  const incident = turn.state.incidents.get(command.incidentId);
  if (incident === undefined)
    return reject('NOT_FOUND', `incident ${command.incidentId} does not exist (any more)`, {
      incidentId: command.incidentId,
    });
  const task = incident.externalTaskId === null ? undefined : turn.state.externalTasks.get(incident.externalTaskId);
  if (task !== undefined) {
    const forbidden = takenAway(turn, task);
    if (forbidden !== undefined) return forbidden;
    changeRetries(turn, task, 1);
    return DONE;
  }
  const { processInstanceId, elementInstanceId } = incident;
  turn.emit({ type: 'incidentResolved', incidentId: incident.id, processInstanceId, elementInstanceId });
  if (incident.step !== null) turn.enqueue(incident.step);
  // A scope that is stuck for ever is looked at again.
  else turn.touch(processInstanceId, elementInstanceId);
  return DONE;
};
