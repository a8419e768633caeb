/** Every mapping and passed variable must say where its value goes. */
import { children, extensions, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* mappingNames({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    for (const found of [...extensions(node), ...children(node, 'eventDefinitions').flatMap(extensions)]) {
      const problem =
        found.$type === 'camunda:In' || found.$type === 'camunda:Out' ? passedProblem(found) : unnamed(found);
      if (problem !== undefined) yield { rule: 'incomplete-mapping', node, message: `${title(node)} ${problem}` };
    }
  }
}

function unnamed(found: Node): string | undefined {
  const name =
    found.$type === 'camunda:InputOutput' ? 'name' : found.$type === 'zeebe:IoMapping' ? 'target' : undefined;
  if (name === undefined) return undefined;
  const parameters = [...children(found, 'inputParameters'), ...children(found, 'outputParameters')];
  if (parameters.every((parameter) => text(parameter, name) !== undefined)) return undefined;
  return `has a mapping without a ${name}: set it to the variable that is to receive the value.`;
}

function passedProblem(found: Node): string | undefined {
  if (text(found, 'variables') === 'all' || text(found, 'businessKey') !== undefined) return undefined;
  const source = text(found, 'source') ?? text(found, 'sourceExpression');
  if (source !== undefined && text(found, 'target') !== undefined) return undefined;
  return 'passes a variable without a source or target: set both.';
}
