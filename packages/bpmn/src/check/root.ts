/** What the file is as a whole: BPMN at all, and of one dialect. */
import type { Problem } from '../model.ts';
import type { Position, Scan } from '../read/scan.ts';

const MODEL = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const CAMUNDA_7 = 'http://camunda.org/schema/1.0/bpmn';
const CAMUNDA_8 = 'http://camunda.org/schema/zeebe/1.0';

export function* rootProblems(scanned: Scan): Generator<Problem> {
  const { root } = scanned;
  if (root === undefined || (root.namespace === MODEL && root.localName === 'definitions')) return;
  yield {
    severity: 'error',
    rule: 'not-bpmn',
    message: `The root element is <${root.localName}>, not <definitions> of BPMN 2.0 (${MODEL}): deploy a BPMN 2.0 file.`,
    line: root.line,
    column: root.column,
  };
}

/** Extensions of both dialects in one file contradict each other in what they mean. */
export function* dialectProblems(scanned: Scan): Generator<Problem> {
  const seven = scanned.used.get(CAMUNDA_7);
  const eight = scanned.used.get(CAMUNDA_8);
  if (seven === undefined || eight === undefined) return;
  const [earlier, later] = inOrder(seven, eight);
  yield {
    severity: 'error',
    rule: 'mixed-dialects',
    message: `The file uses camunda: (Camunda 7) and zeebe: (Camunda 8) extensions, the other kind first in line ${earlier.line}: keep one of the two.`,
    line: later.line,
    column: later.column,
  };
}

function inOrder(one: Position, other: Position): [Position, Position] {
  return one.line < other.line || (one.line === other.line && one.column <= other.column) ? [one, other] : [other, one];
}
