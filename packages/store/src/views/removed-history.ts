/** Takes out of the views what is no longer to be kept: children before the row of their process instance. */
import type { EventOf } from '@procos/engine';
import type { Identified, Lookup } from '../spec.ts';
import type { Table } from '../table.ts';
import * as tables from '../tables/view-tables.ts';
import type { Projection, Views } from './views.ts';

export const projectRemovedHistory: Projection = {
  historyRemoved: (event, _record, views) => remove(event, views),
};

function remove({ target, atMost }: EventOf<'historyRemoved'>, views: Views): void {
  const { elementInstances, variables, incidentHistory, decisionInstances, warnings } = views;
  let left = atMost;
  function sweep<Row extends Identified>(
    table: Table<Row>,
    lookup: Lookup,
    values: readonly (number | string)[],
    upTo?: number,
  ): void {
    left -= table.sweep(left, lookup, values, upTo);
  }
  if ('decisionInstanceIds' in target) {
    for (const id of target.decisionInstanceIds) decisionInstances.delete(id);
    return;
  }
  if ('variableIds' in target) {
    const isOver = views.processInstances.get(target.processInstanceId)?.endedAt !== null;
    for (const id of target.variableIds) {
      const row = variables.get(id);
      if (row?.processInstanceId === target.processInstanceId && (isOver || !row.live)) variables.delete(id);
    }
    return;
  }
  if ('decisionDefinitionId' in target) {
    const { decisionId, decisionDefinitionId, evaluatedBy } = target;
    sweep(decisionInstances, tables.decisionsAlone, [decisionId, decisionDefinitionId], evaluatedBy);
    return;
  }
  if ('processInstanceId' in target) {
    const { processInstanceId, overBy } = target;
    sweep(elementInstances, tables.endedElements, [processInstanceId], overBy);
    sweep(variables, tables.goneVariables, [processInstanceId], overBy);
    sweep(incidentHistory, tables.closedIncidents, [processInstanceId], overBy);
    sweep(decisionInstances, tables.earlierDecisions, [processInstanceId], overBy);
    sweep(warnings, tables.earlierWarnings, [processInstanceId], overBy);
    return;
  }
  for (const id of target.processInstanceIds) {
    sweep(elementInstances, tables.ofInstance, [id]);
    sweep(variables, tables.ofInstance, [id]);
    sweep(incidentHistory, tables.ofInstance, [id]);
    sweep(decisionInstances, tables.decisionsOfInstance, [id]);
    sweep(warnings, tables.ofInstance, [id]);
    if (left <= 0) return;
    views.processInstances.delete(id);
    left -= 1;
  }
}
