/** View of definitions without their graphs; tells which version is the latest. */
import { latestDefinition } from '../tables/view-tables.ts';
import type { Projection } from './views.ts';

export const projectDefinitions: Projection = (event, _record, { definitions }) => {
  if (event.type === 'definitionSuspended' || event.type === 'definitionResumed') {
    const row = definitions.get(event.definitionId);
    if (row !== undefined) definitions.put({ ...row, suspended: event.type === 'definitionSuspended' });
  }
  if (event.type === 'definitionRemoved') {
    definitions.delete(event.definitionId);
    const latest = event.latestId === undefined ? undefined : definitions.get(event.latestId);
    if (latest !== undefined) definitions.put({ ...latest, latest: true });
    return;
  }
  if (event.type !== 'processDefined') return;
  const { model: _model, ...row } = event.definition;
  const before = definitions.first(latestDefinition, [row.bpmnProcessId, row.tenantId]);
  const latest = before === undefined || before.version < row.version;
  if (before !== undefined && latest) definitions.put({ ...before, latest: false });
  // A record of format 1 does not name it.
  definitions.put({ ...row, suspended: row.suspended ?? false, latest });
};
