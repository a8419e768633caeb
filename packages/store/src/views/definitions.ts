/** View of definitions without their graphs; tells which version is the latest. */
import { latestDefinition } from '../tables/view-tables.ts';
import type { Projection, Views } from './views.ts';

export const projectDefinitions: Projection = {
  definitionSuspended: ({ definitionId }, _record, views) => suspend(views, definitionId, true),
  definitionResumed: ({ definitionId }, _record, views) => suspend(views, definitionId, false),
  definitionRemoved({ definitionId, latestId }, _record, { definitions }) {
    definitions.delete(definitionId);
    const latest = latestId === undefined ? undefined : definitions.get(latestId);
    if (latest !== undefined) definitions.put({ ...latest, latest: true });
  },
  processDefined({ definition }, _record, { definitions }) {
    const { model: _model, ...row } = definition;
    const before = definitions.first(latestDefinition, [row.bpmnProcessId, row.tenantId]);
    const latest = before === undefined || before.version < row.version;
    if (before !== undefined && latest) definitions.put({ ...before, latest: false });
    // A record of format 1 does not name it.
    definitions.put({ ...row, suspended: row.suspended ?? false, latest });
  },
  historyTimeToLiveSet({ definitionId, days }, _record, { definitions }) {
    const row = definitions.get(definitionId);
    if (row !== undefined) definitions.put({ ...row, historyTimeToLive: days });
  },
};

function suspend({ definitions }: Views, definitionId: number, suspended: boolean): void {
  const row = definitions.get(definitionId);
  if (row !== undefined) definitions.put({ ...row, suspended });
}
