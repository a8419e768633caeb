/** One item of a list that a task works through: what is done to it and the note that it is done are one record. */
import type { Turn } from '../actions/turn.ts';
import type { ItemCommand } from '../records/commands.ts';
import type { Outcome } from '../records/rejection.ts';
import { heldTask } from './external-task-holder.ts';
import { type CommandHandler, reject } from './handler.ts';

/** `run` is how the other commands are run: the registry knows them, and it knows this one. */
export function workOnItem(run: (command: ItemCommand, turn: Turn) => Outcome<unknown>): CommandHandler<'workOnItem'> {
  return (command, turn) => {
    const found = heldTask(turn, command);
    if (!found.ok) return found;
    const { externalTaskId, item, why } = command;
    const next = found.task.progress?.next ?? 0;
    if (item !== next) {
      const message = `external task ${externalTaskId} is at item ${next}, not at ${item}`;
      return reject('INVALID_STATE', message, { externalTaskId, item, next });
    }
    const outcome = command.command === undefined ? undefined : run(command.command, turn);
    if (outcome?.ok === false && turn.events.length > 0)
      throw new Error(`${command.command?.type} was refused after it had changed something`);
    const failure = outcome?.ok === false ? outcome.rejection.message : (command.failure ?? null);
    // The item was the process of the task itself, and the task has gone with it.
    if (turn.state.externalTasks.get(externalTaskId) !== undefined)
      turn.emit({
        type: 'externalTaskItemDone',
        externalTaskId,
        item,
        failure,
        ...(why === undefined ? {} : { why }),
      });
    return { ok: true, value: { failure } };
  };
}
