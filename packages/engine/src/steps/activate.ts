/** An element begins: asynchronous continuation, input mappings, start listeners, then what the element is for. */
import type { Element, Variable } from '@procos/bpmn';
import { Fault, retryFrom } from '../actions/fault.ts';
import { compensationStart, completeScopeIfDone, enter } from '../actions/flow.ts';
import { runListeners } from '../actions/listeners.ts';
import { loopOf, startLoop } from '../actions/loops.ts';
import { continuationOf, continueLater } from '../actions/retries.ts';
import { type Traits, traitsOf } from '../actions/traits.ts';
import type { Visit } from '../actions/turn.ts';
import { startUndo } from '../actions/undo.ts';
import { applyInputs, restoreLocal } from '../actions/variables.ts';
import { openWaits, planWaits } from '../actions/waits.ts';
import { behaviorOf } from '../elements/registry.ts';
import type { StepOf } from '../records/steps.ts';

const NO_VARIABLES: ReadonlyMap<string, Variable> = new Map();

export function activate(at: Visit, step: StepOf<'activate'>): Fault | undefined {
  const { self, model } = at;
  const traits = traitsOf(model, self.elementId);
  const { element, startListeners } = traits;
  if (self.role === 'undo') return undoScope(at, element, step.bare === true);
  if (continuationOf(at, traits)?.before === true && step.asyncDone !== true) {
    continueLater(at, { ...step, asyncDone: true });
    return undefined;
  }
  if (self.role === 'body') return begin(at, element, step);
  const before = copyOf(self.variables);
  const fault = prepare(at, traits, step);
  if (fault !== undefined) {
    if (fault.retry === undefined) restoreLocal(at, before);
    return fault;
  }
  // What listeners have done stays: after them only the element itself is tried again.
  const listeners = startListeners.length;
  const kept = listeners > 0 ? copyOf(self.variables) : before;
  const failed = begin(at, element, step);
  if (failed === undefined) return undefined;
  restoreLocal(at, kept);
  return listeners > 0 ? retryFrom(failed, { ...step, inputsDone: true, listenersDone: listeners }) : failed;
}

function copyOf(variables: ReadonlyMap<string, Variable>): ReadonlyMap<string, Variable> {
  return variables.size === 0 ? NO_VARIABLES : new Map(variables);
}

/** Input mappings, then start listeners. A fault without a step to retry from came before anything was kept. */
function prepare(at: Visit, { element, startListeners }: Traits, step: StepOf<'activate'>): Fault | undefined {
  if (step.inputsDone !== true && step.skipInputs !== true) {
    const fault = applyInputs(at, element.inputs);
    if (fault !== undefined) return fault;
  }
  if (step.skipListeners === true || startListeners.length === 0) return undefined;
  return runListeners(at, startListeners, { ...step, inputsDone: true });
}

function begin(at: Visit, element: Element, { trigger, bare }: StepOf<'activate'>): Fault | undefined {
  const { turn, instance, self } = at;
  const loop = self.role === 'body' ? loopOf(at.model, element.id) : undefined;
  const waits = planWaits(at, trigger !== undefined);
  if (waits instanceof Fault) return waits;
  const progress =
    loop !== undefined
      ? (startLoop(at, loop) ?? 'wait')
      : bare === true
        ? 'wait'
        : behaviorOf(element).activate(element, at, trigger);
  if (progress instanceof Fault) return progress;
  if (progress === 'wait') openWaits(at, waits);
  // What was started inside a scope that was made for it may have ended, or be stuck, while the scope waited for a listener.
  if (bare === true) {
    turn.touch(instance.id, self.id);
    completeScopeIfDone(turn, instance.id, self.id);
  }
  if (progress === 'complete')
    turn.enqueue({ kind: 'complete', processInstanceId: instance.id, elementInstanceId: self.id });
  return undefined;
}

/**
 * A completed sub-process is brought back: its own event sub-process undoes it, else what it had completed is undone. That
 * alone when it had not completed itself (`bare`).
 */
function undoScope(at: Visit, element: Element, bare: boolean): undefined {
  const start = 'eventSubProcesses' in element && !bare ? compensationStart(at.model, element) : undefined;
  if (start !== undefined) enter(at, start, { trigger: {} });
  else startUndo(at, at, null);
}
