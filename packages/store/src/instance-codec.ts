/** A process instance as compact text: arrays instead of names, nothing written that is empty. */
import type { Json, ValueInfo, Variable, VariableType } from '@procos/bpmn';
import {
  type Compensation,
  type ElementInstance,
  type InstanceControl,
  type LoopState,
  mapOf,
  type ProcessInstance,
  setOf,
  type Undo,
} from '@procos/engine';

type PackedVariable = [VariableType, Json] | [VariableType, Json, ValueInfo];
type PackedVariables = [string, PackedVariable][];
type PackedLoop = [
  total: number,
  started: number,
  completed: number,
  /** 1: in parts of their own. */
  items: PackedVariable[] | 0 | 1,
  results: (PackedVariable | 0)[] | 0 | 1,
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
type PackedInstance = [
  ...head: PackedHead,
  elements: PackedElement[],
  suspended?: 0 | 1,
  inParts?: 0 | 1,
  warnings?: number,
  control?: InstanceControl | 0,
  narrowedBy?: readonly number[] | 0,
  tags?: readonly string[] | 0,
  endsAfter?: readonly string[],
];

/** Instances with more element instances, or loops with more items, than this are kept in parts. */
const MANY = 64;

const large = new WeakSet<ProcessInstance>();

/** Kept in parts (`instance-parts.ts`), so that writing one change costs little; from then on until it ends. */
export function isLarge(instance: ProcessInstance): boolean {
  if (large.has(instance)) return true;
  const { elements } = instance;
  const becomes =
    elements.size > MANY ||
    [...elements.values()].some(({ loop }) => (loop?.items?.length ?? loop?.results?.length ?? 0) > MANY);
  if (becomes) large.add(instance);
  return becomes;
}

/** Everything but the id, which is the key of the row, and what a large instance keeps in its parts. */
export function encodeInstance(instance: ProcessInstance): string {
  const inParts = isLarge(instance);
  const elements = inParts ? [] : Array.from(instance.elements.values(), (element) => packElement(element, false));
  const packed: PackedInstance = [...packHead(instance), elements];
  const { suspended, warnings = 0, control, narrowedBy, tags, endsAfter } = instance;
  const rare = [narrowedBy ?? 0, tags ?? 0] as const;
  if (endsAfter !== undefined)
    packed.push(suspended ? 1 : 0, inParts ? 1 : 0, warnings, control ?? 0, ...rare, endsAfter);
  else if (tags !== undefined)
    packed.push(suspended ? 1 : 0, inParts ? 1 : 0, warnings, control ?? 0, narrowedBy ?? 0, tags);
  else if (narrowedBy !== undefined)
    packed.push(suspended ? 1 : 0, inParts ? 1 : 0, warnings, control ?? 0, narrowedBy);
  else if (control !== undefined) packed.push(suspended ? 1 : 0, inParts ? 1 : 0, warnings, control);
  else if (warnings > 0) packed.push(suspended ? 1 : 0, inParts ? 1 : 0, warnings);
  else if (inParts) packed.push(suspended ? 1 : 0, 1);
  else if (suspended) packed.push(1);
  return JSON.stringify(packed);
}

/** One element instance of a large instance, without the items and results of its loop. */
export function encodeElement(element: ElementInstance): string {
  return JSON.stringify(packElement(element, true));
}

export function decodeElement(text: string): ElementInstance {
  return unpackElement(JSON.parse(text) as PackedElement);
}

/** Items or results of a loop. */
export function encodeValues(values: readonly (Variable | null)[]): string {
  return JSON.stringify(values.map((value) => (value === null ? 0 : packVariable(value))));
}

export function decodeValues(text: string): (Variable | null)[] {
  return (JSON.parse(text) as (PackedVariable | 0)[]).map((value) => (value === 0 ? null : unpackVariable(value)));
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
  const instance: ProcessInstance = {
    id,
    definitionId,
    businessKey,
    tenantId,
    rootId,
    parentId,
    parentElementInstanceId,
    startedAt,
    suspended: packed[8] === 1,
    ...(packed[12] ? { narrowedBy: packed[12] } : {}),
    ...(packed[13] ? { tags: packed[13] } : {}),
    ...(packed[14] === undefined ? {} : { endsAfter: packed[14] }),
    elements: new Map(elements.map((packed) => [packed[0], unpackElement(packed)])),
  };
  if (packed[9] === 1) large.add(instance);
  if (packed[10] !== undefined && packed[10] > 0) instance.warnings = packed[10];
  if (packed[11]) instance.control = packed[11];
  return instance;
}

function packElement(element: ElementInstance, inParts: boolean): PackedElement {
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
    element.loop === null ? 0 : packLoop(element.loop, inParts),
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
    variables: mapOf((variables || []).map(([name, value]) => [name, unpackVariable(value)] as const)),
    children: children ?? 0,
    tokens: mapOf(tokens),
    loopIndex: loopIndex ? loopIndex - 1 : null,
    loop: loop ? unpackLoop(loop) : null,
    externalTaskId: externalTaskId || null,
    userTaskId: userTaskId || null,
    calledInstanceId: calledInstanceId || null,
    timers: setOf(timers),
    subscriptions: setOf(subscriptions),
    incidents: setOf(incidents),
    compensations: compensations || [],
    undo: undo || null,
    undoneFor: undoneFor || null,
    partsSeen: mapOf(partsSeen),
    rounds: mapOf(rounds),
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

function packLoop(loop: LoopState, inParts: boolean): PackedLoop {
  return [
    loop.total,
    loop.started,
    loop.completed,
    loop.items === null ? 0 : inParts ? 1 : loop.items.map(packVariable),
    loop.results === null
      ? 0
      : inParts
        ? 1
        : loop.results.map((result) => (result === null ? 0 : packVariable(result))),
  ];
}

function unpackLoop([total, started, completed, items, results]: PackedLoop): LoopState {
  return {
    total,
    started,
    completed,
    items: items === 0 ? null : items === 1 ? [] : items.map(unpackVariable),
    results:
      results === 0
        ? null
        : results === 1
          ? []
          : results.map((result) => (result === 0 ? null : unpackVariable(result))),
  };
}
