/** Where instances stand still: the innermost active elements. */
import type { ElementInstanceView, ProcessEngine } from '@procos/kernel';
import type { WaitPoint } from '@procos/protocol';
import { instant } from './instants.ts';

/** By instance; instances without one are absent. */
export function waitPoints(engine: ProcessEngine, ids: readonly number[]): ReadonlyMap<number, readonly WaitPoint[]> {
  if (ids.length === 0) return new Map();
  const active = engine
    .find('elementInstances', {
      where: [
        { column: 'processInstanceId', op: 'in', value: ids },
        { column: 'endedAt', op: 'isNull' },
      ],
    })
    .filter((element) => element.id !== element.processInstanceId);
  const incidents = new Map(
    engine
      .find('incidents', { where: [{ column: 'processInstanceId', op: 'in', value: ids }] })
      .map((incident) => [incident.elementInstanceId, incident.message]),
  );
  const scopes = new Set(active.map((element) => element.scopeId));
  const innermost = active.filter((element) => !scopes.has(element.id) || incidents.has(element.id));
  const points = Map.groupBy(innermost, (element) => element.processInstanceId);
  return new Map(
    [...points].map(([id, elements]) => [id, elements.map((element) => waitPoint(element, incidents.get(element.id)))]),
  );
}

function waitPoint(element: ElementInstanceView, incident: string | undefined): WaitPoint {
  return {
    elementInstanceId: String(element.id),
    elementId: element.elementId,
    elementName: element.elementName,
    elementType: element.elementType,
    since: instant(element.startedAt),
    incident: incident ?? null,
  };
}
