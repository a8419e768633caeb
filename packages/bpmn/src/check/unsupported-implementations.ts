/** Implementations that need a Java engine, a decision engine or a script where none can run. */
import { child, eventDefinitions, extension, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { WORK_TASKS } from './types.ts';

const EXTERNAL = 'make it an external task (camunda:type="external" with a topic) and do the work in a worker';

const ATTRIBUTES: readonly (readonly [name: string, advice: string])[] = [
  ['camunda:class', EXTERNAL],
  ['camunda:delegateExpression', EXTERNAL],
  ['camunda:decisionRef', EXTERNAL],
  ['camunda:caseRef', 'call a process instead of a case'],
  ['camunda:variableMappingClass', 'use camunda:in and camunda:out'],
  ['camunda:variableMappingDelegateExpression', 'use camunda:in and camunda:out'],
  ['camunda:formHandlerClass', 'remove it'],
  ['camunda:resource', 'write the script into the model'],
];

export function* unsupportedImplementations({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    for (const [what, advice] of reasons(node)) {
      const message = `${title(node)} uses ${what}, which is not executable here: ${advice}.`;
      yield { rule: 'not-executable-here', node, message };
    }
  }
}

function* reasons(node: Node): Generator<readonly [what: string, advice: string]> {
  const definitions = eventDefinitions(node);
  for (const holder of [node, ...definitions]) {
    for (const [name, advice] of ATTRIBUTES) if (text(holder, name) !== undefined) yield [name, advice];
    const type = text(holder, 'camunda:type');
    if (type !== undefined && type !== 'external') yield [`camunda:type="${type}"`, EXTERNAL];
  }
  if (definitions.some((one) => text(one, 'camunda:expression') !== undefined)) yield ['camunda:expression', EXTERNAL];
  if (extension(node, 'zeebe:CalledDecision') !== undefined) {
    yield ['zeebe:calledDecision', 'use zeebe:taskDefinition and evaluate the decision in a worker'];
  }
  if (node.$type === 'bpmn:ScriptTask' && extension(node, 'zeebe:TaskDefinition') !== undefined) {
    yield ['zeebe:taskDefinition on a script task', 'make it a service task'];
  }
  const condition = child(node, 'conditionExpression');
  if (text(condition, 'language') !== undefined || text(condition, 'camunda:resource') !== undefined) {
    yield* scriptCondition(text(condition, 'language') ?? '');
  }
  if (WORK_TASKS.has(node.$type) && extension(node, 'zeebe:Script') !== undefined)
    yield ['zeebe:script', 'make it a script task'];
}

/** Some modelers write the language of the dialect's own expressions; that is no script. */
function* scriptCondition(language: string): Generator<readonly [what: string, advice: string]> {
  if (/juel|feel|^https?:/i.test(language)) return;
  yield [`a script condition (${language || 'from a resource'})`, `write the condition as an expression, \${…} or =…`];
}
