/** Turns what bpmn-moddle complains about into problems: unknown elements and attributes, references to nothing. */
import type { Problem } from '../model.ts';
import { nearestId, type Parsed, type ParseWarning } from '../read/moddle.ts';
import type { Position } from '../read/scan.ts';

/** Prefixes under which bpmn-moddle shows the namespaces that matter for execution, whatever prefix the file uses. */
const MEANINGFUL = /<(bpmn|camunda|procos|zeebe):/;

/** References on which execution depends, beside those of sequence flows, which have a rule of their own. */
const NEEDED: ReadonlySet<string> = new Set([
  'bpmn:default',
  'bpmn:attachedToRef',
  'bpmn:messageRef',
  'bpmn:signalRef',
  'bpmn:errorRef',
  'bpmn:escalationRef',
  'bpmn:activityRef',
  'bpmn:eventDefinitionRef',
]);

export function* warningProblems(parsed: Parsed, positions: ReadonlyMap<string, Position>): Generator<Problem> {
  for (const warning of parsed.warnings) {
    const problem = toProblem(warning);
    if (problem === undefined) continue;
    const elementId = nearestId(warning.element);
    const position = placeOf(warning.message) ?? (elementId === undefined ? undefined : positions.get(elementId));
    yield {
      ...problem,
      line: position?.line ?? 0,
      ...(position === undefined ? {} : { column: position.column }),
      ...(elementId === undefined ? {} : { elementId }),
    };
  }
}

type Sorted = Pick<Problem, 'severity' | 'rule' | 'message'>;

function toProblem({ message, element, property, value }: ParseWarning): Sorted | undefined {
  if (message.startsWith('unresolved reference')) return unresolved(element?.$type, property ?? '', value ?? '');
  if (message.startsWith('unknown attribute')) {
    const name = property ?? '';
    const meant = element?.$type.startsWith('bpmn:') || element?.$type.startsWith('procos:');
    const severity = meant && !name.includes(':') ? 'error' : 'warning';
    return {
      severity,
      rule: 'unknown-attribute',
      message: `The attribute ${name} is not known on ${element?.$type ?? 'this element'}: correct its name or remove it.`,
    };
  }
  // It was decoded as it says before it came here.
  if (message.startsWith('unsupported document encoding')) return undefined;
  // Found before, with both lines, in duplicate-ids.ts.
  if (/nested error: duplicate ID/.test(message)) return undefined;
  const reason = /nested error: (.*)/.exec(message)?.[1] ?? message;
  const tag = /^unparsable content (<[^>]*>)/.exec(message)?.[1] ?? 'this part';
  const foreign = /unrecognized element/.test(reason) && !MEANINGFUL.test(reason);
  return {
    severity: foreign ? 'warning' : 'error',
    rule: 'unknown-element',
    message: `${tag} is not understood (${reason}): correct its name, move it into <extensionElements> or remove it.`,
  };
}

function unresolved(type: string | undefined, property: string, value: string): Sorted | undefined {
  if (type === 'bpmn:SequenceFlow') return undefined;
  const name = property.replace(/^bpmn:/, '');
  return {
    severity: NEEDED.has(property) ? 'error' : 'warning',
    rule: 'unresolved-reference',
    message: `${name} of ${type ?? 'this element'} names "${value}", which is not in this file: add it or correct the name.`,
  };
}

/** bpmn-moddle writes places as text, counting from 0. */
function placeOf(message: string): Position | undefined {
  const line = /line: (\d+)/.exec(message)?.[1];
  const column = /column: (\d+)/.exec(message)?.[1];
  return line === undefined || column === undefined
    ? undefined
    : { line: Number(line) + 1, column: Number(column) + 1 };
}
