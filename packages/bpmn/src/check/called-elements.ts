/** Call activities must say which process they call and, where they bind to a version, which one. */
import { extension, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* calledElements({ dialect, elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    if (node.$type !== 'bpmn:CallActivity') continue;
    const zeebe = extension(node, 'zeebe:CalledElement');
    const called =
      dialect === 'camunda7'
        ? text(node, 'calledElement')
        : (text(zeebe, 'processId') ?? text(zeebe, 'processIdExpression'));
    const binding = text(node, 'camunda:calledElementBinding') ?? text(zeebe, 'bindingType');
    const version = text(node, 'camunda:calledElementVersion');
    const tag = text(node, 'camunda:calledElementVersionTag') ?? text(zeebe, 'versionTag');
    const where = dialect === 'camunda7' ? 'calledElement' : 'zeebe:calledElement processId';
    const lacking =
      called === undefined
        ? `calls no process: set ${where}.`
        : binding === 'version' && version === undefined
          ? 'binds to a version but names none: set camunda:calledElementVersion.'
          : binding === 'versionTag' && tag === undefined
            ? 'binds to a version tag but names none: set it.'
            : undefined;
    if (lacking !== undefined) yield { rule: 'missing-called-element', node, message: `${title(node)} ${lacking}` };
  }
}
