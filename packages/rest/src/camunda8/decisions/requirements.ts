/** The file that a decision stands in: what Camunda 8 calls its requirements. */
import type { DecisionDefinition, DecisionModel, ProcessEngine } from '@procos/kernel';
import { type Requirements, requirementsOf } from '../deployment/rows.ts';
import { distinct } from '../search/related.ts';

export function modelOf({ model }: DecisionDefinition): DecisionModel {
  return model as unknown as DecisionModel;
}

/** Of each of the decisions that of its file. */
export function requirementsFor(
  engine: ProcessEngine,
  decisions: readonly DecisionDefinition[],
): (decision: DecisionDefinition) => Requirements {
  const value = distinct(decisions.map(({ deploymentId }) => deploymentId));
  const all = engine.find('decisions', { where: [{ column: 'deploymentId', op: 'in', value }] });
  const known = new Map<string, Requirements>();
  for (const file of filesOf(all)) {
    const requirements = requirementsOf(file);
    if (file[0] !== undefined && requirements !== undefined) known.set(placeOf(file[0]), requirements);
  }
  return (decision) => {
    const found = known.get(placeOf(decision)) ?? requirementsOf([decision]);
    if (found === undefined) throw new Error(`decision ${decision.id} is in no file`);
    return found;
  };
}

/** Decisions by the file that they stand in, the oldest file first. */
export function filesOf(decisions: readonly DecisionDefinition[]): readonly (readonly DecisionDefinition[])[] {
  const files = new Map<string, DecisionDefinition[]>();
  for (const decision of decisions) {
    const file = files.get(placeOf(decision));
    if (file === undefined) files.set(placeOf(decision), [decision]);
    else file.push(decision);
  }
  return [...files.values()];
}

function placeOf({ deploymentId, resourceName }: DecisionDefinition): string {
  return `${deploymentId} ${resourceName}`;
}
