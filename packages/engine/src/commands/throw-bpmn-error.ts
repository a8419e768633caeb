/** A worker reports a business error. */
import { visit } from '../actions/turn.ts';
import { raise } from '../actions/worker-errors.ts';
import { heldTask } from './external-task-holder.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const throwBpmnError: CommandHandler<'throwBpmnError'> = (command, turn) => {
  const found = heldTask(turn, command);
  if (!found.ok) return found;
  if (command.errorCode === '') return reject('INVALID_ARGUMENT', 'errorCode is empty: name the error');
  const { task } = found;
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`external task ${task.id} belongs to no element instance`);
  raise(at, task, {
    code: command.errorCode,
    message: command.errorMessage ?? null,
    ...(command.variables === undefined ? {} : { variables: command.variables }),
  });
  return DONE;
};
