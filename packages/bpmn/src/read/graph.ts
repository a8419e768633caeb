/** Translates one `<process>` into its executable graph. */
import {
  type Element,
  type EventDefinition,
  type Expression,
  MODEL_VERSION,
  type ProcessModel,
  type SequenceFlow,
} from '../model.ts';
import { calledElement, loopOf, scriptOf, workOf } from './activities.ts';
import { eventOf, messageEvent } from './events.ts';
import { formOf, userWork } from './forms.ts';
import { accompanied, takeListeners, taskListeners } from './listeners.ts';
import { mappings, properties } from './mappings.ts';
import { body, child, children, eventDefinitions, extension, flag, isScope, type Node, text } from './moddle.ts';
import { attribute, defined, type Reading } from './reading.ts';
import { record } from './revive.ts';
import { conditionScript, scriptExpression } from './scripts.ts';
import { securityOf } from './security.ts';
import { servedTopics } from './served-topics.ts';

/** The graph of a process that passed the deploy check; parts that did not pass are left out. */
export function processModel(reading: Reading): ProcessModel {
  const { process, dialect } = reading;
  const graph: Graph = {
    elements: record<Element>({}),
    flows: record<SequenceFlow>({}),
    ends: new Map(),
    attached: new Map(),
    handlers: new Map(),
  };
  const id = process.id ?? '';
  collectConnections(reading, process, graph);
  const element: Element = {
    type: 'process',
    id,
    incoming: [],
    outgoing: [],
    line: reading.line(process),
    ...defined({ name: text(process, 'name'), properties: properties(process) }),
    ...accompanied(reading, process),
    ...scopeOf(process),
  };
  graph.elements[id] = element;
  collectElements(reading, process, graph);
  const serves = servedTopics(process);
  const versionTag = text(process, 'camunda:versionTag') ?? text(extension(process, 'zeebe:VersionTag'), 'value');
  return {
    modelVersion: MODEL_VERSION,
    bpmnProcessId: id,
    dialect,
    startable: flag(process, 'camunda:isStartableInTasklist') ?? true,
    elements: graph.elements,
    flows: graph.flows,
    startEvents: children(process, 'flowElements')
      .filter((node) => beginsInstances(node, graph))
      .map((node) => node.id ?? ''),
    ...defined({
      name: text(process, 'name'),
      versionTag,
      historyTimeToLive: text(process, 'camunda:historyTimeToLive'),
      serves: serves.length === 0 ? undefined : serves,
      capabilities: securityOf(process).capabilities,
    }),
  };
}

/** Start events, receive tasks that instantiate, and the events behind event-based gateways that do. */
function beginsInstances(node: Node, graph: Graph): boolean {
  if (node.$type === 'bpmn:StartEvent') return true;
  const element = graph.elements[node.id ?? ''];
  if (element?.type === 'receiveTask' && element.instantiate) return true;
  const source = graph.elements[graph.flows[element?.incoming[0] ?? '']?.source ?? ''];
  return source?.type === 'eventBasedGateway' && source.instantiate;
}

interface Ends {
  readonly incoming: string[];
  readonly outgoing: string[];
}

export interface Graph {
  readonly elements: Record<string, Element>;
  readonly flows: Record<string, SequenceFlow>;
  readonly ends: Map<string, Ends>;
  /** Boundary events by the activity that they sit on. */
  readonly attached: Map<string, string[]>;
  /** Compensation handlers by the compensation boundary event that an association connects them with. */
  readonly handlers: Map<string, string>;
}

function endsOf(graph: Graph, id: string): Ends {
  const known = graph.ends.get(id);
  if (known !== undefined) return known;
  const fresh: Ends = { incoming: [], outgoing: [] };
  graph.ends.set(id, fresh);
  return fresh;
}

