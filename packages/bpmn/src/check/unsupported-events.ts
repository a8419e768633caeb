/** Events that the engine cannot execute where they stand. */
import { eventDefinitions, flag, type Node } from '../read/moddle.ts';
import { type Finding, type Placed, type Subject, title } from './contract.ts';
import { EVENTS } from './types.ts';

const CAUGHT: readonly string[] = ['Message', 'Timer', 'Signal'];

/** What may stand where; `None` is an event without a definition. */
function allowed({ node, scope }: Placed): readonly string[] {
  switch (node.$type) {
    case 'bpmn:StartEvent':
      return flag(scope, 'triggeredByEvent') === true ? ['None', ...CAUGHT, 'Error'] : ['None', ...CAUGHT];
    case 'bpmn:IntermediateCatchEvent':
      return CAUGHT;
    case 'bpmn:BoundaryEvent':
      return [...CAUGHT, 'Error'];
    case 'bpmn:IntermediateThrowEvent':
      return ['None', 'Message', 'Signal'];
    default:
      return ['None', 'Message', 'Signal', 'Error', 'Terminate'];
  }
}

export function* unsupportedEvents({ elements }: Subject): Generator<Finding> {
  for (const placed of elements) {
    const { node } = placed;
    if (!EVENTS.has(node.$type)) continue;
    const definitions = eventDefinitions(node);
    if (definitions.length > 1 || flag(node, 'parallelMultiple') === true) {
      const message = `${title(node)} has several event definitions, which is not executable here: use one event for each.`;
      yield { rule: 'not-executable-here', node, message };
      continue;
    }
    const finding = single(placed, definitions[0]);
    if (finding !== undefined) yield finding;
  }
}

function single(placed: Placed, definition: Node | undefined): Finding | undefined {
  const { node } = placed;
  const kind = definition?.$type.replace(/^bpmn:/, '').replace(/EventDefinition$/, '') ?? 'None';
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
