/** What rows belong to, looked up for many of them at once. */
import type { DefinitionView, Incident, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import { tenantOf } from '../tenants.ts';

type Found<Row> = (id: number | null) => Row | undefined;

export function definitionsOf(
  engine: ProcessEngine,
  rows: readonly { readonly definitionId: number }[],
): Found<DefinitionView> {
  const ids = distinct(rows.map(({ definitionId }) => definitionId));
  if (ids.length === 0) return () => undefined;
  return byId(engine.find('definitions', { where: [{ column: 'id', op: 'in', value: ids }] }));
}

export function instancesOf(
  engine: ProcessEngine,
  rows: readonly { readonly processInstanceId: number | null }[],
): Found<ProcessInstanceView> {
  const ids = distinct(rows.map(({ processInstanceId }) => processInstanceId));
  if (ids.length === 0) return () => undefined;
  return byId(engine.find('processInstances', { where: [{ column: 'id', op: 'in', value: ids }] }));
}

/** The tenant of the process instance of each row. */
export function tenantsOf(
  rows: readonly { readonly processInstanceId: number | null }[],
  engine: ProcessEngine,
): (row: { readonly processInstanceId: number | null }) => string {
  const instanceOf = instancesOf(engine, rows);
  return ({ processInstanceId }) => tenantOf(instanceOf(processInstanceId)?.tenantId ?? null);
}

/** Open ones, by the element instance that they are at. */
export function openIncidentsOf(
  engine: ProcessEngine,
  rows: readonly { readonly processInstanceId: number }[],
): (elementInstanceId: number) => Incident | undefined {
  const value = distinct(rows.map(({ processInstanceId }) => processInstanceId));
  const found = engine.find('incidents', { where: [{ column: 'processInstanceId', op: 'in', value }] });
  const open = new Map(found.map((incident) => [incident.elementInstanceId, incident]));
  return (elementInstanceId) => open.get(elementInstanceId);
}

export function distinct(ids: readonly (number | null)[]): number[] {
  return [...new Set(ids)].filter((id) => id !== null);
}

function byId<Row extends { readonly id: number }>(rows: readonly Row[]): Found<Row> {
  const all = new Map<number | null, Row>(rows.map((row) => [row.id, row]));
  return (id) => all.get(id);
}
