/** How far batches are, as both faces show it. */
import type { Json, ProcessEngine, ProcessInstanceView } from '@procos/kernel';

export interface BatchState {
  /** The process instance that is the batch. */
  readonly row: ProcessInstanceView;
  readonly total: number;
  readonly chunkSize: number;
  /** Items that went well. */
  readonly done: number;
  /** Items that did not, when they were last tried. */
  readonly failed: number;
  /** When the first items were taken up. */
  readonly begunAt: number | null;
}

/** In the order of the rows, each with its row, with few queries: the variables of the batches, and how far the chunks at work are. */
export function batchStates(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly BatchState[] {
  const value = rows.map(({ id }) => id);
  const mine = { column: 'processInstanceId', op: 'in', value } as const;
  const names = ['total', 'chunk_size', 'done', 'failed', 'attempt'];
  const variables = engine.find('variables', { where: [mine, { column: 'name', op: 'in', value: names }] });
  const runs = engine.find('elementInstances', { where: [mine, { column: 'elementId', op: '=', value: 'run' }] });
  const tasks = engine.find('externalTasks', { where: [mine] });
  return rows.map((row) => {
    const { id } = row;
    const own = variables.filter(({ processInstanceId, scopeId }) => processInstanceId === id && scopeId === id);
    const numberOf = (name: string): number => whole(own.find((variable) => variable.name === name)?.value ?? null);
    const progress = tasks.find(({ processInstanceId }) => processInstanceId === id)?.progress;
    const failedNow = progress?.failed.length ?? 0;
    const total = numberOf('total');
    const done = numberOf('done') + (progress?.next ?? 0) - failedNow;
    // After the first round everything that is not done has failed at least once.
    const failed = numberOf('attempt') > 1 ? total - done : numberOf('failed') + failedNow;
    const begunAt = runs.find(({ processInstanceId }) => processInstanceId === id)?.startedAt ?? null;
    return { row, total, chunkSize: numberOf('chunk_size'), done, failed, begunAt };
  });
}

function whole(value: Json): number {
  return typeof value === 'number' ? value : 0;
}
