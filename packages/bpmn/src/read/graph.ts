/** Translates one `<process>` into its executable graph. */
import { type Element, MODEL_VERSION, type ProcessModel, type SequenceFlow } from '../model.ts';
import { calledElement, loopOf, scriptOf, workOf } from './activities.ts';
import { eventOf, messageEvent } from './events.ts';
import { formOf, userWork } from './forms.ts';
import { mappings, properties } from './mappings.ts';
import { body, child, children, eventDefinitions, extension, flag, type Node, text } from './moddle.ts';
import { defined, type Reading } from './reading.ts';
import { record } from './revive.ts';

const SUB_PROCESS = 'bpmn:SubProcess';

/** The graph of a process that passed the deploy check; parts that did not pass are left out. */
export function processModel(reading: Reading): ProcessModel {
  const { process, dialect } = reading;
  const graph: Graph = {
    elements: record<Element>({}),
    flows: record<SequenceFlow>({}),
    ends: new Map(),
    attached: new Map(),
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
    ...scopeOf(process),
  };
  graph.elements[id] = element;
  collectElements(reading, process, graph);
  const versionTag = text(process, 'camunda:versionTag') ?? text(extension(process, 'zeebe:VersionTag'), 'value');
  return {
    modelVersion: MODEL_VERSION,
    bpmnProcessId: id,
    dialect,
    startable: flag(process, 'camunda:isStartableInTasklist') ?? true,
    elements: graph.elements,
    flows: graph.flows,
    startEvents: children(process, 'flowElements')
      .filter((node) => node.$type === 'bpmn:StartEvent')
      .map((node) => node.id ?? ''),
    ...defined({
      name: text(process, 'name'),
      versionTag,
      historyTimeToLive: text(process, 'camunda:historyTimeToLive'),
    }),
  };
}

interface Ends {
  readonly incoming: string[];
  readonly outgoing: string[];
}

interface Graph {
  readonly elements: Record<string, Element>;
  readonly flows: Record<string, SequenceFlow>;
  readonly ends: Map<string, Ends>;
  /** Boundary events by the activity that they sit on. */
  readonly attached: Map<string, string[]>;
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
  for (const node of children(scope, 'flowElements')) {
    if (node.$type === SUB_PROCESS) collectConnections(reading, node, graph);
    const host = node.$type === 'bpmn:BoundaryEvent' ? child(node, 'attachedToRef')?.id : undefined;
    if (host !== undefined) graph.attached.set(host, [...(graph.attached.get(host) ?? []), node.id ?? '']);
    if (node.$type !== 'bpmn:SequenceFlow' || node.id === undefined) continue;
    const source = child(node, 'sourceRef')?.id;
    const target = child(node, 'targetRef')?.id;
    if (source === undefined || target === undefined) continue;
    const condition = body(node, 'conditionExpression');
    graph.flows[node.id] = {
      id: node.id,
      source,
      target,
      ...defined({
        name: text(node, 'name'),
        condition: condition === undefined ? undefined : reading.condition(node, condition),
      }),
    };
    endsOf(graph, source).outgoing.push(node.id);
    endsOf(graph, target).incoming.push(node.id);
  }
}

function collectElements(reading: Reading, scope: Node, graph: Graph): void {
  for (const node of children(scope, 'flowElements')) {
    if (node.id === undefined) continue;
    const element = elementOf(reading, node, scope.id ?? '', graph);
    if (element === undefined) continue;
    graph.elements[node.id] = element;
    if (node.$type === SUB_PROCESS) collectElements(reading, node, graph);
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
  return node.$type === SUB_PROCESS && flag(node, 'triggeredByEvent') === true;
}

function elementOf(reading: Reading, node: Node, scopeId: string, graph: Graph): Element | undefined {
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
  };
  const defaultFlow = () => defined({ defaultFlow: child(node, 'default')?.id });
  const activity = () => ({
    ...common,
    boundaryEvents: graph.attached.get(id) ?? [],
    ...defined({ loop: loopOf(reading, node) }),
    ...defaultFlow(),
  });

  switch (node.$type) {
    case 'bpmn:StartEvent': {
      const form = formOf(reading, node);
      const event = eventOf(reading, node);
      // An error always interrupts, as at a boundary event.
      const interrupting = event.kind === 'error' || (flag(node, 'isInterrupting') ?? true);
      return {
        ...common,
        type: 'startEvent',
        event,
        interrupting,
        ...(Object.keys(form).length > 0 ? { form } : {}),
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
      const interrupting = event.kind === 'error' || (flag(node, 'cancelActivity') ?? true);
      return { ...common, type: 'boundaryEvent', attachedTo, event, interrupting };
    }
    case 'bpmn:ExclusiveGateway':
      return { ...common, type: 'exclusiveGateway', ...defaultFlow() };
    case 'bpmn:InclusiveGateway':
      return { ...common, type: 'inclusiveGateway', ...defaultFlow() };
    case 'bpmn:ParallelGateway':
      return { ...common, type: 'parallelGateway' };
    case 'bpmn:EventBasedGateway':
      return { ...common, type: 'eventBasedGateway' };
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
      return { ...activity(), ...scriptOf(reading, node) };
    case 'bpmn:UserTask':
      return { ...activity(), type: 'userTask', user: userWork(reading, node) };
    case 'bpmn:ReceiveTask':
      return { ...activity(), type: 'receiveTask', event: messageEvent(reading, node, node) };
    case 'bpmn:CallActivity':
      return { ...activity(), type: 'callActivity', called: calledElement(reading, node) };
    case SUB_PROCESS:
      if (!isEventSubProcess(node)) return { ...activity(), ...scopeOf(node), type: 'subProcess' };
      return { ...common, ...scopeOf(node), startEventId: firstStart(node), type: 'eventSubProcess' };
    default:
      return undefined;
  }
}

function firstStart(node: Node): string {
  return children(node, 'flowElements').find((inner) => inner.$type === 'bpmn:StartEvent')?.id ?? '';
}
