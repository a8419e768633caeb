/** User tasks from outside: assign, claim, complete. */
import { visit } from '../actions/turn.ts';
import { placeResults, visibleVariables } from '../actions/variables.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const assignUserTask: CommandHandler<'assignUserTask'> = (command, turn) => {
  const task = turn.state.userTasks.get(command.userTaskId);
  if (task === undefined)
    return reject('NOT_FOUND', `user task ${command.userTaskId} does not exist`, { userTaskId: command.userTaskId });
  if (command.claim && task.assignee !== null && task.assignee !== command.assignee) {
    return reject('ALREADY_CLAIMED', `user task ${task.id} is already claimed by '${task.assignee}'`, {
      userTaskId: task.id,
      assignee: task.assignee,
    });
  }
  turn.emit({
    type: 'userTaskAssigned',
    userTaskId: task.id,
    assignee: command.assignee,
    processInstanceId: task.processInstanceId,
    elementInstanceId: task.elementInstanceId,
  });
  return DONE;
};

export const completeUserTask: CommandHandler<'completeUserTask'> = (command, turn) => {
  const task = turn.state.userTasks.get(command.userTaskId);
  if (task === undefined)
    return reject('NOT_FOUND', `user task ${command.userTaskId} does not exist`, { userTaskId: command.userTaskId });
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`user task ${task.id} belongs to no element instance`);
  placeResults(at, command.variables);
  const variables = Object.fromEntries(visibleVariables(at.instance, at.self));
  turn.emit({
    type: 'userTaskCompleted',
    userTaskId: task.id,
    processInstanceId: at.instance.id,
    elementInstanceId: at.self.id,
  });
  turn.enqueue({ kind: 'complete', processInstanceId: at.instance.id, elementInstanceId: at.self.id });
  return { ok: true, value: { variables } };
};
