/** Implementations that need a Java engine, a decision engine or a script where none can run. */
import { delegateName } from '../read/delegates.ts';
import { child, eventDefinitions, extension, type Node, text } from '../read/moddle.ts';
import { canRun, conditionScript, SCRIPT_FORMATS } from '../read/scripts.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { WORK_TASKS } from './types.ts';

const EXTERNAL = 'make it an external task (camunda:type="external" with a topic) and do the work in a worker';

const ATTRIBUTES: readonly (readonly [name: string, advice: string])[] = [
  ['camunda:caseRef', 'call a process instead of a case'],
  ['camunda:variableMappingClass', 'use camunda:in and camunda:out'],
  ['camunda:variableMappingDelegateExpression', 'use camunda:in and camunda:out'],
  ['camunda:formHandlerClass', 'remove it'],
  ['camunda:resource', 'write the script into the model'],
];

export function* unsupportedImplementations({ elements, delegates }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    for (const [what, advice] of [...java(node, delegates), ...reasons(node)]) {
      const message = `${title(node)} uses ${what}, which is not executable here: ${advice}.`;
      yield { rule: 'not-executable-here', node, message };
    }
  }
}

/** A class or bean that the settings map to a topic is an external task. */
function* java(node: Node, delegates: Subject['delegates']): Generator<readonly [what: string, advice: string]> {
  for (const holder of [node, ...eventDefinitions(node)]) {
    const name = delegateName(holder);
    if (name === undefined || delegates[name] !== undefined) continue;
    const attribute = text(holder, 'camunda:class') === undefined ? 'camunda:delegateExpression' : 'camunda:class';
    yield [`${attribute}="${name}"`, `${EXTERNAL}, or map the name to a topic by the setting delegates`];
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
  if (node.$type === 'bpmn:AdHocSubProcess' && extension(node, 'zeebe:TaskDefinition') !== undefined) {
    yield ['zeebe:taskDefinition on an ad-hoc sub-process', 'say by activeElementsCollection what runs'];
  }
  const condition = child(node, 'conditionExpression');
  const script = conditionScript(condition);
  if (text(condition, 'camunda:resource') !== undefined || (script !== undefined && !canRun(script.format)))
    yield [
      `a script condition (${script?.format ?? 'from a resource'})`,
      `use ${SCRIPT_FORMATS}, written into the model`,
    ];
  if (WORK_TASKS.has(node.$type) && extension(node, 'zeebe:Script') !== undefined)
    yield ['zeebe:script', 'make it a script task'];
}
