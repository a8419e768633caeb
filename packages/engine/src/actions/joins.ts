/**
 * Joins that look at the whole scope. When a waiting inclusive gateway starts: BPMN 2.0.2, section 13.4.3. It has a token on some incoming flow, and no token
 * elsewhere in the scope can still reach an incoming flow without one, unless it can as well reach one that has one.
 */
import type { Element, ProcessModel } from '@procos/bpmn';
import type { ElementInstanceId, ProcessInstanceId } from '../records/ids.ts';
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { completeScopeIfDone, enter } from './flow.ts';
import type { Turn, Visit } from './turn.ts';

/** Starts every join that can start now in the scopes that changed (`except` in these instances); true when one did. */
export function startJoins(turn: Turn, except?: ReadonlySet<ProcessInstanceId>): boolean {
  if (turn.touched.size === 0) return false;
  const all = turn.touched.entries();
  const touched = except === undefined ? all : all.filter(([, processInstanceId]) => !except.has(processInstanceId));
  let started = false;
  for (const [scopeId] of touched) turn.touched.delete(scopeId);
  for (const [scopeId, processInstanceId] of touched) {
    const instance = turn.state.instances.get(processInstanceId);
    if (instance === undefined) continue;
    turn.settled.set(scopeId, processInstanceId);
    if (startIn(turn, instance, scopeId)) started = true;
  }
  return started;
}

function startIn(turn: Turn, instance: ProcessInstance, scopeId: ElementInstanceId): boolean {
  const scope = instance.elements.get(scopeId);
  if (scope === undefined || (scope.tokens.size === 0 && scope.rounds.size === 0)) return false;
  const model = turn.model(instance);
  const gateways = waitingJoins(model, scope);
  for (const gatewayId of scope.rounds.keys()) gateways.add(gatewayId);
  if (gateways.size === 0) return false;
  const inside = standingElements(instance, scopeId);
  let started = false;
  for (const gatewayId of gateways) {
    if (scope.rounds.has(gatewayId)) {
      if (endRound({ turn, instance, model, self: scope }, gatewayId, inside)) started = true;
      continue;
    }
    const consumedFlows = ready(model, scope, gatewayId, inside);
    if (consumedFlows === undefined) continue;
    enter({ turn, instance, model, self: scope }, gatewayId, { consumedFlows });
    inside.add(gatewayId);
    started = true;
  }
  return started;
}

/**
 * A complex gateway has started and its round is over when every other incoming flow has brought its token, or can bring
 * none any more (BPMN 2.0.2, section 13.4.5): then the next token begins a new round.
 */
function endRound(scope: Visit, gatewayId: string, inside: ReadonlySet<string>): boolean {
  const { turn, instance, model, self } = scope;
  const consumed = new Set(self.rounds.get(gatewayId));
  const incoming = model.elements[gatewayId]?.incoming ?? [];
  const arrived = incoming.filter((flowId) => self.tokens.has(flowId) && !consumed.has(flowId));
  const open = incoming.filter((flowId) => !self.tokens.has(flowId) && !consumed.has(flowId));
  const over = open.length === 0 || !canArrive(model, self, gatewayId, open, [], inside);
  if (!over) return false;
  const at = { processInstanceId: instance.id, scopeId: self.id, elementId: gatewayId };
  const gateway = model.elements[gatewayId];
  const again = gateway !== undefined && asksAgain(model, gateway);
  turn.emit({ type: 'gatewayRound', ...at, flows: null, tokens: again ? [] : arrived });
  if (again) {
    const elementInstanceId = enter(scope, gatewayId, { consumedFlows: arrived });
    const of = { processInstanceId: instance.id, elementInstanceId };
    turn.emit({ type: 'eventPartsSeen', eventElementId: gatewayId, parts: SECOND_PHASE, ...of });
  }
  for (const flowId of incoming)
    if (self.tokens.has(flowId))
      turn.enqueue({ kind: 'arrive', processInstanceId: instance.id, scopeId: self.id, flowId });
  completeScopeIfDone(turn, instance.id, self.id);
  return true;
}

/** A complex gateway whose outgoing flows have conditions asks them at the end of a round too. */
export function asksAgain(model: ProcessModel, { outgoing }: Element): boolean {
  return outgoing.some((flowId) => model.flows[flowId]?.condition !== undefined);
}

/** What marks the visit of a complex gateway that ends a round. */
const SECOND_PHASE = [2];

export function endsRound({ self }: Visit): boolean {
  return self.partsSeen.has(self.elementId);
}

/** Ids of the elements that are alive directly inside the scope. */
function standingElements(instance: ProcessInstance, scopeId: ElementInstanceId): Set<string> {
  const standing = new Set<string>();
  for (const element of instance.elements.values()) if (element.scopeId === scopeId) standing.add(element.elementId);
  return standing;
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
  return canArrive(model, scope, gatewayId, empty, filled, inside) ? undefined : filled;
}

/** Can a token still reach one of the `empty` flows that could not as well reach one of the `filled`? */
function canArrive(
  model: ProcessModel,
  scope: ElementInstance,
  gatewayId: string,
  empty: readonly string[],
  filled: readonly string[],
  inside: ReadonlySet<string>,
): boolean {
  const towardEmpty = upstream(model, empty, gatewayId);
  const towardFilled = upstream(model, filled, gatewayId);
  const mayArrive = (elementId: string) => towardEmpty.has(elementId) && !towardFilled.has(elementId);
  for (const flowId of scope.tokens.keys()) {
    const target = model.flows[flowId]?.target;
    if (target !== undefined && target !== gatewayId && mayArrive(target)) return true;
  }
  return [...inside].some(mayArrive);
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
