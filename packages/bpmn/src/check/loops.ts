/** An activity that loops must say how often it runs. */
import { body, child, extension, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* loops({ dialect, elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const loop = child(node, 'loopCharacteristics');
    if (loop?.$type === 'bpmn:StandardLoopCharacteristics') yield* standardLoop(node, loop);
    if (loop?.$type !== 'bpmn:MultiInstanceLoopCharacteristics') continue;
    const given =
      dialect === 'camunda7'
        ? (text(loop, 'camunda:collection') ?? body(loop, 'loopCardinality'))
        : text(extension(loop, 'zeebe:LoopCharacteristics'), 'inputCollection');
    if (given !== undefined || child(loop, 'loopDataInputRef') !== undefined) continue;
    const advice =
      dialect === 'camunda7'
        ? 'set camunda:collection or loopCardinality'
        : 'set inputCollection of zeebe:loopCharacteristics';
    yield {
      rule: 'missing-loop-collection',
      node,
      message: `${title(node)} does not say how often it runs: ${advice}.`,
    };
  }
}

/** A loop without an end would only be stopped as a runaway. */
function* standardLoop(node: Node, loop: Node): Generator<Finding> {
  const maximum = text(loop, 'loopMaximum');
  if (body(loop, 'loopCondition') === undefined && maximum === undefined) {
    const message = `${title(node)} loops without a condition and without a maximum: give it a loopCondition or loopMaximum.`;
    yield { rule: 'endless-loop', node, message };
  } else if (maximum !== undefined && !(Number(maximum) >= 1)) {
    const message = `${title(node)} has a loopMaximum that is no whole number from 1 on: correct it.`;
    yield { rule: 'endless-loop', node, message };
  }
}