/** Comes first: what goes in and out is told by the flows alone, `<incoming>` and `<outgoing>` merely repeat it. */
function collectConnections(reading: Reading, scope: Node, graph: Graph): void {
  for (const artifact of children(scope, 'artifacts')) {
    const source = child(artifact, 'sourceRef');
    const target = child(artifact, 'targetRef');
    if (artifact.$type === 'bpmn:Association' && source?.$type === 'bpmn:BoundaryEvent' && target?.id !== undefined)
      graph.handlers.set(source.id ?? '', target.id);
  }
  for (const node of children(scope, 'flowElements')) {
    if (isScope(node)) collectConnections(reading, node, graph);
    const host = node.$type === 'bpmn:BoundaryEvent' ? child(node, 'attachedToRef')?.id : undefined;
    if (host !== undefined) graph.attached.set(host, [...(graph.attached.get(host) ?? []), node.id ?? '']);
    if (node.$type !== 'bpmn:SequenceFlow' || node.id === undefined) continue;
    const source = child(node, 'sourceRef')?.id;
    const target = child(node, 'targetRef')?.id;
    if (source === undefined || target === undefined) continue;
    const condition = conditionOf(reading, node);
    graph.flows[node.id] = {
      id: node.id,
      source,
      target,
      ...defined({
        name: text(node, 'name'),
        condition,
        listeners: takeListeners(reading, node),
      }),
    };
    endsOf(graph, source).outgoing.push(node.id);
    endsOf(graph, target).incoming.push(node.id);
  }
}

function conditionOf(reading: Reading, flow: Node): Expression | undefined {
  const written = body(flow, 'conditionExpression');
  if (written === undefined) return undefined;
  const script = conditionScript(child(flow, 'conditionExpression'));
  return script === undefined
    ? reading.condition(flow, written)
    : scriptExpression(reading, flow, script.format, written);
}

function collectElements(reading: Reading, scope: Node, graph: Graph): void {
  for (const node of children(scope, 'flowElements')) {
    if (node.id === undefined) continue;
    const element = elementOf(reading, node, scope.id ?? '', graph);
    if (element === undefined) continue;
    graph.elements[node.id] = element;
    if (isScope(node)) collectElements(reading, node, graph);
  }
}

/** What a scope knows of what lies directly inside. */
function scopeOf(scope: Node): { readonly startEventId?: string; readonly eventSubProcesses: readonly string[] } {
  const nodes = children(scope, 'flowElements');
  const start = nodes.find((node) => node.$type === 'bpmn:StartEvent' && eventDefinitions(node).length === 0);
  const eventSubProcesses = nodes.filter((node) => isEventSubProcess(node)).map((node) => node.id ?? '');
  return { eventSubProcesses, ...defined({ startEventId: start?.id }) };
}

function isEventSubProcess(node: Node): boolean {
  return node.$type === 'bpmn:SubProcess' && flag(node, 'triggeredByEvent') === true;
}

