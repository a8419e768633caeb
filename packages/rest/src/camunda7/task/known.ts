/** A task that there is or was, by its id. */
import type { LogRecord, ProcessEngine, UserTask } from '@procos/kernel';
import { parseId } from '../../ids.ts';

/** As it is now, or as it was made when it is over; undefined: no such task, or its record has left the log. */
export function knownTask(engine: ProcessEngine, id: string): UserTask | undefined {
  const wanted = parseId(id);
  const [live] = engine.find('userTasks', { where: [{ column: 'id', op: '=', value: wanted }] });
  if (live !== undefined || wanted < 1) return live;
  for (const event of recordThatGave(engine, wanted)?.events ?? [])
    if (event.type === 'userTaskCreated' && event.task.id === wanted) return event.task;
  return undefined;
}

/** Identities ascend with the records: the first one that came as far as this. */
function recordThatGave(engine: ProcessEngine, id: number): LogRecord | undefined {
  let [from, to] = [engine.firstSequence, engine.lastSequence];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [record] = engine.records(middle - 1, 1);
    if (record === undefined) return undefined;
    if (record.lastId < id) from = middle + 1;
    else to = middle;
  }
  return engine.records(from - 1, 1)[0];
}
