/** The work of an external task has come to its end, well or not: what follows for its element, whoever did it. */
import { inferVariable, type ScriptTask } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { ExternalTask } from '../state/entities.ts';
import { completeTask } from './ended-task.ts';
import { closeIncidents, raiseIncident } from './incidents.ts';
import { serveAgain } from './serving.ts';
import type { Visit } from './turn.ts';
import { placeResults, setLocal } from './variables.ts';
import { mappedError, raise } from './worker-errors.ts';

/** What the script worker calls the value of a script. */
export const RESULT = 'result';

/** `variables` go to the scopes above (to the output mappings where a Camunda 8 element has some), `local` to the element's own. */
export function finishWork(at: Visit, task: ExternalTask, variables: Variables | undefined, local: Variables): void {
  const { turn } = at;
  const element = at.model.elements[at.self.elementId];
  const script = element?.type === 'scriptTask' ? element : undefined;
  setLocal(at, script === undefined ? local : withoutNamesake(script, local));
  placeResults(at, variables);
  if (script !== undefined) placeScriptResult(at, script, local);
  const error = mappedError(at, task);
  if (error !== undefined) {
    raise(at, task, error);
    return;
  }
  // Somebody had locked a task without attempts left, and it went well.
  closeIncidents(turn, at.instance.id, at.self);
  const of = { processInstanceId: at.instance.id, elementInstanceId: at.self.id };
  completeTask(turn, task, of);
  const { userTaskId } = at.self;
  if (userTaskId !== null) turn.emit({ type: 'userTaskCompleted', ...of, userTaskId });
  turn.enqueue({ kind: 'complete', ...of });
}

/** The results of an instance that did the task: to the output mappings where the element has some, else as a worker's. */
export function finishServed(at: Visit, task: ExternalTask, results: Variables): void {
  const mapped = at.model.dialect === 'camunda7' && (at.model.elements[at.self.elementId]?.outputs ?? []).length > 0;
  if (mapped) finishWork(at, task, undefined, results);
  else finishWork(at, task, results, {});
}

export interface Failure {
  readonly errorMessage: string | null;
  readonly errorDetails: string | null;
  readonly retries: number;
  /** ms since the epoch; 0: at once. */
  readonly availableAt: number;
}

/** Tried again, or an incident when no attempt is left. */
export function failWork(at: Visit, task: ExternalTask, failure: Failure): void {
  const { turn, instance, self } = at;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  turn.emit({ type: 'externalTaskFailed', externalTaskId: task.id, topic: task.topic, ...failure, ...of });
  const error = mappedError(at, task);
  if (error !== undefined) raise(at, task, error);
  else if (failure.retries > 0) closeIncidents(turn, instance.id, self);
  else if (self.incidents.size === 0) {
    const message = failure.errorMessage ?? 'the worker gave no reason';
    raiseIncident(at, { kind: 'failedExternalTask', message, step: null });
  }
}

/** Attempts that an instance has where the model says nothing. */
const ATTEMPTS = 3;

/** The instance that did the task was ended from outside: that was one attempt. */
export function servingEnded(at: Visit, task: ExternalTask, message: string): void {
  const retries = Math.max(0, (task.retries ?? ATTEMPTS) - 1);
  failWork(at, task, { errorMessage: message, errorDetails: null, retries, availableAt: 0 });
  const again = at.turn.state.externalTasks.get(task.id);
  if (again !== undefined && retries > 0) serveAgain(at, again);
}

/** A result variable that is called like the worker's own would stay in the task with it. */
function withoutNamesake({ resultVariable }: ScriptTask, local: Variables): Variables {
  return resultVariable === RESULT
    ? Object.fromEntries(Object.entries(local).filter(([name]) => name !== RESULT))
    : local;
}

/** The script worker returns the value of the script as local variable `result`. */
function placeScriptResult(at: Visit, element: ScriptTask, local: Variables): void {
  if (element.resultVariable === undefined) return;
  placeResults(at, { [element.resultVariable]: local[RESULT] ?? inferVariable(null) });
}
