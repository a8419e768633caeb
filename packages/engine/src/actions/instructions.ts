/** Starts and cancels from outside, at any place of a running instance: Camunda 7's process instance modification. */
import type { Element, ProcessModel } from '@procos/bpmn';
import type { Instruction } from '../records/commands.ts';
import type { ElementInstanceId } from '../records/ids.ts';
import type { StepOf } from '../records/steps.ts';
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { cancelElement, cancelFromOutside } from './cancel.ts';
import { enter } from './flow.ts';
import { addInstance } from './loops.ts';
import type { Turn, Visit } from './turn.ts';
import { setLocal } from './variables.ts';

/** Camunda 7 names the whole of a multi-instance activity so; without it, one more of its instances is meant. */
const BODY_SUFFIX = '#multiInstanceBody';

export interface InstructionOptions {
  readonly skipListeners?: boolean;
  readonly skipMappings?: boolean;
}

type Start = Exclude<Instruction, { readonly kind: 'cancel' | 'cancelAll' }>;

/** Why the instructions cannot be carried out; undefined when they can. `instance`: null when it is about to be created. */
export function refuse(
  model: ProcessModel,
  instance: ProcessInstance | null,
  instructions: readonly Instruction[],
): string | undefined {
  for (const [index, instruction] of instructions.entries()) {
    const reason = refuseOne(model, instance, instruction);
    if (reason !== undefined) return `instruction ${index + 1} (${instruction.kind}): ${reason}`;
  }
  return undefined;
}

/** Carries out instructions that were not refused. */
export function carryOut(root: Visit, instructions: readonly Instruction[], options: InstructionOptions): void {
  const { turn, instance } = root;
  const left = new Set<ElementInstanceId>();
  for (const instruction of instructions) {
    if (instruction.kind === 'cancel') cancelFrom(turn, instance, instruction.elementInstanceId, left, options);
    else if (instruction.kind === 'cancelAll') {
      const found = [...instance.elements.values()].filter((one) => targets(instance, one, instruction.elementId));
      for (const { id } of found) cancelFrom(turn, instance, id, left, options);
    } else start(root, instruction, options);
  }
  for (const scopeId of left) leaveEmpty(turn, instance, scopeId, options);
}

function cancelFrom(
  turn: Turn,
  instance: ProcessInstance,
  id: ElementInstanceId,
  left: Set<ElementInstanceId>,
  { skipListeners = false }: InstructionOptions,
): void {
  const scopeId = instance.elements.get(id)?.scopeId;
  if (scopeId === null || scopeId === undefined) return;
  const step = { kind: 'cancelElement', processInstanceId: instance.id, elementInstanceId: id } as const;
  if (cancelElement(turn, instance, id, { skipListeners, step })) left.add(scopeId);
}

/** Listeners have been told of what was to be canceled: now it is. */
export function cancelOnRequest({ turn, instance, self }: Visit, step: StepOf<'cancelElement'>): void {
  const { scopeId } = self;
  if (cancelElement(turn, instance, self.id, { step }) && scopeId !== null) leaveEmpty(turn, instance, scopeId, {});
}

/** All instances of an element; of a multi-instance activity its bodies. */
function targets(instance: ProcessInstance, element: ElementInstance, wanted: string): boolean {
  if (element.scopeId === null || element.elementId !== wanted.replace(BODY_SUFFIX, '')) return false;
  return instance.elements.get(element.scopeId)?.role !== 'body' || element.loopIndex === null;
}

/** A scope out of which everything was canceled is canceled too; a loop goes on with what is left. */
function leaveEmpty(
  turn: Turn,
  instance: ProcessInstance,
  scopeId: ElementInstanceId,
  options: InstructionOptions,
): void {
  const { skipListeners = false } = options;
  const scope = instance.elements.get(scopeId);
  if (scope === undefined) return;
  if (scope.children > 0 || scope.tokens.size > 0) {
    if (scope.role === 'body')
      turn.enqueue({ kind: 'continueLoop', processInstanceId: instance.id, elementInstanceId: scopeId });
    return;
  }
  if (scope.scopeId === null) {
    // It goes on with what is left to undo.
    if (scope.undo !== null) return;
    const reason = 'everything in it was canceled';
    const of = { processInstanceId: instance.id, elementInstanceId: instance.id };
    cancelFromOutside(turn, instance, { kind: 'cancelInstance', reason, ...of }, skipListeners);
    return;
  }
  const above = scope.scopeId;
  const step = { kind: 'cancelElement', processInstanceId: instance.id, elementInstanceId: scopeId } as const;
  if (cancelElement(turn, instance, scopeId, { skipListeners, step })) leaveEmpty(turn, instance, above, options);
}

