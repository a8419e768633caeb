/** In whose name a system process acts that somebody has started to do something later or for many. */
import type { Subject } from '@procos/engine';
import { ROOT_PROCESS } from '../boot.ts';
import type { ProcessEngine } from '../process-engine.ts';

/** Who started the instance, as the record says and no variable can; never the kernel. `otherwise`: the id of nobody. */
export function starterOf(engine: Pick<ProcessEngine, 'find'>, processInstanceId: number, otherwise: string): Subject {
  const [, kind, id = ''] = /^(worker|user|anonymous):(.*)$/s.exec(startedBy(engine, processInstanceId)) ?? [];
  return { kind: (kind as Subject['kind'] | undefined) ?? 'anonymous', id: kind === undefined ? otherwise : id };
}

/** As `kind:id`. What another process of the system calls while the kernel works for that is started by who started that. */
export function startedBy(engine: Pick<ProcessEngine, 'find'>, processInstanceId: number): string {
  for (let id: number | null = processInstanceId; id !== null; ) {
    const row = find(engine, id);
    const caller = row?.parentId === null || row === undefined ? undefined : find(engine, row.parentId);
    if (row === undefined) return '';
    if (!row.startedBy.startsWith('kernel:') || caller === undefined || caller.bpmnProcessId === ROOT_PROCESS)
      return row.startedBy;
    id = caller.id;
  }
  return '';
}

function find(engine: Pick<ProcessEngine, 'find'>, id: number) {
  return engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0];
}
