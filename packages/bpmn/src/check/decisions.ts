/** Flows out of exclusive and inclusive gateways: default flows and conditions. */
import { body, child, type Node } from '../read/moddle.ts';
import { conditionScript } from '../read/scripts.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* decisions({ dialect, elements, outgoing: flows }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const outgoing = flows.get(node) ?? [];
    yield* defaultFlow(node, outgoing);
    if (dialect === 'camunda7') yield* literalConditions(outgoing);
    if (node.$type === 'bpmn:ExclusiveGateway' && outgoing.length > 1) yield* unconditional(node, outgoing);
    if (node.$type === 'bpmn:ParallelGateway' || node.$type === 'bpmn:EventBasedGateway')
      yield* ignored(node, outgoing);
  }
}

function* defaultFlow(node: Node, outgoing: readonly Node[]): Generator<Finding> {
  const flow = child(node, 'default');
  if (flow === undefined) return;
  if (!outgoing.includes(flow)) {
    const message = `The default flow ${flow.id ?? ''} does not leave ${title(node)}: choose one of its outgoing flows.`;
    yield { rule: 'default-flow', node, message };
  } else if (hasCondition(flow)) {
    const message = `${title(flow)} is a default flow and has a condition: remove one of the two.`;
    yield { rule: 'default-flow', node: flow, message };
  }
}

/** As in Camunda 7: one such flow is a doubtful habit, several or one beside a default flow are a mistake. */
function* unconditional(gateway: Node, outgoing: readonly Node[]): Generator<Finding> {
  const preset = child(gateway, 'default');
  const found = outgoing.filter((flow) => flow !== preset && !hasCondition(flow));
  const wrong = found.length > 1 || preset !== undefined;
  for (const node of found) {
    const message = `${title(node)} leaves ${title(gateway)} without a condition: add one or make it the default flow.`;
    yield { rule: 'missing-condition', node, message, ...(wrong ? {} : { severity: 'warning' }) };
  }
}

/** Text without a marker would be a string at run time, never true or false. */
function* literalConditions(outgoing: readonly Node[]): Generator<Finding> {
  for (const node of outgoing) {
    const condition = body(node, 'conditionExpression');
    const isScript = conditionScript(child(node, 'conditionExpression')) !== undefined;
    if (condition === undefined || isScript || /[$#]\{/.test(condition)) continue;
    const message = `The condition of ${title(node)} is mere text: write it as an expression, \${…}.`;
    yield { rule: 'literal-condition', node, message };
  }
}

function* ignored(gateway: Node, outgoing: readonly Node[]): Generator<Finding> {
  for (const node of outgoing.filter(hasCondition)) {
    const message = `The condition of ${title(node)} has no effect behind ${title(gateway)}: remove it or use an inclusive gateway.`;
    yield { rule: 'condition-without-effect', node, message, severity: 'warning' };
  }
}

function hasCondition(flow: Node): boolean {
  return body(flow, 'conditionExpression') !== undefined;
}
