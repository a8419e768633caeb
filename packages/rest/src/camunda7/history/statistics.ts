/** `/history/process-definition/{id}/statistics`: how often each activity of a definition was entered, and how it ended. */
import type { ElementInstanceView, IncidentView, ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { findDefinition } from '../definitions.ts';
import { RestError } from '../errors.ts';
import * as by from '../list-query.ts';

/** Which visits are looked at: those of process instances that are like this. */
const VISITS: by.ListSpec<'elementInstances'> = {
  table: 'elementInstances',
  parameters: {
    processInstanceIdIn: by.amongIds('processInstanceId'),
    startedBefore: ofInstances((bound, { startedAt }) => startedAt <= bound),
    startedAfter: ofInstances((bound, { startedAt }) => startedAt >= bound),
    finishedBefore: ofInstances((bound, { endedAt }) => endedAt !== null && endedAt <= bound),
    finishedAfter: ofInstances((bound, { endedAt }) => endedAt !== null && endedAt >= bound),
  },
  sortBy: { activityId: 'elementId' },
};

interface Lifetime {
  readonly startedAt: number;
  readonly endedAt: number | null;
}

function ofInstances(test: (bound: number, instance: Lifetime) => boolean): by.ParameterReader<ElementInstanceView> {
  return (parameter) => {
    const bound = by.dateOf(parameter);
    return by.ofInstance(parameter.engine, 'processInstanceId', (one) => one !== undefined && test(bound, one));
  };
}

export function historicStatisticsRoutes(route: Declare): void {
  route('GET', '/history/process-definition/:id/statistics', 'history.read', statistics);
}

function statistics(call: Call): readonly unknown[] {
  const { engine, params, query } = call;
  const id = params['id'] ?? '';
  const definition = findDefinition(engine, id);
  if (definition === undefined)
    throw new RestError(400, 'BadUserRequestException', `No process definition found with id '${id}'`);
  const isOn = (name: string) => query[name] === 'true';
  const base = [{ column: 'definitionId', op: '=', value: definition.id }] as const;
  const { sortBy: _by, sortOrder: _order, ...asked } = query;
  const visits = by.list({ engine, query: asked, body: {} }, { ...VISITS, base });
  const incidents = isOn('incidents') ? incidentsOf(engine, definition.id, visits) : [];
  const groups = Map.groupBy(
    visits.filter((visit) => visit.id !== visit.processInstanceId),
    (visit) => (visit.elementType === 'multiInstanceBody' ? `${visit.elementId}#multiInstanceBody` : visit.elementId),
  );
  const rows = Array.from(groups, ([activityId, all]) => {
    const finished = all.filter(({ endedAt }) => endedAt !== null);
    const own = incidents.filter(({ elementId }) => elementId === activityId);
    const inState = (state: IncidentView['state']) => own.filter((one) => one.state === state).length;
    return {
      id: activityId,
      instances: all.length - finished.length,
      canceled: isOn('canceled') ? finished.filter(({ outcome }) => outcome === 'canceled').length : 0,
      finished: isOn('finished') ? finished.length : 0,
      completeScope: 0,
      openIncidents: inState('open'),
      resolvedIncidents: inState('resolved'),
      deletedIncidents: inState('deleted'),
    };
  });
  // Without a wish only what is active is told.
  const shown = rows.filter(
    (row) =>
      row.instances + row.finished + row.canceled + row.openIncidents + row.resolvedIncidents + row.deletedIncidents >
      0,
  );
  const [order] = by.ordering(call, VISITS.sortBy);
  const sign = order?.descending === true ? -1 : 1;
  return shown.toSorted((a, b) => sign * by.compareScalars(a.id, b.id));
}

/** Of the process instances whose visits are counted. */
function incidentsOf(
  engine: ProcessEngine,
  definitionId: number,
  visits: readonly ElementInstanceView[],
): readonly IncidentView[] {
  const ids = new Set(visits.map(({ processInstanceId }) => processInstanceId));
  const where = [{ column: 'definitionId', op: '=', value: definitionId }] as const;
  return engine.find('incidentHistory', { where }).filter(({ processInstanceId }) => ids.has(processInstanceId));
}
