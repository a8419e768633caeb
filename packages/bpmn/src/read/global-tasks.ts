/** Global tasks: tasks outside every process, made callable as a process of that one task (BPMN 2.0.2, section 10.3.4). */
import { type Element, MODEL_VERSION, type ProcessModel, type SequenceFlow } from '../model.ts';
import { elementOf, type Graph } from './graph.ts';
import { children, type Node, text } from './moddle.ts';
import { defined, type Reading } from './reading.ts';
import { record } from './revive.ts';

/** What each of them is inside a process. */
const TASKS: Readonly<Record<string, string>> = {
  'bpmn:GlobalTask': 'bpmn:Task',
  'bpmn:GlobalManualTask': 'bpmn:ManualTask',
  'bpmn:GlobalUserTask': 'bpmn:UserTask',
  'bpmn:GlobalScriptTask': 'bpmn:ScriptTask',
  'bpmn:GlobalBusinessRuleTask': 'bpmn:BusinessRuleTask',
};

/** The global tasks of a file, seen as tasks inside a process. */
export function globalTasks(root: Node): Node[] {
  return children(root, 'rootElements').flatMap((node) => {
    const $type = TASKS[node.$type];
    return $type === undefined ? [] : [asTask(node, $type)];
  });
}

/** Start, the task, end; it is called by the id of the global task. */
export function globalTaskModel(reading: Reading): ProcessModel {
  const { process: node, dialect } = reading;
  const id = node.id ?? '';
  const [start, task, end] = [`${id}_start`, `${id}_task`, `${id}_end`];
  const flow = (from: string, to: string): SequenceFlow => ({ id: `${from}_${to}`, source: from, target: to });
  const [first, second] = [flow(start, task), flow(task, end)];
  const graph: Graph = {
    elements: record<Element>({}),
    flows: record<SequenceFlow>({ [first.id]: first, [second.id]: second }),
    ends: new Map([[id, { incoming: [first.id], outgoing: [second.id] }]]),
    attached: new Map(),
    handlers: new Map(),
  };
  const line = reading.line(node);
  const none = { event: { kind: 'none' }, line, scopeId: id } as const;
  graph.elements[id] = {
    type: 'process',
    id,
    incoming: [],
    outgoing: [],
    line,
    startEventId: start,
    eventSubProcesses: [],
  };
  graph.elements[start] = {
    ...none,
    type: 'startEvent',
    id: start,
    incoming: [],
    outgoing: [first.id],
    interrupting: true,
  };
  const element = elementOf(reading, node, id, graph);
  if (element !== undefined) graph.elements[task] = { ...element, id: task };
  graph.elements[end] = { ...none, type: 'endEvent', id: end, incoming: [second.id], outgoing: [] };
  return {
    modelVersion: MODEL_VERSION,
    bpmnProcessId: id,
    dialect,
    startable: false,
    elements: graph.elements,
    flows: graph.flows,
    startEvents: [start],
    ...defined({ name: text(node, 'name') }),
  };
}

/** All that the node has, under another type. */
function asTask(node: Node, $type: string): Node {
  const get = (name: string): unknown => node.get(name === 'scriptFormat' ? 'scriptLanguage' : name);
  return Object.create(node, { $type: { value: $type }, get: { value: get } });
}
