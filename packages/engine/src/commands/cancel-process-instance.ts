/** Ends an instance from outside; who called it learns so as an error it may catch. */
import { cancelInstance } from '../actions/cancel.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

/** Thrown at the call activity whose called instance was canceled. */
export const CANCELED_ERROR_CODE = 'PROCESS_INSTANCE_CANCELED';

export const cancelProcessInstance: CommandHandler<'cancelProcessInstance'> = (command, turn) => {
  const instance = turn.state.instances.get(command.processInstanceId);
  if (instance === undefined) {
    return reject('NOT_FOUND', `process instance ${command.processInstanceId} does not run`, {
      processInstanceId: command.processInstanceId,
    });
  }
  const { parentId, parentElementInstanceId } = instance;
  cancelInstance(turn, instance, 'canceled', command.reason ?? null);
  if (parentId !== null && parentElementInstanceId !== null) {
    turn.enqueue({
      kind: 'throwError',
      processInstanceId: parentId,
      elementInstanceId: parentElementInstanceId,
      error: { code: CANCELED_ERROR_CODE, message: `called process instance ${instance.id} was canceled` },
    });
  }
  return DONE;
};
