/** An id that is used twice, as when a sequence flow was copied by hand. */
import type { Problem } from '../model.ts';
import type { Scan, ScannedElement } from '../read/scan.ts';

/** Ids must be unique in the whole file; ids of extension elements (form fields and the like) are names of their own. */
const BPMN_NAMESPACES: ReadonlySet<string> = new Set([
  'http://www.omg.org/spec/BPMN/20100524/MODEL',
  'http://www.omg.org/spec/BPMN/20100524/DI',
]);

export function* duplicateIds(scanned: Scan): Generator<Problem> {
  const first = new Map<string, ScannedElement>();
  for (const element of scanned.identified) {
    if (element.id === undefined || !BPMN_NAMESPACES.has(element.namespace)) continue;
    const before = first.get(element.id);
    if (before === undefined) {
      first.set(element.id, element);
      continue;
    }
    yield {
      severity: 'error',
      rule: 'duplicate-id',
      elementId: element.id,
      message: `The id "${element.id}" of this ${element.localName} is already used by the ${before.localName} in line ${before.line}: give one of them another id.`,
      line: element.line,
      column: element.column,
    };
  }
}
