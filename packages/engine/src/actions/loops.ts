/** Activities that run several times: how often, with what, and when it is enough. */
import {
  inferVariable,
  type Json,
  type LoopCharacteristics,
  type MultiInstance,
  type ProcessModel,
  type StandardLoop,
  type Variable,
} from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { ElementInstanceId } from '../records/ids.ts';
import type { StepOf } from '../records/steps.ts';
import { cancelContent } from './cancel.ts';
import { Fault } from './fault.ts';
import { type EnterOptions, enter } from './flow.ts';
import { boundFor, reached } from './limits.ts';
import type { Visit } from './turn.ts';
import { refuseLargeValue } from './value-limits.ts';
import { assign, evaluateInteger, evaluateOr, isTrue, lookup, setLocal } from './variables.ts';

export function loopOf(model: ProcessModel, elementId: string): LoopCharacteristics | undefined {
  const element = model.elements[elementId];
  return element !== undefined && 'loop' in element ? element.loop : undefined;
}

/** The body activates: fixes the number of instances and starts the first (sequential) or all of them. */
export function startLoop(body: Visit, loop: LoopCharacteristics): Fault | undefined {
  if (body.self.loop !== null) {
    // An instance was started in it from outside while it waited to begin: that is what it runs.
    const { turn, instance, self } = body;
    if (self.children === 0)
      turn.enqueue({ kind: 'continueLoop', processInstanceId: instance.id, elementInstanceId: self.id });
    return undefined;
  }
  if (loop.kind === 'standard') return startStandardLoop(body, loop);
  const planned = planLoop(body, loop);
  if (planned instanceof Fault) return planned;
  const { total, items } = planned;
  const { loopInstances } = body.turn.limits;
  const bound = boundFor(body, 'loopInstances', loopInstances);
  if (bound !== undefined && total > bound.value)
    return reached(bound, `'${body.self.elementId}' would run ${total} times`);
  if (total > loopInstances) {
    return new Fault(
      'runaway',
      `'${body.self.elementId}' would run ${total} times; at most ${loopInstances} are allowed: correct its number or raise the limit, then resolve this incident`,
    );
  }
  body.turn.emit({
    type: 'loopPrepared',
    processInstanceId: body.instance.id,
    elementInstanceId: body.self.id,
    total,
    items,
    collects: loop.outputCollection !== undefined,
  });
  const first = loop.sequential ? Math.min(1, total) : total;
  for (let index = 0; index < first; index += 1) startInstance(body, index, ownVariables(body, loop, index));
  if (total === 0)
    body.turn.enqueue({ kind: 'complete', processInstanceId: body.instance.id, elementInstanceId: body.self.id });
  return undefined;
}

/** One instance has ended. */
export function continueLoop(body: Visit, step: StepOf<'continueLoop'>): Fault | undefined {
  const loop = loopOf(body.model, body.self.elementId);
  const state = body.self.loop;
  if (loop === undefined || state === null) return undefined;
  const enough = step.told !== undefined || state.completed >= state.total || isEnough(body, loop, state.completed);
  if (enough instanceof Fault) return enough;
  if (enough) {
    if (!cancelContent(body.turn, body.instance, body.self, { step })) return undefined;
    body.turn.enqueue({ kind: 'complete', processInstanceId: body.instance.id, elementInstanceId: body.self.id });
  } else if (state.started === state.completed) {
    startInstance(body, state.started, loop.kind === 'standard' ? {} : ownVariables(body, loop, state.started));
  }
  return undefined;
}

function isEnough(body: Visit, loop: LoopCharacteristics, completed: number): boolean | Fault {
  if (loop.kind === 'multiInstance') return completionConditionHolds(body, loop);
  const goesOn = loopConditionHolds(body, loop, completed);
  return goesOn instanceof Fault ? goesOn : !goesOn;
}

/** BPMN 2.0.2, section 10.3.8: a while loop, or a repeat-until with `testBefore="false"`. */
function startStandardLoop(body: Visit, loop: StandardLoop): Fault | undefined {
  const { turn, instance, self } = body;
  const maximum = loop.maximum === undefined ? undefined : evaluateInteger(body, loop.maximum, 'loop maximum');
  if (maximum instanceof Fault) return maximum;
  const begins = loop.testBefore ? loopConditionHolds(body, loop, 0) : true;
  if (begins instanceof Fault) return begins;
  const total = maximum?.number ?? Number.MAX_SAFE_INTEGER;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  turn.emit({ type: 'loopPrepared', total, items: null, collects: false, ...of });
  if (begins && total > 0) startInstance(body, 0, {});
  else turn.enqueue({ kind: 'complete', ...of });
  return undefined;
}

function loopConditionHolds(body: Visit, loop: StandardLoop, completed: number): boolean | Fault {
  const bound = boundFor(body, 'loopInstances', body.turn.limits.loopInstances);
  if (bound !== undefined && completed >= bound.value)
    return reached(bound, `'${body.self.elementId}' has run ${completed} times and its condition still holds`);
  if (completed >= body.turn.limits.loopInstances)
    return new Fault(
      'runaway',
      `'${body.self.elementId}' has run ${completed} times and its condition still holds: let it end or raise the limit, then resolve this incident`,
    );
  if (loop.condition === undefined) return true;
  const counter = body.model.dialect === 'camunda8' ? completed + 1 : completed;
  return isTrue(body, loop.condition, 'loop condition', { loopCounter: counter });
}

