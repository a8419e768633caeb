/** Camunda 8 finds the waiting instance by the message's correlation key; only what begins a process needs none. */
import { child, eventDefinitions, extension, flag, type Node, text } from '../read/moddle.ts';
import { type Finding, type Placed, type Subject, title } from './contract.ts';

export function* correlationKeys({ dialect, elements, outgoing }: Subject): Generator<Finding> {
  if (dialect !== 'camunda8') return;
  const beginnings = elements
    .filter(({ node }) => node.$type === 'bpmn:EventBasedGateway' && flag(node, 'instantiate') === true)
    .flatMap(({ node }) => (outgoing.get(node) ?? []).map((flow) => child(flow, 'targetRef')));
  for (const placed of elements) {
    const message = beginnings.includes(placed.node) ? undefined : waitedFor(placed);
    if (message === undefined || text(extension(message, 'zeebe:Subscription'), 'correlationKey') !== undefined)
      continue;
    yield {
      rule: 'missing-correlation-key',
      node: placed.node,
      message: `${title(placed.node)} waits for a message without a correlation key: add zeebe:subscription with correlationKey to ${title(message)}.`,
    };
  }
}

function waitedFor({ node, scope }: Placed): Node | undefined {
  if (node.$type === 'bpmn:ReceiveTask')
    return flag(node, 'instantiate') === true ? undefined : child(node, 'messageRef');
  const catches =
    node.$type === 'bpmn:IntermediateCatchEvent' ||
    node.$type === 'bpmn:BoundaryEvent' ||
    (node.$type === 'bpmn:StartEvent' && scope.$type !== 'bpmn:Process');
  if (!catches) return undefined;
  const definition = eventDefinitions(node).find((one) => one.$type === 'bpmn:MessageEventDefinition');
  return child(definition, 'messageRef');
}
