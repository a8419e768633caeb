/** Work for a worker must say which: a topic (Camunda 7) or a job type (Camunda 8). */
import { connectorName } from '../read/delegates.ts';
import { child, eventDefinitions, extension, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { WORK_TASKS } from './types.ts';

export function* missingTopics({ dialect, elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const lacking = dialect === 'camunda7' ? lacksTopic(node) : lacksType(node);
    if (lacking !== undefined) yield { rule: 'missing-topic', node, message: `${title(node)} ${lacking}` };
  }
}

function lacksTopic(node: Node): string | undefined {
  if (WORK_TASKS.has(node.$type)) {
    if (text(node, 'camunda:type') === 'external') return topicOf(node);
    if (IN_PLACE.some((name) => text(node, name) !== undefined) || sendsMessage(node)) return undefined;
    if (connectorName(node) !== undefined) return undefined;
    return 'has no implementation: set camunda:type="external" and camunda:topic to the topic of its worker.';
  }
  const holder = eventDefinitions(node).find((one) => text(one, 'camunda:type') === 'external');
  return holder === undefined ? undefined : topicOf(holder);
}

/** Its message is delivered inside the engine. */
function sendsMessage(node: Node): boolean {
  return node.$type === 'bpmn:SendTask' && child(node, 'messageRef') !== undefined;
}

/** Other implementations: executable as an expression, or refused by `not-executable-here` with its own advice. */
const IN_PLACE: readonly string[] = [
  'camunda:expression',
  'camunda:class',
  'camunda:delegateExpression',
  'camunda:decisionRef',
  'camunda:type',
];

function topicOf(holder: Node): string | undefined {
  if (text(holder, 'camunda:topic') !== undefined) return undefined;
  return 'is an external task without a topic: set camunda:topic to the topic of its worker.';
}

function lacksType(node: Node): string | undefined {
  const definition = extension(node, 'zeebe:TaskDefinition');
  if (definition === undefined) {
    if (!WORK_TASKS.has(node.$type) || extension(node, 'zeebe:CalledDecision') !== undefined || sendsMessage(node))
      return undefined;
    return 'has no implementation: add zeebe:taskDefinition with the type of its worker.';
  }
  return text(definition, 'type') === undefined ? 'has a task definition without a type: set it.' : undefined;
}
