/** A multi-instance activity must say how often it runs. */
import { body, child, extension, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* loops({ dialect, elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const loop = child(node, 'loopCharacteristics');
    if (loop?.$type !== 'bpmn:MultiInstanceLoopCharacteristics') continue;
    const given =
      dialect === 'camunda7'
        ? (text(loop, 'camunda:collection') ?? body(loop, 'loopCardinality'))
        : text(extension(loop, 'zeebe:LoopCharacteristics'), 'inputCollection');
    if (given !== undefined) continue;
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
