/** A worker could not do its work: tried again after the back-off, or an incident when no attempt is left. */
import { failWork } from '../actions/finished-work.ts';
import { handOverFreed } from '../actions/hand-over.ts';
import { visit } from '../actions/turn.ts';
import { placeResults, setLocal } from '../actions/variables.ts';
import { heldTask } from './external-task-holder.ts';
import { type CommandHandler, DONE, reject, tooLong } from './handler.ts';

export const failExternalTask: CommandHandler<'failExternalTask'> = (command, turn) => {
  const found = heldTask(turn, command);
  if (!found.ok) return found;
  const { task } = found;
  const { topic, tenantId } = task;
  if (!Number.isInteger(command.retries) || command.retries < 0) {
    return reject('INVALID_ARGUMENT', `the number of retries must be a whole number, 0 or more: ${command.retries}`);
  }
  if (!(command.retryAfterMs >= 0))
    return reject('INVALID_ARGUMENT', `the retry time-out must not be negative: ${command.retryAfterMs} ms`);
  const endless = tooLong(turn, command.retryAfterMs, 'the pause before the next attempt');
  if (endless !== undefined) return endless;
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`external task ${task.id} belongs to no element instance`);
  setLocal(at, command.localVariables ?? {});
  placeResults(at, command.variables);
  failWork(at, task, {
    errorMessage: command.errorMessage,
    errorDetails: command.errorDetails ?? null,
    retries: command.retries,
    availableAt: command.retryAfterMs === 0 ? 0 : turn.now + command.retryAfterMs,
  });
  if (command.retries > 0) handOverFreed(turn, [topic], tenantId);
  return DONE;
};
