/** View of decisions that were evaluated: with what, and what they found. */
import { type Json, jsonOf } from '@procos/bpmn';
import type { Projection } from './views.ts';

export const projectDecisionInstances: Projection = {
  decisionEvaluated({ type: _type, ...row }, { at }, { decisionInstances, requiredBy, nextRowId }) {
    const rootId = nextRowId();
    decisionInstances.put({ ...row, id: rootId, evaluatedAt: at, rootId: null });
    for (const traced of required(row.trace)) {
      const found = requiredBy(row.decisionDefinitionId, traced.decisionId);
      if (found === undefined) continue;
      const { id: decisionDefinitionId, decisionId, version } = found;
      const { value } = traced;
      const own = { decisionDefinitionId, decisionId, version, value, trace: jsonOf([traced]) };
      decisionInstances.put({ ...row, ...own, id: nextRowId(), evaluatedAt: at, rootId });
    }
  },
};

/** As packages/bpmn/src/dmn/trace.ts writes it. */
interface Traced {
  readonly decisionId: string;
  readonly value: Json;
  readonly service?: string;
  readonly file?: string;
}

/** All but the last, which was asked for. What is inside services and other files is told in the trace alone. */
function required(trace: Json): readonly Traced[] {
  const all = Array.isArray(trace) ? (trace as unknown as readonly Traced[]) : [];
  return all.slice(0, -1).filter(({ service, file }) => service === undefined && file === undefined);
}
