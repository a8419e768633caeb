/** Extension elements that would change behaviour and cannot be executed. */
import { child, children, eventDefinitions, extensions, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

const WORKER = 'do its work in a task of its own';

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['camunda:ExecutionListener', WORKER],
  ['camunda:TaskListener', WORKER],
  ['camunda:Connector', 'make it an external task'],
  ['camunda:Field', 'pass values by camunda:inputOutput'],
  ['camunda:FormProperty', 'use camunda:formData'],
  ['zeebe:ExecutionListeners', WORKER],
  ['zeebe:TaskListeners', WORKER],
  ['zeebe:LinkedResources', 'let the worker find its resources'],
  ['zeebe:AdHoc', 'use a sub-process'],
  ['zeebe:ConditionalFilter', 'use a message or signal'],
  ['zeebe:AgentDefinition', 'use a service task with a worker'],
]);

export function* unsupportedExtensions({ processes, elements }: Subject): Generator<Finding> {
  for (const node of [...processes, ...elements.map((element) => element.node)]) {
    const loop = child(node, 'loopCharacteristics');
    for (const holder of [node, ...(loop === undefined ? [] : [loop]), ...eventDefinitions(node)]) {
      for (const found of extensions(holder)) yield* refused(node, found);
    }
  }
}

function* refused(node: Node, found: Node): Generator<Finding> {
  const advice = REFUSED.get(found.$type);
  if (advice !== undefined) {
    const name = found.$type.replace(/:(.)/, (_, first: string) => `:${first.toLowerCase()}`);
    const message = `${title(node)} has ${name}, which is not executable here: ${advice}.`;
    yield { rule: 'not-executable-here', node, message };
  }
  if (found.$type === 'camunda:InputOutput' && hasScript(found)) {
    const message = `${title(node)} maps a value by camunda:script, which is not executable here: use an expression or a script task before it.`;
    yield { rule: 'not-executable-here', node, message };
  }
}

function hasScript(node: Node): boolean {
  if (node.$type === 'camunda:Script') return true;
  const single = child(node, 'definition');
  const inner = ['inputParameters', 'outputParameters', 'items', 'entries'].flatMap((name) => children(node, name));
  return [...inner, ...(single === undefined ? [] : [single])].some(hasScript);
}
