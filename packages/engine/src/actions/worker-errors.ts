/** Business errors that come out of a worker's report: thrown in the model, or kept in an incident when nobody catches them. */
import type { ThrownError } from '../records/steps.ts';
import type { ExternalTask } from '../state/entities.ts';
import { findCatcher } from './catchers.ts';
import { cancelTask } from './ended-task.ts';
import { Fault } from './fault.ts';
import { raiseIncident } from './incidents.ts';
import type { Visit } from './turn.ts';
import { evaluateIn, evaluateText } from './variables.ts';

/** `camunda:errorEventDefinition`: the first whose condition holds; a condition that cannot be evaluated does not hold. */
export function mappedError(at: Visit, task: ExternalTask): ThrownError | undefined {
  const element = at.model.elements[at.self.elementId];
  if (element === undefined || !('errorMappings' in element) || task.errand !== null) return undefined;
  const externalTask = {
    topicName: task.topic,
    workerId: task.workerId,
    errorMessage: task.errorMessage,
    errorDetails: task.errorDetails,
    retries: task.retries,
    priority: task.priority,
  };
  for (const mapping of element.errorMappings ?? []) {
    const holds = evaluateIn(at, mapping.condition, { externalTask });
    if (!holds.ok || holds.value !== true) continue;
    const code = evaluateText(at, mapping.code, 'error code');
    if (!(code instanceof Fault)) return { code: code.text ?? '', message: task.errorMessage };
  }
  return undefined;
}

/** Throws the error from the element; uncaught, the task stays for a later retry, with no attempts left and an incident. */
export function raise(at: Visit, task: ExternalTask, error: ThrownError): void {
  const { turn, instance, self } = at;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  const catcher = findCatcher(at, { kind: 'error', ...error });
  if (catcher === undefined || catcher instanceof Fault) {
    const message =
      catcher?.message ??
      `error '${error.code}'${error.message === null ? '' : ` (${error.message})`} thrown at '${self.elementId}' is caught by no boundary event and no event sub-process`;
    turn.emit({
      type: 'externalTaskFailed',
      externalTaskId: task.id,
      topic: task.topic,
      errorMessage: message,
      errorDetails: null,
      retries: 0,
      availableAt: 0,
      ...of,
    });
    if (self.incidents.size === 0)
      raiseIncident(at, { kind: 'unhandledError', message, step: null, errorCode: error.code });
    return;
  }
  cancelTask(turn, task.id, of, { code: error.code, message: error.message, workerId: task.workerId });
  turn.enqueue({ kind: 'throwError', error, ...of });
}
