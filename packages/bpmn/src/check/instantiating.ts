/** Receive tasks and event-based gateways that begin instances stand at the beginning of a process. */
import { flag } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* instantiating({ elements }: Subject): Generator<Finding> {
  for (const { node, scope } of elements) {
    if (flag(node, 'instantiate') !== true || scope.$type === 'bpmn:Process') continue;
    const message = `${title(node)} begins instances of a process and is inside ${title(scope)}: put it into the process itself, or remove instantiate.`;
    yield { rule: 'instantiate', node, message };
  }
}
