/** What random models must contain: every element type, every kind of event in every position, both dialects, and what sits on activities. */
import type { Dialect, Element, ElementType, EventDefinition, ProcessModel } from '@procos/bpmn';

type Kind = EventDefinition['kind'];
type Position = 'start' | 'eventSubProcess' | 'catch' | 'throw' | 'boundary' | 'end';

const BOTH: readonly Dialect[] = ['camunda7', 'camunda8'];

/** In which dialects an element type can be written. A new type without a line here does not compile. */
const ELEMENTS: { readonly [T in ElementType]: readonly Dialect[] } = {
  process: BOTH,
  subProcess: BOTH,
  transaction: BOTH,
  adHocSubProcess: BOTH,
  eventSubProcess: BOTH,
  callActivity: BOTH,
  startEvent: BOTH,
  endEvent: BOTH,
  intermediateCatchEvent: BOTH,
  intermediateThrowEvent: BOTH,
  boundaryEvent: BOTH,
  exclusiveGateway: BOTH,
  inclusiveGateway: BOTH,
  parallelGateway: BOTH,
  eventBasedGateway: BOTH,
  complexGateway: BOTH,
  task: BOTH,
  manualTask: BOTH,
  serviceTask: BOTH,
  sendTask: BOTH,
  businessRuleTask: BOTH,
  expressionTask: BOTH,
  decisionTask: BOTH,
  scriptTask: BOTH,
  userTask: BOTH,
  receiveTask: BOTH,
};

/** Where each kind of event may stand; `!` marks one that does not interrupt. A new kind without a line does not compile. */
const EVENTS: { readonly [K in Kind]: readonly (Position | `${Position}!`)[] } = {
  none: ['start', 'throw', 'end'],
  message: ['start', 'eventSubProcess', 'eventSubProcess!', 'catch', 'throw', 'boundary', 'boundary!', 'end'],
  timer: ['start', 'eventSubProcess', 'eventSubProcess!', 'catch', 'boundary', 'boundary!'],
  signal: ['start', 'eventSubProcess', 'eventSubProcess!', 'catch', 'throw', 'boundary', 'boundary!', 'end'],
  conditional: ['start', 'eventSubProcess', 'eventSubProcess!', 'catch', 'boundary', 'boundary!'],
  error: ['eventSubProcess', 'boundary', 'end'],
  escalation: ['eventSubProcess', 'eventSubProcess!', 'throw', 'boundary', 'boundary!', 'end'],
  compensation: ['eventSubProcess', 'throw', 'boundary', 'end'],
  terminate: ['end'],
  cancel: ['boundary', 'end'],
  link: ['catch', 'throw'],
  multiple: ['start', 'eventSubProcess', 'eventSubProcess!', 'catch', 'throw', 'boundary', 'boundary!', 'end'],
};

const OF_BOTH: readonly string[] = [
  ...['standard', 'parallel', 'sequential', 'completion condition', 'collected'].map((one) => `loop ${one}`),
  ...['none', 'one', 'complex'].map((one) => `loop behavior ${one}`),
  ...['inputs', 'outputs', 'listeners', 'task listeners', 'handler', 'conditional flows', 'default flow'],
  ...['several tokens', 'sequential ad-hoc', 'ad-hoc condition', 'instantiating receive task', 'parallel multiple'],
  ...['instantiating gateway', 'instantiating parallel gateway', 'message by a worker', 'depth 4'],
];
const OF_CAMUNDA_7: readonly string[] = [
  ...[
    'async before',
    'async after',
    'retry cycle',
    'job priority',
    'take listener',
    'script condition',
    'error mapping',
  ],
];

/** Every cell that there is. */
export function cells(): readonly string[] {
  const elements = Object.entries(ELEMENTS).flatMap(([type, dialects]) => dialects.map((one) => `${one} ${type}`));
  const events = Object.entries(EVENTS).flatMap(([kind, positions]) =>
    positions.flatMap((position) => BOTH.map((dialect) => `${dialect} ${kind} ${position}`)),
  );
  const features = BOTH.flatMap((dialect) => OF_BOTH.map((feature) => `${dialect} ${feature}`));
  return [...elements, ...events, ...features, ...OF_CAMUNDA_7.map((feature) => `camunda7 ${feature}`)];
}

