/** A process instance as compact text: arrays instead of names, nothing written that is empty. */
import type { Json, ValueInfo, Variable, VariableType } from '@procos/bpmn';
import {
  type Compensation,
  type ElementInstance,
  type LoopState,
  type ProcessInstance,
  takeChanged,
  type Undo,
} from '@procos/engine';

type PackedVariable = [VariableType, Json] | [VariableType, Json, ValueInfo];
type PackedVariables = [string, PackedVariable][];
type PackedLoop = [
  total: number,
  started: number,
  completed: number,
  items: PackedVariable[] | 0,
  results: (PackedVariable | 0)[] | 0,
];
/** What few element instances have. */
type PackedRare = [
  compensations?: readonly Compensation[] | 0,
  undo?: Undo | 0,
  undoneFor?: number,
  partsSeen?: [string, readonly number[]][] | 0,
  rounds?: [string, readonly string[]][] | 0,
  queue?: readonly string[] | 0,
];
/** 0 stands for null; trailing zeros are left out. */
type PackedElement = [
  id: number,
  elementId: string,
  scopeId?: number,
  variables?: PackedVariables | 0,
  externalTaskId?: number,
  userTaskId?: number,
  timers?: number[] | 0,
  subscriptions?: number[] | 0,
  calledInstanceId?: number,
  incidents?: number[] | 0,
  children?: number,
  tokens?: [string, number][] | 0,
  /** Index in `ROLES`. */
  role?: number,
  loopIndexPlusOne?: number,
  loop?: PackedLoop | 0,
  ...rare: PackedRare,
];
const ROLES = ['element', 'body', 'undo'] as const;
type PackedHead = [
  definitionId: number,
  businessKey: string | null,
  tenantId: string | null,
  rootId: number,
  parentId: number | null,
  parentElementInstanceId: number | null,
  startedAt: number,
];
type PackedInstance = [...head: PackedHead, elements: PackedElement[], suspended?: 1];

/** Instances with more element instances than this keep the text of each, so that writing one change costs little. */
const MANY = 64;

const texts = new WeakMap<ElementInstance, string>();

/** Everything but the id, which is the key of the row. */
export function encodeInstance(instance: ProcessInstance): string {
  const { elements } = instance;
  const element = elements.size > MANY ? knownText : (one: ElementInstance) => JSON.stringify(packElement(one));
  const head = JSON.stringify(packHead(instance)).slice(0, -1);
  return `${head},[${Array.from(elements.values(), element).join(',')}]${instance.suspended ? ',1' : ''}]`;
}

function knownText(element: ElementInstance): string {
  const known = takeChanged(element) ? undefined : texts.get(element);
  if (known !== undefined) return known;
  const text = JSON.stringify(packElement(element));
  texts.set(element, text);
  return text;
}

function packHead(instance: ProcessInstance): PackedHead {
  return [
    instance.definitionId,
    instance.businessKey,
    instance.tenantId,
    instance.rootId,
    instance.parentId,
    instance.parentElementInstanceId,
    instance.startedAt,
  ];
}

export function decodeInstance(id: number, text: string): ProcessInstance {
  const packed = JSON.parse(text) as PackedInstance;
  const [definitionId, businessKey, tenantId, rootId, parentId, parentElementInstanceId, startedAt, elements] = packed;
  return {
    id,
    definitionId,
    businessKey,
    tenantId,
    rootId,
    parentId,
    parentElementInstanceId,
    startedAt,
    suspended: packed[8] === 1,
    elements: new Map(elements.map((packed) => [packed[0], unpackElement(packed)])),
  };
}

function packElement(element: ElementInstance): PackedElement {
  const packed: PackedElement = [
    element.id,
    element.elementId,
    element.scopeId ?? 0,
    element.variables.size === 0 ? 0 : Array.from(element.variables, ([name, value]) => [name, packVariable(value)]),
    element.externalTaskId ?? 0,
    element.userTaskId ?? 0,
    packSet(element.timers),
    packSet(element.subscriptions),
    element.calledInstanceId ?? 0,
    packSet(element.incidents),
    element.children,
    element.tokens.size === 0 ? 0 : [...element.tokens],
    ROLES.indexOf(element.role),
    // Position 0 is a value of its own.
    element.loopIndex === null ? 0 : element.loopIndex + 1,
    element.loop === null ? 0 : packLoop(element.loop),
    element.compensations.length === 0 ? 0 : element.compensations,
    element.undo ?? 0,
    element.undoneFor ?? 0,
    element.partsSeen.size === 0 ? 0 : [...element.partsSeen],
    element.rounds.size === 0 ? 0 : [...element.rounds],
    element.queue.length === 0 ? 0 : element.queue,
  ];
  while (packed.at(-1) === 0) packed.pop();
  return packed;
}

function unpackElement(packed: PackedElement): ElementInstance {
  const [id, elementId, scopeId, variables, externalTaskId, userTaskId, timers, subscriptions] = packed;
  const [, , , , , , , , calledInstanceId, incidents, children, tokens, role, loopIndex, loop] = packed;
  const [compensations, undo, undoneFor, partsSeen, rounds, queue] = packed.slice(15) as PackedRare;
  return {
    id,
    elementId,
    scopeId: scopeId || null,
    role: ROLES[role ?? 0] ?? 'element',
    variables: new Map((variables || []).map(([name, value]) => [name, unpackVariable(value)])),
    children: children ?? 0,
    tokens: new Map(tokens || []),
    loopIndex: loopIndex ? loopIndex - 1 : null,
    loop: loop ? unpackLoop(loop) : null,
    externalTaskId: externalTaskId || null,
    userTaskId: userTaskId || null,
    calledInstanceId: calledInstanceId || null,
    timers: new Set(timers || []),
    subscriptions: new Set(subscriptions || []),
    incidents: new Set(incidents || []),
    compensations: compensations || [],
    undo: undo || null,
    undoneFor: undoneFor || null,
    partsSeen: new Map(partsSeen || []),
    rounds: new Map(rounds || []),
    queue: queue || [],
  };
}

function packSet(ids: ReadonlySet<number>): number[] | 0 {
  return ids.size === 0 ? 0 : [...ids];
}

function packVariable({ type, value, info }: Variable): PackedVariable {
  return info === undefined ? [type, value] : [type, value, info];
}

function unpackVariable([type, value, info]: PackedVariable): Variable {
  return info === undefined ? { type, value } : { type, value, info };
}

function packLoop(loop: LoopState): PackedLoop {
  return [
    loop.total,
    loop.started,
    loop.completed,
    loop.items === null ? 0 : loop.items.map(packVariable),
    loop.results === null ? 0 : loop.results.map((result) => (result === null ? 0 : packVariable(result))),
  ];
}

function unpackLoop([total, started, completed, items, results]: PackedLoop): LoopState {
  return {
    total,
    started,
    completed,
    items: items === 0 ? null : items.map(unpackVariable),
    results: results === 0 ? null : results.map((result) => (result === 0 ? null : unpackVariable(result))),
  };
}
