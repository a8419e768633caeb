/** View of decisions that were evaluated: with what, and what they found. */
import type { Projection } from './views.ts';

export const projectDecisionInstances: Projection = (event, { at }, { decisionInstances, nextRowId }) => {
  if (event.type !== 'decisionEvaluated') return;
  const { type: _type, ...row } = event;
  decisionInstances.put({ ...row, id: nextRowId(), evaluatedAt: at });
};