function start(root: Visit, instruction: Start, options: InstructionOptions): void {
  const { model } = root;
  setLocal(root, instruction.variables ?? {});
  const place = placeOf(model, instruction);
  if (place === undefined) return;
  const scope = scopeFor(root, place.scopeId, instruction.ancestor, options);
  for (const { elementId, variables } of instruction.scopes ?? []) {
    const around = scopeAround(scope, elementId);
    if (around !== undefined) setLocal(around, variables);
  }
  if (place.flowId !== undefined) {
    setLocal(scope, instruction.localVariables ?? {});
    const at = { processInstanceId: root.instance.id, scopeId: scope.self.id, flowId: place.flowId };
    root.turn.emit({ type: 'tokenPlaced', ...at });
    root.turn.enqueue({ kind: 'arrive', ...at });
    return;
  }
  const skip = { skipInputs: options.skipMappings === true, skipListeners: options.skipListeners === true };
  const id = place.single ? addInstance(bodyFor(scope, place.elementId), skip) : enter(scope, place.elementId, skip);
  const self = root.instance.elements.get(id);
  if (self !== undefined) setLocal({ ...root, self }, instruction.localVariables ?? {});
}

interface Place {
  readonly scopeId: string;
  readonly elementId: string;
  readonly flowId?: string;
  /** One instance of a multi-instance activity. */
  readonly single: boolean;
}

function placeOf(model: ProcessModel, instruction: Start): Place | undefined {
  if (instruction.kind === 'startBefore') {
    const elementId = instruction.elementId.replace(BODY_SUFFIX, '');
    const element = model.elements[elementId];
    if (element?.scopeId === undefined) return undefined;
    const single = elementId === instruction.elementId && loops(element);
    return { scopeId: element.scopeId, elementId, single };
  }
  const flowId =
    instruction.kind === 'startTransition' ? instruction.flowId : model.elements[instruction.elementId]?.outgoing[0];
  const flow = flowId === undefined ? undefined : model.flows[flowId];
  const scopeId = model.elements[flow?.source ?? '']?.scopeId;
  return flow === undefined || scopeId === undefined
    ? undefined
    : { scopeId, elementId: flow.target, flowId: flow.id, single: false };
}

function loops(element: Element): boolean {
  return 'loop' in element && element.loop !== undefined;
}

/** The instance of the scope in which something starts; scopes that are not there yet are made, with their waits. */
function scopeFor(
  root: Visit,
  scopeElementId: string,
  ancestor: ElementInstanceId | undefined,
  options: InstructionOptions,
): Visit {
  const [found] = scopesOf(root.instance, scopeElementId, ancestor);
  if (found !== undefined) return { ...root, self: found };
  const element = root.model.elements[scopeElementId];
  const above = scopeFor(root, element?.scopeId ?? root.model.bpmnProcessId, ancestor, options);
  const skip = { skipInputs: options.skipMappings === true, skipListeners: options.skipListeners === true };
  const id =
    element !== undefined && loops(element)
      ? addInstance(bodyFor(above, scopeElementId), { bare: true, ...skip })
      : enter(above, scopeElementId, { bare: true, ...skip });
  const self = root.instance.elements.get(id);
  if (self === undefined) throw new Error(`scope ${scopeElementId} was not created`);
  return { ...root, self };
}

function bodyFor(scope: Visit, elementId: string): Visit {
  for (const element of scope.instance.elements.values())
    if (element.scopeId === scope.self.id && element.elementId === elementId && element.role === 'body')
      return { ...scope, self: element };
  const id = enter(scope, elementId, { bare: true });
  const self = scope.instance.elements.get(id);
  if (self === undefined) throw new Error(`loop ${elementId} was not created`);
  return { ...scope, self };
}

