/** A worker has done its work: results into the scopes, and the element goes on. */
import { inferVariable, type ScriptTask } from '@procos/bpmn';
import { closeIncidents } from '../actions/incidents.ts';
import { type Visit, visit } from '../actions/turn.ts';
import { placeResults, setLocal } from '../actions/variables.ts';
import { mappedError, raise } from '../actions/worker-errors.ts';
import type { Variables } from '../records/events.ts';
import { heldTask } from './external-task-holder.ts';
import { type CommandHandler, DONE } from './handler.ts';

export const completeExternalTask: CommandHandler<'completeExternalTask'> = (command, turn) => {
  const found = heldTask(turn, command);
  if (!found.ok) return found;
  const { task } = found;
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`external task ${task.id} belongs to no element instance`);
  setLocal(at, command.localVariables ?? {});
  placeResults(at, command.variables);
  const element = at.model.elements[at.self.elementId];
  if (element?.type === 'scriptTask') placeScriptResult(at, element, command.localVariables ?? {});
  const error = mappedError(at, task);
  if (error !== undefined) {
    raise(at, task, error);
    return DONE;
  }
  // Somebody had locked a task without attempts left, and it went well.
  closeIncidents(turn, at.instance.id, at.self);
  turn.emit({
    type: 'externalTaskCompleted',
    externalTaskId: task.id,
    workerId: task.workerId,
    processInstanceId: at.instance.id,
    elementInstanceId: at.self.id,
  });
  turn.enqueue({ kind: 'complete', processInstanceId: at.instance.id, elementInstanceId: at.self.id });
  return DONE;
};

/** The script worker returns the value of the script as local variable `result`. */
function placeScriptResult(at: Visit, element: ScriptTask, local: Variables): void {
  if (element.resultVariable === undefined) return;
  placeResults(at, { [element.resultVariable]: local['result'] ?? inferVariable(null) });
}
