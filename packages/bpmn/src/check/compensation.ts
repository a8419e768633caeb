/** Compensation: what can be undone has a handler beside the flow, and what is undone exists. */
import { child, children, eventDefinitions, flag, isScope, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { ACTIVITIES } from './types.ts';

export function* compensation(subject: Subject): Generator<Finding> {
  for (const { node } of subject.elements) {
    for (const definition of eventDefinitions(node)) {
      if (definition.$type !== 'bpmn:CompensateEventDefinition') continue;
      if (node.$type === 'bpmn:BoundaryEvent') yield* boundary(subject, node);
      else if (node.$type !== 'bpmn:StartEvent') yield* thrown(subject, node, definition);
    }
    const misplaced = flag(node, 'isForCompensation') === true && !isHandler(subject, node);
    if (misplaced) {
      const message = `${title(node)} is for compensation, and no compensation boundary event is associated with it: draw the association.`;
      yield { rule: 'compensation', node, message };
    }
  }
}

function* boundary(subject: Subject, node: Node): Generator<Finding> {
  const handlers = handlersOf(subject, node);
  const [handler] = handlers;
  const problem =
    handler === undefined || handlers.length > 1
      ? `has ${handlers.length} compensation handlers: associate it with exactly one activity`
      : !ACTIVITIES.has(handler.$type)
        ? `is associated with ${title(handler)}, which is no activity: associate it with one`
        : flag(handler, 'isForCompensation') !== true
          ? `is associated with ${title(handler)}, which is not for compensation: set isForCompensation="true" on it`
          : handler.$parent !== node.$parent
            ? `is associated with ${title(handler)} of another scope: put the handler beside it`
            : undefined;
  if (problem !== undefined) yield { rule: 'compensation', node, message: `${title(node)} ${problem}.` };
}

/** The named activity must be one that can be undone: with a handler, or a sub-process. */
function* thrown(subject: Subject, node: Node, definition: Node): Generator<Finding> {
  const activity = child(definition, 'activityRef');
  if (activity === undefined) return;
  if (!surrounds(activity.$parent, node)) {
    const message = `${title(node)} undoes ${title(activity)}, which is in a scope that is not around it: name an activity beside it or around it.`;
    yield { rule: 'compensation', node, message };
    return;
  }
  if (isScope(activity)) return;
  const undoable = subject.elements.some(
    ({ node: other }) =>
      other.$type === 'bpmn:BoundaryEvent' &&
      child(other, 'attachedToRef') === activity &&
      eventDefinitions(other).some((one) => one.$type === 'bpmn:CompensateEventDefinition'),
  );
  if (undoable) return;
  const message = `${title(node)} undoes ${title(activity)}, which has no compensation boundary event: give it one, or name another activity.`;
  yield { rule: 'compensation', node, message };
}

function surrounds(scope: Node | undefined, node: Node): boolean {
  for (let around = node.$parent; around !== undefined; around = around.$parent) if (around === scope) return true;
  return false;
}

function handlersOf({ artifacts }: Subject, boundaryEvent: Node): Node[] {
  return artifacts.flatMap((artifact) => {
    const target = child(artifact, 'targetRef');
    const connects = artifact.$type === 'bpmn:Association' && child(artifact, 'sourceRef') === boundaryEvent;
    return connects && target !== undefined && target.$type !== 'bpmn:TextAnnotation' ? [target] : [];
  });
}

function isHandler({ artifacts }: Subject, node: Node): boolean {
  return artifacts.some(
    (artifact) =>
      artifact.$type === 'bpmn:Association' &&
      child(artifact, 'targetRef') === node &&
      child(artifact, 'sourceRef')?.$type === 'bpmn:BoundaryEvent',
  );
}

/** Event sub-processes that undo the scope they are in cannot stand in the process itself: nothing is around it. */
export function* compensationStarts({ processes }: Subject): Generator<Finding> {
  for (const process of processes) {
    for (const inner of children(process, 'flowElements').filter((node) => flag(node, 'triggeredByEvent') === true)) {
      const starts = children(inner, 'flowElements').filter((node) => node.$type === 'bpmn:StartEvent');
      for (const node of starts.filter((start) =>
        eventDefinitions(start).some((one) => one.$type === 'bpmn:CompensateEventDefinition'),
      )) {
        const message = `${title(node)} would undo the whole process, which nothing can ask for: put the event sub-process into a sub-process.`;
        yield { rule: 'compensation', node, message };
      }
    }
  }
}
