/**
 * When a waiting inclusive gateway starts: BPMN 2.0.2, section 13.4.3. It has a token on some incoming flow, and no token
 * elsewhere in the scope can still reach an incoming flow without one, unless it can as well reach one that has one.
 */
import type { ProcessModel } from '@procos/bpmn';
import type { ElementInstanceId } from '../records/ids.ts';
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { enter } from './flow.ts';
import type { Turn } from './turn.ts';

/** Starts every inclusive join of the instance that can start now; true when one did. */
export function startInclusiveJoins(turn: Turn, instance: ProcessInstance): boolean {
  const model = turn.model(instance);
  if (!hasJoin(model)) return false;
  const waiting = [...instance.elements.values()].flatMap((scope) =>
    [...waitingJoins(model, scope)].map((gatewayId) => ({ scope, gatewayId })),
  );
  if (waiting.length === 0) return false;
  const standing = standingElements(instance);
  let started = false;
  for (const { scope, gatewayId } of waiting) {
    const inside = standing.get(scope.id) ?? new Set();
    const consumedFlows = ready(model, scope, gatewayId, inside);
    if (consumedFlows === undefined) continue;
    enter({ turn, instance, model, self: scope }, gatewayId, { consumedFlows });
    standing.set(scope.id, inside.add(gatewayId));
    started = true;
  }
  return started;
}

/** Per scope the ids of the elements that are alive directly inside. */
function standingElements(instance: ProcessInstance): Map<ElementInstanceId, Set<string>> {
  const standing = new Map<ElementInstanceId, Set<string>>();
  for (const { scopeId, elementId } of instance.elements.values()) {
    if (scopeId === null) continue;
    const inside = standing.get(scopeId);
    if (inside === undefined) standing.set(scopeId, new Set([elementId]));
    else inside.add(elementId);
  }
  return standing;
}

const joinCache = new WeakMap<ProcessModel, boolean>();

function hasJoin(model: ProcessModel): boolean {
  let has = joinCache.get(model);
  if (has === undefined) {
    has = Object.values(model.elements).some(
      (element) => element.type === 'inclusiveGateway' && element.incoming.length > 1,
    );
    joinCache.set(model, has);
  }
  return has;
}

function waitingJoins(model: ProcessModel, scope: ElementInstance): Set<string> {
  const gateways = new Set<string>();
  for (const flowId of scope.tokens.keys()) {
    const target = model.elements[model.flows[flowId]?.target ?? ''];
    if (target?.type === 'inclusiveGateway') gateways.add(target.id);
  }
  return gateways;
}

function ready(
  model: ProcessModel,
  scope: ElementInstance,
  gatewayId: string,
  inside: ReadonlySet<string>,
): readonly string[] | undefined {
  const incoming = model.elements[gatewayId]?.incoming ?? [];
  const filled = incoming.filter((flowId) => scope.tokens.has(flowId));
  const empty = incoming.filter((flowId) => !scope.tokens.has(flowId));
  if (empty.length === 0) return filled;
  const towardEmpty = upstream(model, empty, gatewayId);
  const towardFilled = upstream(model, filled, gatewayId);
  const mayArrive = (elementId: string) => towardEmpty.has(elementId) && !towardFilled.has(elementId);
  for (const flowId of scope.tokens.keys()) {
    const target = model.flows[flowId]?.target;
    if (target !== undefined && target !== gatewayId && mayArrive(target)) return undefined;
  }
  for (const elementId of inside) if (mayArrive(elementId)) return undefined;
  return filled;
}

/** Elements from which a token can reach one of the flows without passing the gateway. */
function upstream(model: ProcessModel, flowIds: readonly string[], gatewayId: string): Set<string> {
  const reached = new Set<string>();
  const open = flowIds.map((flowId) => model.flows[flowId]?.source);
  for (let elementId = open.pop(); open.length > 0 || elementId !== undefined; elementId = open.pop()) {
    if (elementId === undefined || elementId === gatewayId || reached.has(elementId)) continue;
    reached.add(elementId);
    const element = model.elements[elementId];
    if (element === undefined) continue;
    for (const flowId of element.incoming) open.push(model.flows[flowId]?.source);
    if (element.type === 'boundaryEvent') open.push(element.attachedTo);
  }
  return reached;
}
