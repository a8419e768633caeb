/** What the model says of an element and every visit asks: found out once, and kept in objects that are all alike, as the elements are not. */
import type { AsyncContinuation, Element, ExecutionListener, ProcessModel } from '@procos/bpmn';

export interface Traits {
  readonly element: Element;
  readonly async: AsyncContinuation | undefined;
  readonly loops: boolean;
  readonly startListeners: readonly ExecutionListener[];
  readonly endListeners: readonly ExecutionListener[];
  /** Something may be waited for while it is alive. */
  readonly mayWait: boolean;
  /** It is an activity with a handler, or a scope: it may be undone once it has completed. */
  readonly mayBeUndone: boolean;
  readonly isAdHoc: boolean;
  /** Tokens that it takes to start. */
  readonly startQuantity: number;
  /** Tokens put on every flow that it leaves by. */
  readonly completionQuantity: number;
  /** Leaves by every outgoing flow, unless its behaviour says something else. */
  readonly unconditional: boolean;
  /** Some outgoing flow has listeners. */
  readonly tellsFlows: boolean;
}

/** What is asked at every start. */
interface StartTraits {
  /** The first none start event. */
  readonly noneStart: string | undefined;
  /** Variables that name who starts it. */
  readonly initiators: readonly string[];
}

interface TraitsOfModel extends StartTraits {
  readonly elements: ReadonlyMap<string, Traits>;
  /** Of where sequence flows lead. */
  readonly targets: ReadonlyMap<string, Traits>;
}

const NONE: readonly ExecutionListener[] = [];

const known = new WeakMap<ProcessModel, TraitsOfModel>();

export function traitsOf(model: ProcessModel, elementId: string): Traits {
  const traits = ofModel(model).elements.get(elementId);
  if (traits === undefined) throw new Error(`element ${elementId} is not in ${model.bpmnProcessId}`);
  return traits;
}

export function targetOf(model: ProcessModel, flowId: string): Traits {
  const traits = ofModel(model).targets.get(flowId);
  if (traits === undefined) throw new Error(`sequence flow ${flowId} leads nowhere in ${model.bpmnProcessId}`);
  return traits;
}

export function startTraitsOf(model: ProcessModel): StartTraits {
  return ofModel(model);
}

function ofModel(model: ProcessModel): TraitsOfModel {
  let traits = known.get(model);
  if (traits === undefined) {
    traits = find(model);
    known.set(model, traits);
  }
  return traits;
}

function find(model: ProcessModel): TraitsOfModel {
  const elements = new Map(Object.entries(model.elements).map(([id, element]) => [id, traitsIn(model, element)]));
  const targets = new Map<string, Traits>();
  for (const [id, { target }] of Object.entries(model.flows)) {
    const traits = elements.get(target);
    if (traits !== undefined) targets.set(id, traits);
  }
  const starts = model.startEvents.map((id) => model.elements[id]).filter((element) => element?.type === 'startEvent');
  return {
    elements,
    targets,
    noneStart: starts.find(({ event }) => event.kind === 'none')?.id,
    initiators: starts.flatMap(({ initiator }) => initiator ?? []),
  };
}

function traitsIn({ flows }: ProcessModel, element: Element): Traits {
  const { async, listeners = NONE, outgoing, type } = element;
  const isScope = 'eventSubProcesses' in element;
  return {
    element,
    async,
    loops: 'loop' in element && element.loop !== undefined,
    startListeners: listeners.filter(({ event }) => event === 'start'),
    endListeners: listeners.filter(({ event }) => event === 'end'),
    mayWait:
      ('boundaryEvents' in element && element.boundaryEvents.length > 0) ||
      (isScope && element.eventSubProcesses.length > 0) ||
      ['intermediateCatchEvent', 'receiveTask', 'eventBasedGateway'].includes(type) ||
      (type === 'startEvent' && element.event.kind === 'multiple'),
    mayBeUndone:
      (isScope && type !== 'eventSubProcess') ||
      ('compensationHandler' in element && element.compensationHandler !== undefined),
    isAdHoc: type === 'adHocSubProcess',
    startQuantity: ('startQuantity' in element ? element.startQuantity : undefined) ?? 1,
    completionQuantity: ('completionQuantity' in element ? element.completionQuantity : undefined) ?? 1,
    unconditional:
      ('defaultFlow' in element ? element.defaultFlow : undefined) === undefined &&
      outgoing.every((flowId) => flows[flowId]?.condition === undefined),
    tellsFlows: outgoing.some((flowId) => flows[flowId]?.listeners !== undefined),
  };
}
