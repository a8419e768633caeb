/** What is asked of one task lies between the beginning and the end of its process instance: the rest of the log is not read. */
import type { Call } from '../../../call.ts';
import { parseId } from '../../../ids.ts';
import { findTask } from '../../../user-tasks.ts';

export function ofTask(call: Call): Call {
  const { taskId, processInstanceId } = call.query;
  if (typeof taskId !== 'string' || processInstanceId !== undefined) return call;
  const task = findTask(call.engine, parseId(taskId));
  return task === undefined
    ? call
    : { ...call, query: { ...call.query, processInstanceId: String(task.processInstanceId) } };
}
