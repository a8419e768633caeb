/** Which instances a snapshot is of: whole families, the system's own left out. */
import type { ProcessInstanceView } from '@procos/store';
import { SYSTEM_SOURCE } from '../policy/decide.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { Hopeless } from '../system-calls/contract.ts';
import type { SnapshotScope } from './file.ts';

type Engine = Pick<ProcessEngine, 'find'>;

/** Of processes that were deployed from the source `system`. */
export function systemDefinitions(engine: Engine): ReadonlySet<number> {
  const deployments = engine.find('deployments', { where: [{ column: 'source', op: '=', value: SYSTEM_SOURCE }] });
  const where = [{ column: 'deploymentId', op: 'in', value: deployments.map(({ id }) => id) }] as const;
  return new Set(engine.find('definitions', { where }).map(({ id }) => id));
}

/** Instances that run and that nobody has called but PID 1: what runs below them belongs to them. Ascending. */
export function topsOf(engine: Engine, scope: SnapshotScope, root: number | null): readonly number[] {
  const system = systemDefinitions(engine);
  const tops = new Map<number, ProcessInstanceView>();
  for (const row of rowsOf(engine, scope)) {
    const top = topOf(engine, row, root);
    if (!system.has(top.definitionId)) tops.set(top.id, top);
    else if (scope.instances !== undefined)
      throw new Hopeless(
        `Process instance ${row.id} belongs to ${top.bpmnProcessId}, a process of the system: only processes that were deployed by somebody go into a snapshot.`,
      );
  }
  return [...tops.keys()].sort((one, other) => one - other);
}

function rowsOf(engine: Engine, { instances, process }: SnapshotScope): readonly ProcessInstanceView[] {
  const active = { column: 'state', op: '=', value: 'active' } as const;
  if (instances === undefined && process === undefined) return engine.find('processInstances', { where: [active] });
  if (process !== undefined) {
    const where = [active, { column: 'bpmnProcessId', op: '=', value: process }] as const;
    return engine.find('processInstances', { where });
  }
  const where = [active, { column: 'id', op: 'in', value: instances ?? [] }] as const;
  const rows = engine.find('processInstances', { where });
  const missing = instances?.find((id) => rows.every((row) => row.id !== id));
  if (missing !== undefined)
    throw new Hopeless(`Process instance ${missing} does not run: there is nothing to freeze.`);
  return rows;
}

function topOf(engine: Engine, row: ProcessInstanceView, root: number | null): ProcessInstanceView {
  let top = row;
  while (top.parentId !== null && top.parentId !== root) {
    const [parent] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: top.parentId }] });
    if (parent === undefined) return top;
    top = parent;
  }
  return top;
}
