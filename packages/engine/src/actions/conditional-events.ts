/** Conditional events: looked at when their wait begins, and whenever a variable changes that they can see. */
import type { EventDefinition } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { ElementInstanceId, SubscriptionId } from '../records/ids.ts';
import { waitingForConditions } from '../state/condition-index.ts';
import type { Definition, ElementInstance, ProcessInstance, Subscription } from '../state/entities.ts';
import { type Turn, type VariableChange, type Visit, visit, visitBeforeStart } from './turn.ts';
import { evaluateIn } from './variables.ts';
import { warn } from './warnings.ts';

type Conditional = EventDefinition & { readonly kind: 'conditional' };

/** Does the condition of a start event hold for these variables? */
export function startingCondition(
  turn: Turn,
  definition: Definition,
  subscription: Subscription,
  variables: Variables,
): boolean {
  return conditionHolds(visitBeforeStart(turn, definition.model, variables), subscription);
}

/** Looks at every condition that sees one of the changes since the last look. */
export function checkConditions(turn: Turn): void {
  if (turn.changes.length === 0) return;
  const changes = turn.changes.splice(0);
  for (const processInstanceId of new Set(changes.map((change) => change.processInstanceId))) {
    const instance = turn.state.instances.get(processInstanceId);
    if (instance === undefined || instance.suspended) continue;
    const own = changes.filter((change) => change.processInstanceId === processInstanceId);
    const isCondition = (id: SubscriptionId) => turn.state.subscriptions.get(id)?.kind === 'condition';
    for (const element of waitingForConditions(instance, isCondition)) checkElement(turn, instance, element, own);
  }
}

function checkElement(
  turn: Turn,
  instance: ProcessInstance,
  element: ElementInstance,
  changes: readonly VariableChange[],
): void {
  const at = visit(turn, instance.id, element.id);
  if (at === undefined) return;
  const visible = new Set(scopesOf(instance, element));
  const seen = changes.filter((change) => visible.has(change.scopeId));
  if (seen.length === 0) return;
  for (const id of element.subscriptions) {
    const subscription = turn.state.subscriptions.get(id);
    if (subscription?.kind !== 'condition') continue;
    const event = conditionOf(at, subscription);
    if (event !== undefined && seen.some((change) => concerns(event, change)) && conditionHolds(at, subscription))
      triggerCondition(turn, subscription);
  }
}

/**
 * A condition whose variable does not exist yet does not hold; neither does one that fails otherwise (Camunda 7 rolls back
 * whoever set the variable), but somebody should know.
 */
export function conditionHolds(at: Visit, subscription: Subscription): boolean {
  const event = conditionOf(at, subscription);
  if (event === undefined) return false;
  const result = evaluateIn(at, event.condition, undefined, { warn: () => {} });
  if (!result.ok && !NO_SUCH_VARIABLE.test(result.message)) warnOf(at, subscription, result.message);
  if (result.ok && result.value !== null && typeof result.value !== 'boolean')
    warnOf(at, subscription, `it must give true or false, not ${JSON.stringify(result.value).slice(0, 80)}`);
  return result.ok && result.value === true;
}

/** JUEL's words for a name that is not there. */
const NO_SUCH_VARIABLE = /Cannot (?:resolve identifier|find property)/;

function warnOf(at: Visit, { elementId }: Subscription, why: string): void {
  warn(at, `condition of '${elementId}' does not hold because it cannot be evaluated: ${why}`, elementId);
}

export function triggerCondition(turn: Turn, subscription: Subscription): void {
  const { processInstanceId, elementInstanceId, elementId, part } = subscription;
  if (processInstanceId === null || elementInstanceId === null) return;
  turn.enqueue({
    kind: 'trigger',
    processInstanceId,
    elementInstanceId,
    eventElementId: elementId,
    trigger: {},
    ...(part === null ? {} : { part }),
  });
}

function conditionOf({ model }: Visit, { elementId, part }: Subscription): Conditional | undefined {
  const element = model.elements[elementId];
  if (element === undefined || !('event' in element)) return undefined;
  const event = element.event.kind === 'multiple' ? element.event.events[part ?? 0] : element.event;
  return event?.kind === 'conditional' ? event : undefined;
}

/** Camunda 7's `variableName` and `variableEvents`. */
function concerns(event: Conditional, change: VariableChange): boolean {
  if (event.variableName !== undefined && event.variableName !== change.name) return false;
  return event.variableEvents === undefined || event.variableEvents.includes(change.how);
}

function* scopesOf(instance: ProcessInstance, from: ElementInstance): Generator<ElementInstanceId> {
  for (let scope: ElementInstance | undefined = from; scope !== undefined; ) {
    yield scope.id;
    scope = scope.scopeId === null ? undefined : instance.elements.get(scope.scopeId);
  }
}
