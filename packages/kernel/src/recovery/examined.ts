/** Reads what the tables need to know about incidents, many at once. */
import type { Incident } from '@procos/engine';
import type { IncidentView, ProcessInstanceView } from '@procos/store';
import type { ProcessEngine } from '../process-engine.ts';
import { type Facts, factsOf, RECOVERY_PROCESS } from './facts.ts';

export interface Examined {
  readonly incident: Incident;
  readonly facts: Facts;
  /** It happened in a recovery, or in what one has called: that has no recovery of its own. */
  readonly isInRecovery: boolean;
}

type Reads = Pick<ProcessEngine, 'find'>;

export function examine(engine: Reads, incidents: readonly Incident[]): readonly Examined[] {
  const taskIds = incidents.flatMap(({ externalTaskId }) => externalTaskId ?? []);
  const topics = new Map(
    byIds(taskIds, (ids) => engine.find('externalTasks', { where: [{ column: 'id', op: 'in', value: ids }] })).map(
      ({ id, topic }) => [id, topic],
    ),
  );
  const instanceIds = [...new Set(incidents.map(({ processInstanceId }) => processInstanceId))];
  const earlier = Map.groupBy(
    byIds(instanceIds, (ids) =>
      engine.find('incidentHistory', { where: [{ column: 'processInstanceId', op: 'in', value: ids }] }),
    ).filter(({ recoveryId }) => recoveryId !== undefined),
    ({ processInstanceId }) => processInstanceId,
  );
  const instances = withCallers(engine, instanceIds);
  return incidents.map((incident) => {
    const { processInstanceId, externalTaskId } = incident;
    const about = {
      version: instances.get(processInstanceId)?.version ?? null,
      topic: (externalTaskId === null ? undefined : topics.get(externalTaskId)) ?? null,
      earlier: earlier.get(processInstanceId) ?? ([] as readonly IncidentView[]),
    };
    return { incident, facts: factsOf(incident, about), isInRecovery: isInRecovery(instances, processInstanceId) };
  });
}

/** The instances and all that have called them, by id. */
export function withCallers(engine: Reads, ids: readonly number[]): Map<number, ProcessInstanceView> {
  const found = new Map<number, ProcessInstanceView>();
  for (let wanted = [...ids]; wanted.length > 0; ) {
    const rows = byIds(wanted, (some) =>
      engine.find('processInstances', { where: [{ column: 'id', op: 'in', value: some }] }),
    );
    for (const row of rows) found.set(row.id, row);
    const callers = rows.flatMap(({ parentId }) => (parentId === null || found.has(parentId) ? [] : [parentId]));
    wanted = [...new Set(callers)];
  }
  return found;
}

function isInRecovery(instances: ReadonlyMap<number, ProcessInstanceView>, id: number): boolean {
  for (let at = instances.get(id); at !== undefined; at = at.parentId === null ? undefined : instances.get(at.parentId))
    if (at.bpmnProcessId === RECOVERY_PROCESS) return true;
  return false;
}

function byIds<Row>(ids: readonly number[], find: (ids: readonly number[]) => readonly Row[]): readonly Row[] {
  return ids.length === 0 ? [] : find(ids);
}
