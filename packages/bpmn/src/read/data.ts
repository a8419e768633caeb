/** BPMN's own input/output specification, as far as it executes: associations between data objects and an activity's data. */
import type { Mapping } from '../model.ts';
import { body, child, children, type Node, text } from './moddle.ts';
import type { Reading } from './reading.ts';

/** Data objects, data stores, inputs and properties are variables of that name. */
export function dataName(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  const target = child(node, 'dataObjectRef') ?? child(node, 'dataStoreRef');
  return text(node, 'name') ?? text(target, 'name') ?? node.id;
}

export function dataInputs(reading: Reading, node: Node): Mapping[] {
  const looped = child(child(node, 'loopCharacteristics'), 'loopDataInputRef');
  return children(node, 'dataInputAssociations')
    .filter((association) => looped === undefined || child(association, 'targetRef') !== looped)
    .flatMap((association) => transfers(reading, association));
}

export function dataOutputs(reading: Reading, node: Node): Mapping[] {
  const looped = child(child(node, 'loopCharacteristics'), 'loopDataOutputRef');
  return children(node, 'dataOutputAssociations')
    .filter((association) => looped === undefined || children(association, 'sourceRef')[0] !== looped)
    .flatMap((association) => transfers(reading, association));
}

/** The variable that a loop takes its items from: the data object behind its data input. */
export function loopInput(node: Node): string | undefined {
  const input = child(child(node, 'loopCharacteristics'), 'loopDataInputRef');
  const association = children(node, 'dataInputAssociations').find((one) => child(one, 'targetRef') === input);
  return input === undefined ? undefined : dataName(children(association, 'sourceRef')[0] ?? input);
}

/** The variable that a loop collects its results in. */
export function loopOutput(node: Node): string | undefined {
  const output = child(child(node, 'loopCharacteristics'), 'loopDataOutputRef');
  const association = children(node, 'dataOutputAssociations').find((one) =>
    children(one, 'sourceRef').some((source) => source === output),
  );
  return output === undefined ? undefined : dataName(child(association, 'targetRef') ?? output);
}

/** What bpmn-js points an association to where the activity has no data input: nothing. */
const PLACEHOLDER = '__targetRef_placeholder';

/** Whether an association leads from data with a name that is no variable's, so that it cannot be followed. */
export function isUnreadable(association: Node): boolean {
  const name = dataName(children(association, 'sourceRef')[0]);
  const copies = children(association, 'assignment').length === 0 && body(association, 'transformation') === undefined;
  return copies && name !== undefined && isCopied(association) && !isVariable(name);
}

function isCopied(association: Node): boolean {
  return ![undefined, PLACEHOLDER].includes(dataName(child(association, 'targetRef')));
}

function isVariable(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

/** Assignments win over the plain copy; a transformation stands in for the source. */
function transfers(reading: Reading, association: Node): Mapping[] {
  const assignments = children(association, 'assignment').flatMap((assignment): Mapping[] => {
    const from = body(assignment, 'from');
    const to = body(assignment, 'to');
    if (from === undefined || to === undefined) return [];
    return [{ target: plain(to), source: { kind: 'expression', expression: reading.expression(association, from) } }];
  });
  if (assignments.length > 0) return assignments;
  const target = dataName(child(association, 'targetRef'));
  const [source] = children(association, 'sourceRef');
  const transformation = body(association, 'transformation');
  if (target === undefined || !isCopied(association)) return [];
  if (transformation !== undefined)
    return [{ target, source: { kind: 'expression', expression: reading.condition(association, transformation) } }];
  const name = dataName(source);
  // FEEL, because there an absent variable is null.
  return name === undefined || !isVariable(name)
    ? []
    : [{ target, source: { kind: 'expression', expression: { language: 'feel', text: name } } }];
}

/** The target of an assignment is written as a name or as an expression of one. */
function plain(text: string): string {
  return text
    .trim()
    .replace(/^[$#]\{\s*(\w+)\s*\}$/, '$1')
    .replace(/^=\s*/, '');
}
