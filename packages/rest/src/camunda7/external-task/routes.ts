/** The 18 operations of `/external-task`. */
import type { Declare } from '../../call.ts';
import { listRoutes } from '../list-routes.ts';
import { fetchAndLock } from './fetch-and-lock.ts';
import { countTasks, errorDetails, getTask, listTasks, TASKS, topicNames } from './query.ts';
import { setPriority, setRetries, setRetriesAsBatch, setRetriesOfMany } from './settings.ts';
import { bpmnError, complete, extendLock, failure, lock, unlock } from './work.ts';

export function externalTaskRoutes(route: Declare): void {
  listRoutes(route, '/external-task', 'externalTask.read', {
    list: listTasks,
    count: countTasks,
    spec: TASKS,
    posts: 'list and count',
  });
  route('GET', '/external-task/topic-names', 'externalTask.read', topicNames, {
    query: ['withLockedTasks', 'withUnlockedTasks', 'withRetriesLeft'],
  });
  route('POST', '/external-task/fetchAndLock', 'externalTask.fetch', fetchAndLock);
  route('PUT', '/external-task/retries', 'externalTask.update', setRetriesOfMany);
  route('POST', '/external-task/retries-async', 'externalTask.update', setRetriesAsBatch);
  route('GET', '/external-task/:id', 'externalTask.read', getTask);
  route('GET', '/external-task/:id/errorDetails', 'externalTask.read', errorDetails);
  route('POST', '/external-task/:id/complete', 'externalTask.complete', complete);
  route('POST', '/external-task/:id/failure', 'externalTask.fail', failure);
  route('POST', '/external-task/:id/bpmnError', 'externalTask.throwError', bpmnError);
  route('POST', '/external-task/:id/lock', 'externalTask.fetch', lock);
  route('POST', '/external-task/:id/extendLock', 'externalTask.extendLock', extendLock);
  route('POST', '/external-task/:id/unlock', 'externalTask.unlock', unlock);
  route('PUT', '/external-task/:id/retries', 'externalTask.update', setRetries);
  route('PUT', '/external-task/:id/priority', 'externalTask.update', setPriority);
}
