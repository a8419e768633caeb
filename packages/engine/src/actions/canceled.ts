/** Listeners of what is about to be canceled: Camunda 7's `delete` and `end`, Camunda 8's `canceling`. */
import type { ExternalWork, ListenerAction } from '@procos/bpmn';
import type { CancelingStep, Step } from '../records/steps.ts';
import type { ElementInstance, ExternalTask, ProcessInstance } from '../state/entities.ts';
import { evaluateAndSet } from './effects.ts';
import { cancelTask } from './ended-task.ts';
import { createExternalTask } from './external-work.ts';
import { Fault } from './fault.ts';
import { pendingSteps } from './pending.ts';
import { scriptWork } from './script-work.ts';
import { taskHeaders } from './task-listener-jobs.ts';
import type { Turn, Visit } from './turn.ts';
import { warn } from './warnings.ts';
import { encloses, within } from './within.ts';

/**
 * Calls the listeners of the element instances in their order, those inside called instances first. A listener that fails is
 * a warning: what is canceled has no place for an incident. Work of a worker or of the sandbox is waited for when `step` can
 * go on afterwards; false: it will.
 */
export function tellCanceled(
  turn: Turn,
  instance: ProcessInstance,
  elements: readonly ElementInstance[],
  step?: CancelingStep,
): boolean {
  const visits = visitsOf(turn, instance, elements);
  let current = step;
  if (current !== undefined) {
    for (const at of visits) {
      const waiting = canceling(turn, at.self);
      if (waiting === undefined) continue;
      // What waits already cancels this too.
      if (encloses(turn, waiting.step, current) && !overrules(current, waiting.step)) return false;
      cancelTask(turn, waiting.task.id, of(at));
      const done = (waiting.step.told?.[at.self.id] ?? 1) - 1;
      current = { ...current, told: { ...waiting.step.told, [at.self.id]: done, ...current.told } };
    }
  }
  for (const at of visits) if (!tellOne(at, current)) return false;
  return true;
}

/** What waits for a listener of this element instance before it cancels more than that. */
export function canceling(
  turn: Turn,
  self: ElementInstance,
): { readonly task: ExternalTask; readonly step: CancelingStep } | undefined {
  const task = self.externalTaskId === null ? undefined : turn.state.externalTasks.get(self.externalTaskId);
  const step = task?.errand?.step;
  return task !== undefined && step !== undefined && isCanceling(step) ? { task, step } : undefined;
}

/** Who ends the instance at once does not wait for who would have undone what it has completed. */
function overrules(step: CancelingStep, waiting: CancelingStep): boolean {
  const isEnd = step.kind === 'cancelInstance' && waiting.kind === 'cancelInstance';
  return isEnd && step.compensate !== true && waiting.compensate === true;
}

const CANCELING: ReadonlySet<Step['kind']> = new Set<CancelingStep['kind']>([
  'trigger',
  'cancelInstance',
  'cancelElement',
  'endScope',
  'continueAdHoc',
  'continueLoop',
]);

function isCanceling(step: Step): step is CancelingStep {
  return CANCELING.has(step.kind);
}

function visitsOf(turn: Turn, instance: ProcessInstance, elements: readonly ElementInstance[]): Visit[] {
  const model = turn.model(instance);
  return elements.flatMap((self) => {
    const called = self.calledInstanceId === null ? undefined : turn.state.instances.get(self.calledInstanceId);
    const inside = called === undefined ? [] : visitsOf(turn, called, within(called, called.id, true));
    return [...inside, { turn, instance, model, self }];
  });
}

function tellOne(at: Visit, step: CancelingStep | undefined): boolean {
  const listeners = listenersOf(at);
  for (let index = step?.told?.[at.self.id] ?? 0; index < listeners.length; index += 1) {
    const { event, action } = listeners[index] ?? {};
    if (event === undefined || action === undefined) continue;
    const work = workOf(action);
    if (work === undefined) {
      if (action.kind !== 'expression') continue;
      const result = evaluateAndSet(at, action.expression, `listener for '${event}'`, event, true);
      if (result instanceof Fault) warn(at, result.message);
    } else if (step === undefined || at.instance.suspended) {
      warn(
        at,
        `a listener for '${event}' of '${at.self.elementId}' needs a worker and was not called: it is canceled at once`,
      );
    } else if (sendFor(at, work, { ...step, told: { ...step.told, [at.self.id]: index + 1 } })) return false;
  }
  return true;
}

/** False, with a warning, when there is nothing to wait for after all. */
function sendFor(at: Visit, work: ExternalWork, step: Step): boolean {
  const { turn, self } = at;
  if (self.externalTaskId !== null) cancelTask(turn, self.externalTaskId, of(at));
  const purpose = self.userTaskId === null ? 'executionListener' : 'taskListener';
  const told = at.model.dialect === 'camunda8' ? taskHeaders(at, null) : {};
  const headers = { ...work.headers, ...told };
  const fault = createExternalTask(at, work, { purpose, step, key: null, variables: {}, headers });
  if (fault !== undefined) warn(at, fault.message);
  return fault === undefined;
}

function workOf(action: ListenerAction): ExternalWork | undefined {
  if (action.kind === 'work') return action.work;
  const { language, format = '', text: source } = action.expression;
  return language === 'script' ? scriptWork({ format, source }) : undefined;
}

function listenersOf(at: Visit): readonly { readonly event: string; readonly action: ListenerAction }[] {
  const { self, model } = at;
  const element = model.elements[self.elementId];
  if (element === undefined || self.role !== 'element') return [];
  const isCamunda7 = model.dialect === 'camunda7';
  const ofTask = element.type === 'userTask' && self.userTaskId !== null ? (element.taskListeners ?? []) : [];
  const told = ofTask
    .filter(({ event }) => event === 'cancel')
    .map(({ action }) => ({ event: isCamunda7 ? 'delete' : 'canceling', action }));
  const ends = isCamunda7 && isUnderWay(at) ? (element.listeners ?? []).filter(({ event }) => event === 'end') : [];
  return [...told, ...ends];
}

/** It has begun, and its end listeners have not been called yet. */
function isUnderWay(at: Visit): boolean {
  const { turn, self } = at;
  if (turn.isBeginning(self.id)) return false;
  return !pendingSteps(at).some(
    (step) =>
      (step.kind === 'activate' || step.kind === 'complete') &&
      step.elementInstanceId === self.id &&
      (step.kind === 'activate' || (step.listenersDone ?? 0) > 0 || step.outputsDone === true),
  );
}

function of({ instance, self }: Visit) {
  return { processInstanceId: instance.id, elementInstanceId: self.id };
}
