/** `/history/external-task-log`: what happened to external tasks: created, failed, completed, canceled. */
import type { ExternalTask, LogRecord } from '@procos/kernel';
import { type Call, type Declare, Raw } from '../../../call.ts';
import { formatDate } from '../../dates.ts';
import { notFound } from '../../errors.ts';
import { listRoutes } from '../../list-routes.ts';
import * as of from '../../memory-list.ts';
import { countLog, type Entry, findEntry, type Known, type LogSpec, listLog } from './reader.ts';
import { ofInstance } from './shared.ts';

type Happened = 'creation' | 'failure' | 'success' | 'deletion';

interface TaskEntry extends Entry {
  readonly happened: Happened;
  readonly task: Readonly<ExternalTask>;
  readonly processInstanceId: number;
  readonly shared: Readonly<Record<string, string | null>>;
}

const TASK_LOG: LogSpec<TaskEntry> = {
  parameters: {
    logId: of.is(({ id }) => id),
    externalTaskId: of.is(({ task }) => task.id),
    topicName: of.is(({ task }) => task.topic),
    workerId: of.is(({ task }) => task.workerId),
    errorMessage: of.is(({ task }) => task.errorMessage),
    activityIdIn: of.isAmong(({ task }) => task.elementId),
    activityInstanceIdIn: of.isAmong(({ task }) => task.elementInstanceId),
    executionIdIn: of.isAmong(({ task }) => task.elementInstanceId),
    processInstanceId: of.is(({ processInstanceId }) => processInstanceId),
    processDefinitionId: of.is(({ shared }) => shared['processDefinitionId'] ?? null),
    processDefinitionKey: of.is(({ task }) => task.bpmnProcessId),
    priorityLowerThanOrEquals: of.atMost(({ task }) => task.priority),
    priorityHigherThanOrEquals: of.atLeast(({ task }) => task.priority),
    creationLog: of.when(({ happened }) => happened === 'creation'),
    failureLog: of.when(({ happened }) => happened === 'failure'),
    successLog: of.when(({ happened }) => happened === 'success'),
    deletionLog: of.when(({ happened }) => happened === 'deletion'),
    ...of.tenant(({ task }) => task.tenantId),
  },
  sortBy: {
    timestamp: ({ sequence }) => sequence,
    externalTaskId: ({ task }) => task.id,
    topicName: ({ task }) => task.topic,
    workerId: ({ task }) => task.workerId,
    retries: ({ task }) => task.retries,
    priority: ({ task }) => task.priority,
    activityId: ({ task }) => task.elementId,
    activityInstanceId: ({ task }) => task.elementInstanceId,
    executionId: ({ task }) => task.elementInstanceId,
    processInstanceId: ({ processInstanceId }) => processInstanceId,
    processDefinitionId: ({ task }) => task.definitionId,
    processDefinitionKey: ({ task }) => task.bpmnProcessId,
    tenantId: ({ task }) => task.tenantId,
  },
  reader(known) {
    const tasks = new Map<number, ExternalTask>();
    return (record) => read(record, tasks, known);
  },
};

function read(record: LogRecord, tasks: Map<number, ExternalTask>, known: Known): readonly TaskEntry[] {
  const found: TaskEntry[] = [];
  const tell = (happened: Happened, task: ExternalTask): void => {
    const { sequence, at } = record;
    const { processInstanceId } = task;
    const id = `${sequence}.${task.id}.${happened}`;
    const shared = ofInstance(known.instance(processInstanceId));
    found.push({ id, at, sequence, happened, task: { ...task }, processInstanceId, shared });
  };
  for (const event of record.events) {
    if (event.type === 'externalTaskCreated') {
      // Listeners and scripts are no tasks of the model.
      if (event.task.errand !== null) continue;
      tasks.set(event.task.id, { ...event.task });
      tell('creation', event.task);
      continue;
    }
    const task = 'externalTaskId' in event ? tasks.get(event.externalTaskId) : undefined;
    if (task === undefined) continue;
    switch (event.type) {
      case 'externalTaskLocked':
        task.workerId = event.workerId;
        break;
      case 'externalTaskPrioritySet':
        task.priority = event.priority;
        break;
      case 'externalTaskRetriesSet':
        task.retries = event.retries;
        break;
      case 'externalTaskFailed':
        task.retries = event.retries;
        task.errorMessage = event.errorMessage;
        task.errorDetails = event.errorDetails;
        tell('failure', task);
        break;
      case 'externalTaskCompleted':
      case 'externalTaskCanceled':
        tasks.delete(task.id);
        tell(event.type === 'externalTaskCompleted' ? 'success' : 'deletion', task);
        break;
    }
  }
  return found;
}

export function externalTaskLogRoutes(route: Declare): void {
  const list = async (call: Call) => (await listLog(call, TASK_LOG)).map(write);
  const count = (call: Call) => countLog(call, TASK_LOG);
  listRoutes(route, '/history/external-task-log', 'history.read', {
    list,
    count,
    spec: TASK_LOG,
    posts: 'list and count',
  });
  route('GET', '/history/external-task-log/:id', 'history.read', async (call) => write(await find(call)));
  // Plain text; 204 when there are none.
  route('GET', '/history/external-task-log/:id/error-details', 'history.read', async (call) => {
    const { happened, task } = await find(call);
    return happened === 'failure' && task.errorDetails !== null ? new Raw('text/plain', task.errorDetails) : undefined;
  });
}

async function find(call: Call): Promise<TaskEntry> {
  const id = call.params['id'] ?? '';
  const found = await findEntry(call, TASK_LOG, id);
  if (found === undefined) throw notFound(`Historic external task log with id ${id} does not exist`);
  return found;
}

function write({ id, at, happened, task, shared }: TaskEntry): Record<string, unknown> {
  return {
    ...shared,
    id,
    externalTaskId: String(task.id),
    timestamp: formatDate(at),
    topicName: task.topic,
    workerId: task.workerId,
    retries: task.retries,
    priority: task.priority,
    errorMessage: happened === 'failure' ? task.errorMessage : null,
    activityId: task.elementId,
    activityInstanceId: String(task.elementInstanceId),
    executionId: String(task.elementInstanceId),
    creationLog: happened === 'creation',
    failureLog: happened === 'failure',
    successLog: happened === 'success',
    deletionLog: happened === 'deletion',
    removalTime: null,
  };
}
