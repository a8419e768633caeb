/** A multi-instance activity that throws events as its instances complete must say which (BPMN 2.0.2, table 10.31). */
import { body, child, children, eventDefinitions, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

const THROWN: ReadonlyMap<string, readonly [reference: string, name: string]> = new Map([
  ['bpmn:MessageEventDefinition', ['messageRef', 'name']],
  ['bpmn:SignalEventDefinition', ['signalRef', 'name']],
  ['bpmn:EscalationEventDefinition', ['escalationRef', 'escalationCode']],
  ['bpmn:ErrorEventDefinition', ['errorRef', 'errorCode']],
]);

export function* loopBehavior({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const loop = child(node, 'loopCharacteristics');
    if (loop?.$type !== 'bpmn:MultiInstanceLoopCharacteristics') continue;
    for (const problem of problemsOf(loop))
      yield { rule: 'loop-behavior', node, message: `${title(node)} ${problem}.` };
  }
}

function problemsOf(loop: Node): string[] {
  const behavior = text(loop, 'behavior');
  if (behavior === 'None') return [thrown(child(loop, 'noneBehaviorEventRef'))].filter(isProblem);
  if (behavior === 'One') return [thrown(child(loop, 'oneBehaviorEventRef'))].filter(isProblem);
  if (behavior !== 'Complex') return [];
  const definitions = children(loop, 'complexBehaviorDefinition');
  if (definitions.length === 0) return ['has the behavior Complex without a complexBehaviorDefinition: add one'];
  return definitions
    .map((definition) => {
      if (body(definition, 'condition') === undefined)
        return 'has a complexBehaviorDefinition without a condition: add one';
      const event = child(definition, 'event');
      const events = event === undefined ? [] : eventDefinitions(event);
      return events.length > 1
        ? 'has a complexBehaviorDefinition with several events: give each event a definition of its own'
        : thrown(events[0]);
    })
    .filter(isProblem);
}

function thrown(definition: Node | undefined): string | undefined {
  if (definition === undefined) return 'throws an event for its instances and names none: choose one';
  const needed = THROWN.get(definition.$type);
  if (needed === undefined) {
    const kind = definition.$type.replace(/^bpmn:|EventDefinition$/g, '').toLowerCase();
    return `throws an event of the kind ${kind} for its instances: use a message, signal, escalation or error`;
  }
  const [reference, name] = needed;
  return text(child(definition, reference), name) === undefined
    ? `throws an event for its instances that has no ${name}: set it`
    : undefined;
}

function isProblem(problem: string | undefined): problem is string {
  return problem !== undefined;
}
