/** `/api/incidents` and `/api/recovery-plans`: what waits for somebody, what recovers from it, and what the tables would do. */
import type { Incident, IncidentView, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import type { IncidentDetail, IncidentEntry, IncidentList, IncidentRow, RecoveryPlanReply } from '@procos/protocol';
import type { Call } from '../call.ts';
import { parseId } from '../ids.ts';
import { ApiRefusal } from './errors.ts';
import { instant, optionalInstant } from './instants.ts';
import { optionalObject, rangeOf, textParameter, wrong } from './parameters.ts';
import { pidText } from './pids.ts';
import { stateOf } from './states.ts';

/** Of a recovery that are shown at most. */
const SHOWN = 1_000;

export function listIncidents(call: Call): IncidentList {
  const state = textParameter(call, 'state') ?? 'open';
  if (state !== 'open' && state !== 'all') throw wrong(`Query parameter state is "${state}": give open or all.`);
  const order = textParameter(call, 'order') ?? 'newest';
  if (order !== 'newest' && order !== 'oldest')
    throw wrong(`Query parameter order is "${order}": give newest or oldest (first).`);
  const definition = textParameter(call, 'definition');
  const where = definition === undefined ? [] : [{ column: 'bpmnProcessId', op: '=', value: definition } as const];
  const orderBy = [{ column: 'id', descending: order === 'newest' }] as const;
  // Those that are open are few beside all that ever were.
  const open = state === 'open' ? call.engine.page('incidents', { where, orderBy, ...rangeOf(call) }) : undefined;
  const { rows, total } =
    open === undefined
      ? call.engine.page('incidentHistory', { where, orderBy, ...rangeOf(call) })
      : { rows: withHistory(call, open.rows), total: open.total };
  const row = incidentRows(call, rows);
  return { incidents: rows.map((incident) => entry(call, incident, row(incident))), total };
}

/** The same, in their order, as the history has them. */
function withHistory({ engine }: Call, open: readonly Incident[]): readonly IncidentView[] {
  const value = open.map(({ id }) => id);
  const found =
    value.length === 0 ? [] : engine.find('incidentHistory', { where: [{ column: 'id', op: 'in', value }] });
  const byId = new Map(found.map((incident) => [incident.id, incident]));
  return value.flatMap((id) => byId.get(id) ?? []);
}

export function incidentDetail(call: Call): IncidentDetail {
  const id = parseId(call.params['incidentId'] ?? '');
  const [incident] = call.engine.find('incidentHistory', { where: [{ column: 'id', op: '=', value: id }] });
  if (incident === undefined) {
    const message = `There is no incident ${call.params['incidentId']}: see /api/incidents?state=all.`;
    throw new ApiRefusal(404, 'NOT_FOUND', message);
  }
  const plan = incident.state === 'open' ? call.kernel.recovery.planFor(id) : undefined;
  return { ...entry(call, incident, incidentRows(call, [incident])(incident)), plan: plan ?? null };
}

export function planRecovery({ kernel, body }: Call): RecoveryPlanReply {
  return kernel.recovery.planForFacts(optionalObject(body, 'facts'));
}

function entry(call: Call, incident: IncidentView, row: IncidentRow): IncidentEntry {
  return { ...row, pid: pidText(call, incident.processInstanceId), bpmnProcessId: incident.bpmnProcessId };
}

/** How each of them is written; their recoveries are read at once. */
export function incidentRows(call: Call, incidents: readonly IncidentView[]): (incident: IncidentView) => IncidentRow {
  const ids = [...new Set(incidents.flatMap(({ recoveryId }) => recoveryId ?? []))];
  const found =
    ids.length === 0 ? [] : call.engine.find('processInstances', { where: [{ column: 'id', op: 'in', value: ids }] });
  const recoveries = new Map(found.map((instance) => [instance.id, instance]));
  return (incident) => ({
    incidentId: String(incident.id),
    kind: incident.kind,
    elementId: incident.elementId,
    message: incident.message,
    createdAt: instant(incident.createdAt),
    resolvedAt: optionalInstant(incident.resolvedAt),
    state: incident.state,
    recovery: recoveryOf(incident, recoveries),
  });
}

function recoveryOf(
  { recoveryId, recoveryAttempt }: IncidentView,
  recoveries: ReadonlyMap<number, ProcessInstanceView>,
): IncidentRow['recovery'] {
  if (recoveryId === undefined) return null;
  const instance = recoveries.get(recoveryId);
  return {
    pid: String(recoveryId),
    attempt: recoveryAttempt ?? 1,
    state: instance === undefined ? null : stateOf(instance),
  };
}

/** By the record that started it: no variable can say otherwise. */
export function recoversOf(
  engine: ProcessEngine,
  { id, startedIn, startedBy }: ProcessInstanceView,
): readonly { readonly incidentId: string; readonly pid: string }[] {
  if (startedBy !== 'kernel:recovery' || startedIn === undefined || startedIn < engine.firstSequence) return [];
  const [record] = engine.records(startedIn - 1, 1);
  return (record?.events ?? [])
    .flatMap((event) => {
      if (event.type !== 'recoveryStarted' || event.recoveryId !== id) return [];
      return [{ incidentId: String(event.incidentId), pid: String(event.processInstanceId) }];
    })
    .slice(0, SHOWN);
}
