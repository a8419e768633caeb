/** Events that the engine cannot execute where they stand. */
import { eventDefinitions, flag, type Node } from '../read/moddle.ts';
import { type Finding, type Placed, type Subject, title } from './contract.ts';
import { EVENTS } from './types.ts';

const CAUGHT: readonly string[] = ['Message', 'Timer', 'Signal', 'Conditional'];
const THROWN: readonly string[] = ['None', 'Message', 'Signal', 'Escalation', 'Compensate'];

/** What may stand where; `None` is an event without a definition. */
function allowed({ node, scope }: Placed): readonly string[] {
  switch (node.$type) {
    case 'bpmn:StartEvent':
      return flag(scope, 'triggeredByEvent') === true
        ? ['None', ...CAUGHT, 'Error', 'Escalation', 'Compensate']
        : ['None', ...CAUGHT];
    case 'bpmn:IntermediateCatchEvent':
      return [...CAUGHT, 'Link'];
    case 'bpmn:BoundaryEvent':
      return [...CAUGHT, 'Error', 'Escalation', 'Compensate', 'Cancel'];
    case 'bpmn:IntermediateThrowEvent':
      return [...THROWN, 'Link'];
    default:
      return [...THROWN, 'Error', 'Cancel', 'Terminate'];
  }
}

export function* unsupportedEvents({ elements }: Subject): Generator<Finding> {
  for (const placed of elements) {
    const { node } = placed;
    if (!EVENTS.has(node.$type)) continue;
    const definitions = eventDefinitions(node);
    for (const definition of definitions.length === 0 ? [undefined] : definitions) {
      const finding = single(placed, definition) ?? (definitions.length > 1 ? grouped(node, definition) : undefined);
      if (finding !== undefined) yield finding;
    }
  }
}

/** Kinds that stand alone: they do not happen, they connect or mark. */
function grouped(node: Node, definition: Node | undefined): Finding | undefined {
  const marks = node.$type !== 'bpmn:EndEvent' && node.$type !== 'bpmn:IntermediateThrowEvent';
  const alone = marks ? ['Link', 'Compensate', 'Cancel'] : ['Link'];
  const kind = definition === undefined ? '' : kindOf(definition);
  if (!alone.includes(kind)) return undefined;
  const message = `${title(node)} has the event kind ${kind.toLowerCase()} beside others, which is not executable here: give it an event of its own.`;
  return { rule: 'not-executable-here', node, message };
}

function kindOf(definition: Node): string {
  return definition.$type.replace(/^bpmn:|EventDefinition$/g, '');
}

function single(placed: Placed, definition: Node | undefined): Finding | undefined {
  const { node } = placed;
  const kind = definition === undefined ? 'None' : kindOf(definition);
  const fitting = allowed(placed);
  if (fitting.includes(kind)) return undefined;
  const list = fitting
    .filter((one) => one !== 'None')
    .join(', ')
    .toLowerCase();
  if (kind === 'None') {
    return {
      rule: 'missing-event-definition',
      node,
      message: `${title(node)} waits for nothing: make it one of ${list}.`,
    };
  }
  const message = `${title(node)} has the event kind ${kind.toLowerCase()}, which is not executable here: use one of ${list}.`;
  return { rule: 'not-executable-here', node, message };
}