/** The cells that a model fills. */
export function covered(model: ProcessModel): ReadonlySet<string> {
  const found = new Set<string>();
  for (const element of Object.values(model.elements)) {
    found.add(`${model.dialect} ${element.type}`);
    for (const event of positions(model, element)) found.add(`${model.dialect} ${event}`);
    for (const feature of features(model, element)) found.add(`${model.dialect} ${feature}`);
  }
  for (const { condition, listeners } of Object.values(model.flows)) {
    if (condition?.language === 'script') found.add(`${model.dialect} script condition`);
    if (listeners !== undefined) found.add(`${model.dialect} take listener`);
  }
  return found;
}

function positions(model: ProcessModel, element: Element): readonly string[] {
  if (!('event' in element)) return [];
  const { kind } = element.event;
  switch (element.type) {
    case 'startEvent':
      return model.elements[element.scopeId ?? '']?.type === 'eventSubProcess'
        ? [`${kind} eventSubProcess${element.interrupting ? '' : '!'}`]
        : [`${kind} start`];
    case 'boundaryEvent':
      return [`${kind} boundary${element.interrupting ? '' : '!'}`];
    case 'intermediateCatchEvent':
      return [`${kind} catch`];
    case 'intermediateThrowEvent':
      return [`${kind} throw`];
    case 'endEvent':
      return [`${kind} end`];
    default:
      return [];
  }
}

function* features(model: ProcessModel, element: Element): Generator<string> {
  if (element.inputs !== undefined) yield 'inputs';
  if (element.outputs !== undefined) yield 'outputs';
  if (element.listeners !== undefined) yield 'listeners';
  if (element.async?.before === true) yield 'async before';
  if (element.async?.after === true) yield 'async after';
  if (element.retryCycle !== undefined) yield 'retry cycle';
  if (element.jobPriority !== undefined) yield 'job priority';
  if (depthOf(model, element) >= 4) yield 'depth 4';
  if ('event' in element && element.event.kind === 'multiple' && element.event.parallel) yield 'parallel multiple';
  if ('event' in element && element.event.kind === 'message' && element.event.work !== undefined)
    yield 'message by a worker';
  if ('boundaryEvents' in element) yield* ofActivity(model, element);
  if (element.type === 'eventBasedGateway' && element.instantiate)
    yield element.parallel ? 'instantiating parallel gateway' : 'instantiating gateway';
}

function* ofActivity(
  model: ProcessModel,
  element: Extract<Element, { readonly boundaryEvents: readonly string[] }>,
): Generator<string> {
  const { loop, forCompensation, completionQuantity } = element;
  if (loop?.kind === 'standard') yield 'loop standard';
  if (loop?.kind === 'multiInstance') {
    yield loop.sequential ? 'loop sequential' : 'loop parallel';
    if (loop.completionCondition !== undefined) yield 'loop completion condition';
    if (loop.outputCollection !== undefined || model.dialect === 'camunda7') yield 'loop collected';
    if (loop.behavior !== undefined) yield `loop behavior ${loop.behavior.kind}`;
  }
  if (forCompensation === true) yield 'handler';
  if (completionQuantity !== undefined) yield 'several tokens';
  if (element.defaultFlow !== undefined) yield 'default flow';
  if (element.outgoing.some((id) => model.flows[id]?.condition !== undefined)) yield 'conditional flows';
  if (element.type === 'userTask' && element.taskListeners !== undefined) yield 'task listeners';
  if (element.type === 'adHocSubProcess' && element.sequential) yield 'sequential ad-hoc';
  if (element.type === 'adHocSubProcess' && element.completionCondition !== undefined) yield 'ad-hoc condition';
  if (element.type === 'receiveTask' && element.instantiate) yield 'instantiating receive task';
  if (element.type === 'serviceTask' && element.errorMappings !== undefined) yield 'error mapping';
}

/** How many scopes lie between the element and its process. */
function depthOf(model: ProcessModel, element: Element): number {
  let depth = 0;
  for (let at = model.elements[element.scopeId ?? '']; at?.scopeId !== undefined; at = model.elements[at.scopeId])
    depth += 1;
  return depth;
}
