/** Camunda settings that are accepted and have no meaning here; the author is told. */
import { daysToLive } from '../history-time-to-live.ts';
import { isUnreadable } from '../read/data.ts';
import { isConstraint } from '../read/forms.ts';
import { child, children, extension, extensions, flag, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

const TEXTS: readonly (readonly [name: string, reason: string])[] = [
  ['camunda:candidateStarterUsers', 'who may start a process is decided by policy'],
  ['camunda:candidateStarterGroups', 'who may start a process is decided by policy'],
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
  const timeToLive = text(node, 'camunda:historyTimeToLive');
  if (timeToLive !== undefined && daysToLive(timeToLive) === undefined)
    yield ['camunda:historyTimeToLive', 'it is neither a number of days nor a period of days such as P30D'];
  for (const { $type } of extensions(node)) {
    const reason = ELEMENTS.get($type);
    if (reason !== undefined) yield [$type, reason];
  }
  yield* forms(node);
  if (extensions(node).some(isSingleLocal))
    yield [
      'local of a single camunda:in or camunda:out',
      'set it where variables="all", and map single ones by camunda:inputOutput',
    ];
  const associations = [...children(node, 'dataInputAssociations'), ...children(node, 'dataOutputAssociations')];
  if (associations.some(isUnreadable))
    yield ['a data association', 'the name of the data it leads from is no name of a variable; name it by one word'];
  if (node.$type === 'bpmn:UserTask' && children(node, 'resources').length > 0) {
    yield ['a BPMN resource role', 'say who is to do the task by assignee, candidateUsers or candidateGroups'];
  }
}

/** Of all variables only the local ones may be passed; of a single one it makes no difference. */
function isSingleLocal(one: Node): boolean {
  const passes = one.$type === 'camunda:In' || one.$type === 'camunda:Out';
  return passes && flag(one, 'local') === true && text(one, 'variables') !== 'all';
}

function* forms(node: Node): Generator<readonly [name: string, reason: string]> {
  const form = extension(node, 'camunda:FormData');
  if (text(form, 'businessKey') !== undefined)
    yield ['businessKey of camunda:formData', 'give the business key when the instance is started'];
  const fields = children(form, 'fields');
  for (const constraint of fields.flatMap((field) => children(child(field, 'validation') ?? field, 'constraints'))) {
    const name = text(constraint, 'name') ?? '';
    if (!isConstraint(name))
      yield [`constraint ${name} of a form field`, 'there is no Java here; check what is entered in the process'];
  }
  if (fields.some((field) => text(field, 'datePattern') !== undefined))
    yield ['the datePattern of a form field', 'dates are ISO 8601'];
}
