/** A worker could not do its work: tried again after the back-off, or an incident when no attempt is left. */
import { closeIncidents, raiseIncident } from '../actions/incidents.ts';
import { visit } from '../actions/turn.ts';
import { placeResults, setLocal } from '../actions/variables.ts';
import { mappedError, raise } from '../actions/worker-errors.ts';
import { heldTask } from './external-task-holder.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const failExternalTask: CommandHandler<'failExternalTask'> = (command, turn) => {
  const found = heldTask(turn, command);
  if (!found.ok) return found;
  const { task } = found;
  if (!Number.isInteger(command.retries) || command.retries < 0) {
    return reject('INVALID_ARGUMENT', `the number of retries must be a whole number, 0 or more: ${command.retries}`);
  }
  if (!(command.retryAfterMs >= 0))
    return reject('INVALID_ARGUMENT', `the retry time-out must not be negative: ${command.retryAfterMs} ms`);
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`external task ${task.id} belongs to no element instance`);
  setLocal(at, command.localVariables ?? {});
  placeResults(at, command.variables);
  turn.emit({
    type: 'externalTaskFailed',
    externalTaskId: task.id,
    topic: task.topic,
    errorMessage: command.errorMessage,
    errorDetails: command.errorDetails ?? null,
    retries: command.retries,
    availableAt: command.retryAfterMs === 0 ? 0 : turn.now + command.retryAfterMs,
    processInstanceId: at.instance.id,
    elementInstanceId: at.self.id,
  });
  const error = mappedError(at, task);
  if (error !== undefined) raise(at, task, error);
  else if (command.retries > 0) closeIncidents(turn, at.instance.id, at.self);
  else if (at.self.incidents.size === 0) {
    raiseIncident(at, {
      kind: 'failedExternalTask',
      message: command.errorMessage ?? 'the worker gave no reason',
      step: null,
    });
  }
  return DONE;
};
