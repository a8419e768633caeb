/** Boundary events sit on an activity of their own scope. */
import { child, flag } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { ACTIVITIES } from './types.ts';

export function* boundaryEvents({ elements }: Subject): Generator<Finding> {
  for (const { node, scope } of elements) {
    if (node.$type !== 'bpmn:BoundaryEvent') continue;
    const host = child(node, 'attachedToRef');
    const fits =
      host !== undefined &&
      host.$parent === scope &&
      ACTIVITIES.has(host.$type) &&
      flag(host, 'triggeredByEvent') !== true;
    if (fits) continue;
    const message = `${title(node)} is not attached to an activity of its scope: set attachedToRef to a task, call activity or sub-process beside it.`;
    yield { rule: 'boundary-event-host', node, message };
  }
}
