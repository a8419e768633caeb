/** Moves a running instance: cancels and starts at any place of its model. */
import { carryOut, refuse } from '../actions/instructions.ts';
import { visit } from '../actions/turn.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const modifyProcessInstance: CommandHandler<'modifyProcessInstance'> = (command, turn) => {
  const { processInstanceId, instructions } = command;
  const root = visit(turn, processInstanceId, processInstanceId);
  if (root === undefined)
    return reject('NOT_FOUND', `process instance ${processInstanceId} does not run`, { processInstanceId });
  const reason = refuse(root.model, root.instance, instructions);
  if (reason !== undefined) return reject('INVALID_ARGUMENT', reason, { processInstanceId });
  carryOut(root, instructions, command);
  return DONE;
};
