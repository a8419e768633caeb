/** In whose name a system process acts that somebody has started to do something later or for many. */
import type { Subject } from '@procos/engine';
import type { ProcessEngine } from '../process-engine.ts';

/** Who started the instance, as the record says and no variable can; never the kernel. `otherwise`: the id of nobody. */
export function starterOf(engine: Pick<ProcessEngine, 'find'>, processInstanceId: number, otherwise: string): Subject {
  const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
  const startedBy = engine.find('processInstances', { where })[0]?.startedBy ?? '';
  const [, kind, id = ''] = /^(worker|user|anonymous):(.*)$/s.exec(startedBy) ?? [];
  return { kind: (kind as Subject['kind'] | undefined) ?? 'anonymous', id: kind === undefined ? otherwise : id };
}
