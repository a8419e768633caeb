/** A worker has done its work: results into the scopes, and the element goes on. */
import { completeTask } from '../actions/ended-task.ts';
import { finishWork, RESULT } from '../actions/finished-work.ts';
import { closeIncidents } from '../actions/incidents.ts';
import { type Visit, visit } from '../actions/turn.ts';
import { placeResults } from '../actions/variables.ts';
import type { CommandOf } from '../records/commands.ts';
import type { PausableStep, Step } from '../records/steps.ts';
import type { Errand, ExternalTask } from '../state/entities.ts';
import { heldTask } from './external-task-holder.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const completeExternalTask: CommandHandler<'completeExternalTask'> = (command, turn) => {
  const found = heldTask(turn, command);
  if (!found.ok) return found;
  const { task } = found;
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`external task ${task.id} belongs to no element instance`);
  const { usage } = command;
  if (
    usage !== undefined &&
    [usage.inputTokens, usage.outputTokens, usage.cost].some((count) => !(Number.isSafeInteger(count) && count >= 0))
  )
    return reject('INVALID_ARGUMENT', 'usage: tokens and cost must be whole numbers, 0 or more');
  const { errand } = task;
  const refusal = command.result === undefined ? undefined : refuse(at, errand, command.result);
  if (refusal !== undefined) return reject('INVALID_ARGUMENT', refusal, { externalTaskId: task.id });
  if (usage !== undefined)
    turn.emit({
      type: 'aiUsed',
      externalTaskId: task.id,
      usage,
      processInstanceId: at.instance.id,
      elementInstanceId: at.self.id,
    });
  if (errand !== null) {
    completeErrand(at, task, errand, command);
    return DONE;
  }
  finishWork(at, task, command.variables, command.localVariables ?? {});
  return DONE;
};

/** The step that waited for it goes on; a script's value is known to it now. */
function completeErrand(
  at: Visit,
  task: ExternalTask,
  errand: Errand,
  result: CommandOf<'completeExternalTask'>,
): void {
  placeResults(at, result.variables);
  closeIncidents(at.turn, at.instance.id, at.self);
  const { denied = false, deniedReason: reason = null, corrections } = result.result ?? {};
  const of = { processInstanceId: at.instance.id, elementInstanceId: at.self.id };
  completeTask(at.turn, task, of, denied ? { reason } : undefined);
  const { step, key } = errand;
  if (denied) return;
  if (corrections !== undefined && step.kind === 'changeUserTask') {
    const change = { ...step.change, corrections: { ...step.change.corrections, ...corrections } };
    at.turn.enqueue({ ...step, change });
    return;
  }
  const value = result.localVariables?.[RESULT]?.value ?? null;
  at.turn.enqueue(key === null || !isPausable(step) ? step : { ...step, scripts: { ...step.scripts, [key]: value } });
}

type Result = NonNullable<CommandOf<'completeExternalTask'>['result']>;

/** Why a result is not one that the task can have; undefined when it is. */
function refuse(at: Visit, errand: Errand | null, { denied, corrections = {} }: Result): string | undefined {
  if (denied !== true && Object.keys(corrections).length === 0) return undefined;
  const step = errand?.purpose === 'taskListener' && at.model.dialect === 'camunda8' ? errand.step : undefined;
  if (step?.kind !== 'changeUserTask')
    return 'only a job of a Camunda 8 task listener denies or corrects, and not one for canceling';
  const { change } = step;
  if (denied === true && change.kind === 'create') return 'the creation of a user task cannot be denied';
  const assigned = change.kind === 'create' && typeof change.assignee === 'string';
  return assigned && corrections.assignee !== undefined
    ? 'the model assigns this task: correct the assignee when it is being assigned'
    : undefined;
}

function isPausable(step: Step): step is PausableStep {
  return step.kind === 'activate' || step.kind === 'complete' || step.kind === 'changeUserTask';
}
