/** Extension elements that would change behaviour and cannot be executed. */
import { delegateName } from '../read/delegates.ts';
import { child, children, eventDefinitions, extensions, type Node, text } from '../read/moddle.ts';
import { canRun, SCRIPT_FORMATS, scriptBelow } from '../read/scripts.ts';
import { type Finding, type Subject, title } from './contract.ts';

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['camunda:FormProperty', 'use camunda:formData'],
  ['zeebe:LinkedResources', 'let the worker find its resources'],
  ['zeebe:AgentDefinition', 'use a service task with a worker'],
]);

const IN_A_WORKER = 'do its work in an external task, or map it to a topic in the settings';

export function* unsupportedExtensions({ processes, elements, delegates }: Subject): Generator<Finding> {
  for (const node of [...processes, ...elements.map((element) => element.node)]) {
    const loop = child(node, 'loopCharacteristics');
    for (const holder of [node, ...(loop === undefined ? [] : [loop]), ...eventDefinitions(node)]) {
      for (const found of extensions(holder)) yield* refused(node, found, delegates);
    }
  }
}

function* refused(node: Node, found: Node, delegates: Subject['delegates']): Generator<Finding> {
  const finding = (message: string): Finding => ({ rule: 'not-executable-here', node, message });
  const name = found.$type.replace(/:(.)/, (_, first: string) => `:${first.toLowerCase()}`);
  const advice = REFUSED.get(found.$type);
  if (advice !== undefined) yield finding(`${title(node)} has ${name}, which is not executable here: ${advice}.`);
  const connector = found.$type === 'camunda:Connector' ? (text(found, 'connectorId') ?? '') : undefined;
  if (connector !== undefined && delegates[connector] === undefined)
    yield finding(`${title(node)} has a ${name} (${connector}), which is not executable here: ${IN_A_WORKER}.`);
  if (found.$type === 'camunda:Field' && delegateName(node) === undefined)
    yield finding(`${title(node)} has ${name}, which is not executable here: pass values by camunda:inputOutput.`);
  if (found.$type === 'camunda:ExecutionListener' || found.$type === 'camunda:TaskListener') {
    const java = delegateName(found);
    if (java !== undefined && delegates[java] === undefined)
      yield finding(`${title(node)} has a ${name} in Java (${java}), which is not executable here: ${IN_A_WORKER}.`);
    else if (java === undefined && text(found, 'expression') === undefined && scriptBelow(found) === undefined)
      yield finding(`${title(node)} has a ${name} that does nothing: give it an expression or a script.`);
  }
  if (found.$type === 'zeebe:ExecutionListeners' || found.$type === 'zeebe:TaskListeners') {
    for (const listener of children(found, 'listeners'))
      if (text(listener, 'type') === undefined)
        yield finding(`${title(node)} has a listener without a job type: set it.`);
  }
  for (const script of scripts(found)) yield* wrongScript(node, script);
}

function* wrongScript(node: Node, script: Node): Generator<Finding> {
  const format = text(script, 'scriptFormat');
  const problem =
    format === undefined || !canRun(format)
      ? `a camunda:script in ${format ?? 'no language'}, which cannot run here: use ${SCRIPT_FORMATS}`
      : text(script, 'resource') !== undefined
        ? 'a camunda:script from a resource: write the script into the model'
        : text(script, 'value') === undefined
          ? 'an empty camunda:script: write one'
          : undefined;
  if (problem !== undefined) yield { rule: 'script', node, message: `${title(node)} has ${problem}.` };
}

/** All scripts below an extension element: of listeners, parameters, list items and map entries. */
function scripts(node: Node): Node[] {
  if (node.$type === 'camunda:Script') return [node];
  const single = ['definition', 'script'].map((name) => child(node, name)).filter((one) => one !== undefined);
  const several = ['inputParameters', 'outputParameters', 'items', 'entries'].flatMap((name) => children(node, name));
  return [...single, ...several].flatMap(scripts);
}
