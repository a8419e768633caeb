/** Ends an instance from outside, where asked for after undoing what it has completed; who called it learns so as an error it may catch. */
import { cancelFromOutside } from '../actions/cancel.ts';
import { undoAndCancel } from '../actions/undo-and-cancel.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const cancelProcessInstance: CommandHandler<'cancelProcessInstance'> = (command, turn) => {
  const { processInstanceId, reason = null, skipListeners = false, compensate = false } = command;
  const instance = turn.state.instances.get(processInstanceId);
  if (instance === undefined)
    return reject('NOT_FOUND', `process instance ${processInstanceId} does not run`, { processInstanceId });
  const step = { kind: 'cancelInstance', processInstanceId, elementInstanceId: processInstanceId, reason } as const;
  if (compensate) undoAndCancel(turn, instance, { ...step, compensate }, skipListeners);
  else cancelFromOutside(turn, instance, step, skipListeners);
  return DONE;
};