export function elementOf(reading: Reading, node: Node, scopeId: string, graph: Graph): Element | undefined {
  const id = node.id ?? '';
  const ends = endsOf(graph, id);
  const common = {
    id,
    scopeId,
    incoming: ends.incoming,
    outgoing: ends.outgoing,
    line: reading.line(node),
    ...defined({ name: text(node, 'name'), properties: properties(node) }),
    ...mappings(reading, node),
    ...accompanied(reading, node),
  };
  const defaultFlow = () => defined({ defaultFlow: child(node, 'default')?.id });
  const activity = () => ({
    ...common,
    boundaryEvents: graph.attached.get(id) ?? [],
    ...defined({
      loop: loopOf(reading, node),
      startQuantity: quantity(node, 'startQuantity'),
      completionQuantity: quantity(node, 'completionQuantity'),
      forCompensation: flag(node, 'isForCompensation') === true ? (true as const) : undefined,
      compensationHandler: handlerOf(id, graph),
    }),
    ...defaultFlow(),
  });

  switch (node.$type) {
    case 'bpmn:StartEvent': {
      const form = formOf(reading, node);
      const event = eventOf(reading, node);
      // An error always interrupts, as at a boundary event.
      const interrupting = alwaysInterrupts(event) || (flag(node, 'isInterrupting') ?? true);
      return {
        ...common,
        type: 'startEvent',
        event,
        interrupting,
        ...(Object.keys(form).length > 0 ? { form } : {}),
        ...defined({ initiator: text(node, 'camunda:initiator') }),
      };
    }
    case 'bpmn:EndEvent':
      return { ...common, type: 'endEvent', event: eventOf(reading, node) };
    case 'bpmn:IntermediateCatchEvent':
      return { ...common, type: 'intermediateCatchEvent', event: eventOf(reading, node) };
    case 'bpmn:IntermediateThrowEvent':
      return { ...common, type: 'intermediateThrowEvent', event: eventOf(reading, node) };
    case 'bpmn:BoundaryEvent': {
      const attachedTo = child(node, 'attachedToRef')?.id ?? '';
      const event = eventOf(reading, node);
      // An error always interrupts, whatever the attribute says (BPMN 2.0, 10.5.4).
      const interrupting = alwaysInterrupts(event) || (flag(node, 'cancelActivity') ?? true);
      return { ...common, type: 'boundaryEvent', attachedTo, event, interrupting };
    }
    case 'bpmn:ExclusiveGateway':
      return { ...common, type: 'exclusiveGateway', ...defaultFlow() };
    case 'bpmn:InclusiveGateway':
      return { ...common, type: 'inclusiveGateway', ...defaultFlow() };
    case 'bpmn:ParallelGateway':
      return { ...common, type: 'parallelGateway' };
    case 'bpmn:EventBasedGateway':
      return {
        ...common,
        type: 'eventBasedGateway',
        instantiate: flag(node, 'instantiate') === true,
        parallel: text(node, 'eventGatewayType') === 'Parallel',
      };
    case 'bpmn:ComplexGateway': {
      const activation = body(node, 'activationCondition');
      const activationCondition = activation === undefined ? undefined : reading.condition(node, activation);
      return { ...common, type: 'complexGateway', ...defined({ activationCondition }), ...defaultFlow() };
    }
    case 'bpmn:Task':
      return { ...activity(), type: 'task' };
    case 'bpmn:ManualTask':
      return { ...activity(), type: 'manualTask' };
    case 'bpmn:ServiceTask':
      return { ...activity(), ...workOf(reading, node, 'serviceTask') };
    case 'bpmn:SendTask':
      return { ...activity(), ...workOf(reading, node, 'sendTask') };
    case 'bpmn:BusinessRuleTask':
      return { ...activity(), ...workOf(reading, node, 'businessRuleTask') };
    case 'bpmn:ScriptTask':
      // Camunda 8 has script tasks whose work is done by a worker.
      return extension(node, 'zeebe:TaskDefinition') === undefined
        ? { ...activity(), ...scriptOf(reading, node) }
        : { ...activity(), ...workOf(reading, node, 'serviceTask') };
    case 'bpmn:UserTask':
      return {
        ...activity(),
        type: 'userTask',
        user: userWork(reading, node),
        ...defined({ taskListeners: taskListeners(reading, node) }),
      };
    case 'bpmn:ReceiveTask':
      return {
        ...activity(),
        type: 'receiveTask',
        event: messageEvent(reading, node, node),
        instantiate: flag(node, 'instantiate') === true,
      };
    case 'bpmn:CallActivity':
      return { ...activity(), type: 'callActivity', called: calledElement(reading, node) };
    case 'bpmn:Transaction':
      return { ...activity(), ...scopeOf(node), type: 'transaction' };
    case 'bpmn:AdHocSubProcess':
      return { ...activity(), ...scopeOf(node), ...adHoc(reading, node) };
    case 'bpmn:SubProcess':
      if (!isEventSubProcess(node)) return { ...activity(), ...scopeOf(node), type: 'subProcess' };
      return { ...common, ...scopeOf(node), startEventId: firstStart(node), type: 'eventSubProcess' };
    default:
      return undefined;
  }
}

/** Errors, compensation and cancellation interrupt whatever the attribute says (BPMN 2.0.2, section 10.5.4). */
function alwaysInterrupts(event: EventDefinition): boolean {
  if (event.kind === 'multiple') return event.events.some(alwaysInterrupts);
  return event.kind === 'error' || event.kind === 'compensation' || event.kind === 'cancel';
}

function quantity(node: Node, name: string): number | undefined {
  const value = Number(text(node, name) ?? '1');
  return value === 1 ? undefined : value;
}

/** The handler that the activity's compensation boundary event is associated with. */
function handlerOf(id: string, graph: Graph): string | undefined {
  return (graph.attached.get(id) ?? [])
    .map((boundary) => graph.handlers.get(boundary))
    .find((found) => found !== undefined);
}

function adHoc(reading: Reading, node: Node) {
  const zeebe = extension(node, 'zeebe:AdHoc');
  const completion = body(node, 'completionCondition');
  return {
    type: 'adHocSubProcess' as const,
    sequential: text(node, 'ordering') === 'Sequential',
    cancelRemaining: flag(node, 'cancelRemainingInstances') ?? true,
    ...defined({
      completionCondition: completion === undefined ? undefined : reading.condition(node, completion),
      activeElements: attribute(reading, zeebe, 'activeElementsCollection'),
      outputCollection: text(zeebe, 'outputCollection'),
      outputElement: attribute(reading, zeebe, 'outputElement'),
    }),
  };
}

function firstStart(node: Node): string {
  return children(node, 'flowElements').find((inner) => inner.$type === 'bpmn:StartEvent')?.id ?? '';
}