/** Scopes of this element that lie in the ancestor (or are it), oldest first. */
function scopesOf(
  instance: ProcessInstance,
  elementId: string,
  ancestor: ElementInstanceId | undefined,
): ElementInstance[] {
  return [...instance.elements.values()].filter(
    (element) =>
      element.elementId === elementId &&
      element.role !== 'body' &&
      (ancestor === undefined || liesIn(instance, element, ancestor)),
  );
}

function liesIn(instance: ProcessInstance, element: ElementInstance, ancestor: ElementInstanceId): boolean {
  for (let scope: ElementInstance | undefined = element; scope !== undefined; ) {
    if (scope.id === ancestor) return true;
    scope = scope.scopeId === null ? undefined : instance.elements.get(scope.scopeId);
  }
  return false;
}

function refuseOne(
  model: ProcessModel,
  instance: ProcessInstance | null,
  instruction: Instruction,
): string | undefined {
  switch (instruction.kind) {
    case 'cancel': {
      const element = instance?.elements.get(instruction.elementInstanceId);
      if (element === undefined) return `element instance ${instruction.elementInstanceId} is not active`;
      return element.scopeId === null ? 'the process instance itself is ended by deleting it' : undefined;
    }
    case 'cancelAll': {
      const { elementId } = instruction;
      if (model.elements[elementId.replace(BODY_SUFFIX, '')] === undefined)
        return `element '${elementId}' does not exist`;
      const active =
        instance !== null && [...instance.elements.values()].some((one) => targets(instance, one, elementId));
      return active ? undefined : `element '${elementId}' is not active`;
    }
    case 'startTransition':
      if (model.flows[instruction.flowId] === undefined) return `sequence flow '${instruction.flowId}' does not exist`;
      break;
    case 'startAfter': {
      const element = model.elements[instruction.elementId];
      if (element === undefined) return `element '${instruction.elementId}' does not exist`;
      if (element.outgoing.length !== 1)
        return `element '${element.id}' has ${element.outgoing.length} outgoing sequence flows: name one by startTransition`;
      break;
    }
    case 'startBefore': {
      const element = model.elements[instruction.elementId.replace(BODY_SUFFIX, '')];
      if (element === undefined) return `element '${instruction.elementId}' does not exist`;
      if (element.scopeId === undefined) return 'the process itself cannot be started inside its instance';
      if ('forCompensation' in element && element.forCompensation === true)
        return `element '${element.id}' runs only to undo another one`;
    }
  }
  return refuseScope(model, instance, instruction);
}

/** The scope itself, or one around it. */
function scopeAround(scope: Visit, elementId: string): Visit | undefined {
  const { elements } = scope.instance;
  for (let self: ElementInstance | undefined = scope.self; self !== undefined; ) {
    if (self.elementId === elementId && self.role !== 'body') return { ...scope, self };
    self = self.scopeId === null ? undefined : elements.get(self.scopeId);
  }
  return undefined;
}

function refuseScope(model: ProcessModel, instance: ProcessInstance | null, instruction: Start): string | undefined {
  const place = placeOf(model, instruction);
  if (place === undefined) return 'there is no place to start at';
  const around = new Set<string>();
  for (let id: string | undefined = place.scopeId; id !== undefined; id = model.elements[id]?.scopeId) around.add(id);
  const wrong = instruction.scopes?.find(({ elementId }) => !around.has(elementId));
  if (wrong !== undefined) return `'${wrong.elementId}' is no scope around '${place.elementId}'`;
  if (instruction.ancestor !== undefined && instance?.elements.get(instruction.ancestor) === undefined)
    return `ancestor ${instruction.ancestor} is not active`;
  const candidates = instance === null ? [] : scopesOf(instance, place.scopeId, instruction.ancestor);
  return candidates.length > 1
    ? `'${place.scopeId}' is active ${candidates.length} times (${candidates.map(({ id }) => id).join(', ')}): name one of them as ancestor`
    : undefined;
}
