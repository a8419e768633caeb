/** Listeners say at which moment they run, and it is one that there is. */
import { children, extensions, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

const MOMENTS: Readonly<Record<string, readonly string[]>> = {
  'camunda:ExecutionListener': ['start', 'end'],
  'camunda:TaskListener': ['create', 'assignment', 'update', 'complete', 'delete', 'timeout'],
  'zeebe:ExecutionListeners': ['start', 'end'],
  'zeebe:TaskListeners': ['creating', 'assigning', 'updating', 'completing', 'canceling'],
};

export function* listeners({ processes, elements }: Subject): Generator<Finding> {
  for (const node of [...processes, ...elements.map((element) => element.node)]) {
    // What runs as a flow is taken needs no moment.
    if (node.$type === 'bpmn:SequenceFlow') continue;
    for (const found of extensions(node)) yield* wrongMoments(node, found);
  }
}

function* wrongMoments(node: Node, found: Node): Generator<Finding> {
  const moments = MOMENTS[found.$type];
  if (moments === undefined) return;
  const ofZeebe = found.$type.startsWith('zeebe:');
  for (const one of ofZeebe ? children(found, 'listeners') : [found]) {
    const moment = text(one, ofZeebe ? 'eventType' : 'event');
    if (moment === 'timeout' && children(one, 'eventDefinitions').length !== 1) {
      const message = `${title(node)} has a listener for a timeout that has not exactly one timer: give it a timerEventDefinition.`;
      yield { rule: 'listener', node, message };
    }
    if (moment !== undefined && moments.includes(moment)) continue;
    const which = moment === undefined ? 'that does not say when it runs' : `for "${moment}", which does not happen`;
    const message = `${title(node)} has a listener ${which}: choose one of ${moments.join(', ')}.`;
    yield { rule: 'listener', node, message };
  }
}
