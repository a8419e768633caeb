/** Camunda settings that are accepted and have no meaning here; the author is told. */
import { isUnreadable } from '../read/data.ts';
import { children, extensions, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

const TEXTS: readonly (readonly [name: string, reason: string])[] = [
  ['camunda:candidateStarterUsers', 'who may start a process is decided by policy'],
  ['camunda:candidateStarterGroups', 'who may start a process is decided by policy'],
  ['camunda:calledElementTenantId', 'there are no tenants'],
];

const ELEMENTS: ReadonlyMap<string, string> = new Map([
  ['camunda:PotentialStarter', 'who may start a process is decided by policy'],
]);

export function* ignoredSettings({ processes, elements }: Subject): Generator<Finding> {
  for (const node of [...processes, ...elements.map((element) => element.node)]) {
    for (const [name, reason] of settings(node)) {
      const message = `${name} on ${title(node)} has no effect: ${reason}.`;
      yield { severity: 'warning', rule: 'setting-without-effect', node, message };
    }
  }
}

function* settings(node: Node): Generator<readonly [name: string, reason: string]> {
  for (const [name, reason] of TEXTS) if (text(node, name) !== undefined) yield [name, reason];
  for (const { $type } of extensions(node)) {
    const reason = ELEMENTS.get($type);
    if (reason !== undefined) yield [$type, reason];
  }
  const associations = [...children(node, 'dataInputAssociations'), ...children(node, 'dataOutputAssociations')];
  if (associations.some(isUnreadable))
    yield ['a data association', 'the name of the data it leads from is no name of a variable; name it by one word'];
  if (node.$type === 'bpmn:UserTask' && children(node, 'resources').length > 0) {
    yield ['a BPMN resource role', 'say who is to do the task by assignee, candidateUsers or candidateGroups'];
  }
}
