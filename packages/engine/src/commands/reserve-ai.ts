/** A worker says before it asks a language model how much that may use: what is limited is held for it. */
import { aiAllowance } from '../actions/limits.ts';
import { heldTask } from './external-task-holder.ts';
import { type CommandHandler, reject } from './handler.ts';

export const reserveAi: CommandHandler<'reserveAi'> = (command, turn) => {
  const { tokens, cost } = command;
  if (![tokens, cost].every((count) => Number.isSafeInteger(count) && count >= 0))
    return reject('INVALID_ARGUMENT', 'tokens and cost must be whole numbers, 0 or more');
  const found = heldTask(turn, command);
  if (!found.ok) return found;
  const { task } = found;
  const instance = turn.state.instances.get(task.processInstanceId);
  const allowance = instance === undefined ? undefined : aiAllowance(turn, instance, task.aiHeld);
  // Where nobody limits it there is nothing to hold.
  if (allowance === undefined) return { ok: true, value: { granted: true, left: {}, held: false } };
  const { left, held, controls } = allowance;
  const granted = tokens <= (left.tokens ?? tokens) && cost <= (left.cost ?? cost);
  if (granted)
    turn.emit({
      type: 'aiReserved',
      externalTaskId: task.id,
      tokens,
      cost,
      controls,
      processInstanceId: task.processInstanceId,
      elementInstanceId: task.elementInstanceId,
    });
  return { ok: true, value: { granted, left, held } };
};
