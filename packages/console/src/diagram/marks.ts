/** What is drawn onto a diagram: tokens, incidents and the trail of an instance or of a whole definition. Pure. */
import type { DefinitionDetail, ProcessDetail } from '@procos/protocol';

export interface Mark {
  readonly elementId: string;
  /** Visits standing here now. */
  readonly active: number;
  readonly incidents: number;
  /** Was visited and left. */
  readonly done: boolean;
  /** Active only because something inside it is. */
  readonly around: boolean;
  /** Tooltip of the incident badge. */
  readonly message: string | null;
}

const blank = { active: 0, incidents: 0, done: false, around: false, message: null };

/** Tokens stand on the innermost active visits; what encloses them is only marked as `around`. */
export function marksOfProcess(
  process: Pick<ProcessDetail, 'elements' | 'incidents' | 'bpmnProcessId'>,
): readonly Mark[] {
  const marks = new Map<string, Mark>();
  const put = (elementId: string, change: (mark: Mark) => Partial<Mark>): void => {
    if (elementId === process.bpmnProcessId) return;
    const mark = marks.get(elementId) ?? { elementId, ...blank };
    marks.set(elementId, { ...mark, ...change(mark) });
  };
  const enclosing = new Set(process.elements.filter((row) => row.outcome === 'active').map((row) => row.scopeId));
  for (const row of process.elements) {
    if (row.outcome === 'completed') put(row.elementId, () => ({ done: true }));
    else if (row.outcome === 'active' && enclosing.has(row.elementInstanceId))
      put(row.elementId, () => ({ around: true }));
    else if (row.outcome === 'active') put(row.elementId, ({ active }) => ({ active: active + 1 }));
  }
  for (const incident of process.incidents) {
    if (incident.state === 'open')
      put(incident.elementId, ({ incidents }) => ({ incidents: incidents + 1, message: incident.message }));
  }
  return [...marks.values()];
}

export function marksOfDefinition({ elements, bpmnProcessId }: DefinitionDetail): readonly Mark[] {
  return elements
    .filter(({ elementId }) => elementId !== bpmnProcessId)
    .map(({ elementId, active, incidents }) => ({ ...blank, elementId, active, incidents }));
}

/** Where tokens went between two looks: each element that gained one, with those that lost one. */
export function movesBetween(
  before: readonly Mark[],
  after: readonly Mark[],
): readonly { readonly to: string; readonly from: readonly string[] }[] {
  const was = new Map(before.map((mark) => [mark.elementId, mark.active]));
  const is = new Map(after.map((mark) => [mark.elementId, mark.active]));
  const from = [...was].filter(([id, active]) => active > (is.get(id) ?? 0)).map(([id]) => id);
  if (from.length === 0) return [];
  return [...is].filter(([id, active]) => active > (was.get(id) ?? 0)).map(([to]) => ({ to, from }));
}