/** The body completes: hands the collected results to the scope above. */
export function collectResults(body: Visit): Fault | undefined {
  const loop = multiInstanceOf(body);
  const results = body.self.loop?.results;
  if (loop?.outputCollection === undefined || results === undefined || results === null) return undefined;
  const above = body.self.scopeId === null ? undefined : body.instance.elements.get(body.self.scopeId);
  const values: Json = results.map((result) => result?.value ?? null);
  const refused = refuseLargeValue(body, values, `output collection of '${body.self.elementId}': the result`);
  if (refused !== undefined) return refused;
  assign({ ...body, self: above ?? body.self }, { [loop.outputCollection]: inferVariable(values) });
  return undefined;
}

/** What a loop instance adds to the output collection; evaluated in its own scope. */
export function loopResult(at: Visit): { readonly variable?: Variable } | Fault {
  const element = multiInstanceOf(at)?.outputElement;
  if (element === undefined) return {};
  const result = evaluateOr(at, element, 'output element');
  return result instanceof Fault ? result : { variable: inferVariable(result.value) };
}

export function multiInstanceOf({ model, self }: Visit): MultiInstance | undefined {
  const loop = loopOf(model, self.elementId);
  return loop?.kind === 'multiInstance' ? loop : undefined;
}

/** One more instance, started from outside; a body that was made for it gets its loop here. */
export function addInstance(body: Visit, options: EnterOptions = {}): ElementInstanceId {
  const { turn, instance, self } = body;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  if (self.loop === null) turn.emit({ type: 'loopPrepared', total: 1, items: null, collects: false, ...of });
  else turn.emit({ type: 'loopExtended', ...of });
  return startInstance(body, self.loop?.started ?? 0, {}, options);
}

function startInstance(
  body: Visit,
  index: number,
  variables: Variables,
  options: EnterOptions = {},
): ElementInstanceId {
  const elementInstanceId = enter(body, body.self.elementId, { ...options, loopIndex: index });
  const self = body.instance.elements.get(elementInstanceId);
  // Camunda 7 counts loop instances from 0, Camunda 8 from 1.
  const counter = body.model.dialect === 'camunda8' ? index + 1 : index;
  if (self !== undefined)
    setLocal({ ...body, self }, { ...variables, loopCounter: { type: 'Integer', value: counter } });
  return elementInstanceId;
}

function ownVariables(body: Visit, loop: MultiInstance, index: number): Variables {
  const item = body.self.loop?.items?.[index];
  return {
    ...ownResult(loop),
    ...(loop.elementVariable === undefined || item === undefined ? {} : { [loop.elementVariable]: item }),
  };
}

const PLAIN_PATH = /^\s*([A-Za-z_]\w*)(?:\.\w+)*\s*$/;

/** An output element that names a variable is the loop instance's own, so that no two overwrite each other's. */
function ownResult({ outputElement }: MultiInstance): Record<string, Variable> {
  const name = outputElement?.language === 'feel' ? PLAIN_PATH.exec(outputElement.text)?.[1] : undefined;
  return name === undefined ? {} : { [name]: inferVariable(null) };
}

function planLoop(
  body: Visit,
  loop: MultiInstance,
): { readonly total: number; readonly items: readonly Variable[] | null } | Fault {
  const what = `loop of '${body.self.elementId}'`;
  if (loop.collection !== undefined) {
    const collection =
      collectionValue(body, loop.collection.language === 'literal' ? loop.collection.text : undefined) ??
      evaluateOr(body, loop.collection, 'collection');
    if (collection instanceof Fault) return collection;
    if (!Array.isArray(collection.value))
      return new Fault(
        'expression',
        `${what}: the collection must be a list, not ${JSON.stringify(collection.value)?.slice(0, 80)}`,
      );
    return { total: collection.value.length, items: collection.value.map((item: Json) => inferVariable(item)) };
  }
  if (loop.cardinality === undefined)
    return new Fault('expression', `${what}: it has neither a collection nor a number of instances`);
  const cardinality = evaluateInteger(body, loop.cardinality, 'loop cardinality');
  if (cardinality instanceof Fault) return cardinality;
  return cardinality.number < 0
    ? new Fault('expression', `${what}: the number of instances must not be negative`)
    : { total: cardinality.number, items: null };
}

/** Camunda 7's `camunda:collection="items"` names a variable. */
function collectionValue(body: Visit, name: string | undefined): { readonly value: Json } | undefined {
  const variable = name === undefined ? undefined : lookup(body.instance, body.self, name);
  return variable === undefined ? undefined : { value: variable.value };
}

/** How the loop stands once `completed` instances are done, for conditions: by the names of the dialect. */
export function loopCounts({ model, self }: Visit, completed: number): Readonly<Record<string, Json>> {
  const { total, started } = self.loop ?? { total: 0, started: 0 };
  if (model.dialect === 'camunda8')
    return {
      numberOfInstances: total,
      numberOfActiveInstances: started - completed,
      numberOfCompletedInstances: completed,
      numberOfTerminatedInstances: 0,
    };
  return { nrOfInstances: total, nrOfActiveInstances: started - completed, nrOfCompletedInstances: completed };
}

function completionConditionHolds(body: Visit, loop: MultiInstance): boolean | Fault {
  return loop.completionCondition === undefined
    ? false
    : isTrue(body, loop.completionCondition, 'completion condition', loopCounts(body, body.self.loop?.completed ?? 0));
}
