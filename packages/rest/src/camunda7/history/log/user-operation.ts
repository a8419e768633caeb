/**
 * `/history/user-operation`: what people have done, as the log has it. Only of who has said who he is, as in Camunda. What
 * one command has changed has one operation id: the sequence of its record.
 */
import type { EngineEvent, EventOf, EventType, LogRecord, Note, UserTask } from '@procos/kernel';
import type { Declare } from '../../../call.ts';
import { formatDate } from '../../dates.ts';
import { listRoutes } from '../../list-routes.ts';
import * as of from '../../memory-list.ts';
import { personOf } from './person.ts';
import { countLog, type Entry, type Known, type LogSpec, listLog } from './reader.ts';
import { ofInstance } from './shared.ts';
import { TaskChanges } from './task-changes.ts';
import { ofTask } from './task-range.ts';

type Category = 'TaskWorker' | 'Operator' | 'Admin';

/** What one entry says of what was done. */
interface Done {
  readonly type: string;
  readonly entity: string;
  readonly category: Category;
  readonly property?: string;
  readonly before?: string | null;
  readonly after?: string | null;
  readonly processInstanceId?: number | null;
  readonly executionId?: number | null;
  readonly taskId?: number | null;
  readonly externalTaskId?: number | null;
  readonly jobId?: number | null;
  readonly deploymentId?: number | null;
  readonly definitionId?: number | null;
}

interface Operation extends Entry {
  readonly done: Done;
  readonly user: string;
  readonly operationId: string;
  readonly shared: Readonly<Record<string, string | null>>;
}

const id = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

const OPERATIONS: LogSpec<Operation> = {
  parameters: {
    deploymentId: of.is(({ done }) => done.deploymentId ?? null),
    processDefinitionId: of.is(({ shared }) => shared['processDefinitionId'] ?? null),
    processDefinitionKey: of.is(({ shared }) => shared['processDefinitionKey'] ?? null),
    processInstanceId: of.is(({ processInstanceId }) => processInstanceId),
    executionId: of.is(({ done }) => done.executionId ?? null),
    caseDefinitionId: of.none(),
    caseInstanceId: of.none(),
    caseExecutionId: of.none(),
    taskId: of.is(({ done }) => done.taskId ?? null),
    externalTaskId: of.is(({ done }) => done.externalTaskId ?? null),
    // A batch is a process here: what it does is done in the name of who started it.
    batchId: of.none(),
    jobId: of.is(({ done }) => done.jobId ?? null),
    jobDefinitionId: of.none(),
    userId: of.is(({ user }) => user),
    operationId: of.is(({ operationId }) => operationId),
    operationType: of.is(({ done }) => done.type),
    entityType: of.is(({ done }) => done.entity),
    entityTypeIn: of.isAmong(({ done }) => done.entity),
    category: of.is(({ done }) => done.category),
    categoryIn: of.isAmong(({ done }) => done.category),
    property: of.is(({ done }) => done.property ?? null),
    afterTimestamp: of.after(({ at }) => at),
    beforeTimestamp: of.before(({ at }) => at),
  },
  sortBy: { timestamp: ({ sequence }) => sequence },
  reader(known) {
    const tasks = new TaskChanges();
    return (record) => read(record, tasks, known);
  },
};

function read(record: LogRecord, tasks: TaskChanges, known: Known): readonly Operation[] {
  const user = personOf(record);
  const found: Operation[] = [];
  for (const event of record.events) {
    const changes = tasks.follow(event);
    if (user === null) continue;
    const done = changes === undefined ? (plainly(record, event) ?? []) : ofTaskChange(record, event, changes, user);
    for (const one of done) {
      const instance = known.instance(one.processInstanceId ?? 0);
      found.push({
        id: `${record.sequence}.${found.length}`,
        at: record.at,
        sequence: record.sequence,
        processInstanceId: one.processInstanceId ?? null,
        operationId: String(record.sequence),
        user,
        done: one,
        shared: instance === undefined ? ofDefinition(known, one.definitionId) : ofInstance(instance),
      });
    }
  }
  return found;
}

function ofDefinition({ engine }: Known, definitionId: number | null | undefined): Operation['shared'] {
  const definition = definitionId === null || definitionId === undefined ? undefined : engine.definition(definitionId);
  if (definition === undefined) return ofInstance(undefined);
  const { bpmnProcessId, version, id: own } = definition;
  return {
    ...ofInstance(undefined),
    processDefinitionKey: bpmnProcessId,
    processDefinitionId: `${bpmnProcessId}:${version}:${own}`,
  };
}

/** Properties of a task, and what Camunda calls them. */
const PROPERTIES: Readonly<Partial<Record<keyof UserTask, string>>> = {
  assignee: 'assignee',
  owner: 'owner',
  delegation: 'delegation',
  name: 'name',
  description: 'description',
  priority: 'priority',
  dueAt: 'dueDate',
  followUpAt: 'followUpDate',
};

const TASK_COMMANDS: Readonly<Record<string, string>> = {
  assignUserTask: 'Assign',
  delegateUserTask: 'Delegate',
  resolveUserTask: 'Resolve',
  updateUserTask: 'Update',
};

function ofTaskChange(
  { command }: LogRecord,
  event: EngineEvent,
  { before, after }: { readonly before: UserTask | undefined; readonly after: UserTask },
  user: string,
): readonly Done[] {
  const about = {
    entity: 'Task',
    category: 'TaskWorker',
    taskId: after.id,
    processInstanceId: after.processInstanceId,
    executionId: after.elementInstanceId,
  } as const;
  if (event.type === 'userTaskCompleted' && command === 'completeUserTask')
    return [{ ...about, type: 'Complete', property: 'delete', before: 'false', after: 'true' }];
  if (before === undefined) return [];
  if (command === 'changeUserTaskLink') return ofLinks(about, before, after);
  const type = TASK_COMMANDS[command];
  if (type === undefined) return [];
  const claimed = type === 'Assign' && before.assignee === null && after.assignee === user;
  return Object.entries(PROPERTIES).flatMap(([field, property]) => {
    const [was, is] = [before[field as keyof UserTask] ?? null, after[field as keyof UserTask] ?? null];
    if (was === is) return [];
    const text = (value: unknown) => (value === null ? null : String(value));
    return [{ ...about, type: claimed ? 'Claim' : type, property, before: text(was), after: text(is) }];
  });
}

function ofLinks(about: Omit<Done, 'type'>, before: UserTask, after: UserTask): readonly Done[] {
  const of = (what: 'User' | 'Group', was: readonly string[], is: readonly string[], property: string): Done[] => [
    ...is
      .filter((name) => !was.includes(name))
      .map((name) => ({
        ...about,
        entity: 'IdentityLink',
        type: `Add${what}Link`,
        property,
        before: null,
        after: name,
      })),
    ...was
      .filter((name) => !is.includes(name))
      .map((name) => ({
        ...about,
        entity: 'IdentityLink',
        type: `Delete${what}Link`,
        property,
        before: null,
        after: name,
      })),
  ];
  const single = (name: string | null | undefined) => (name === null || name === undefined ? [] : [name]);
  const others = ({ links = [] }: UserTask, of: 'userId' | 'groupId', type: string) =>
    links.flatMap((link) => (link.type === type && link[of] !== null ? [link[of]] : []));
  const types = new Set([...(before.links ?? []), ...(after.links ?? [])].map(({ type }) => type));
  return [
    ...of('User', single(before.assignee), single(after.assignee), 'assignee'),
    ...of('User', single(before.owner), single(after.owner), 'owner'),
    ...of('User', before.candidateUsers, after.candidateUsers, 'candidate'),
    ...of('Group', before.candidateGroups, after.candidateGroups, 'candidate'),
    ...[...types].flatMap((type) => [
      ...of('User', others(before, 'userId', type), others(after, 'userId', type), type),
      ...of('Group', others(before, 'groupId', type), others(after, 'groupId', type), type),
    ]),
  ];
}

const instance = { entity: 'ProcessInstance', category: 'Operator' } as const;
const definition = { entity: 'ProcessDefinition', category: 'Operator' } as const;
const external = { entity: 'ExternalTask', category: 'Operator' } as const;

/** Events that by themselves say what was done, where this command was what did it. */
const SAID: { readonly [T in EventType]?: (event: EventOf<T>, command: string) => Done | undefined } = {
  deploymentCreated: ({ deployment }) => ({
    ...{ type: 'Create', entity: 'Deployment', category: 'Operator', deploymentId: deployment.id },
    ...{ property: 'deploymentName', after: deployment.name },
  }),
  deploymentRemoved: ({ deploymentId }) => ({
    ...{ type: 'Delete', entity: 'Deployment', category: 'Operator', deploymentId },
  }),
  processInstanceCreated: ({ processInstanceId, parentId }, command) =>
    command === 'createProcessInstance' && parentId === null
      ? { ...instance, type: 'Create', processInstanceId }
      : undefined,
  processInstanceEnded: ({ processInstanceId, reason }, command) =>
    command === 'cancelProcessInstance'
      ? { ...instance, type: 'Delete', processInstanceId, property: 'reason', after: reason }
      : undefined,
  processInstanceSuspended: ({ processInstanceId }) => ({
    ...{ ...instance, type: 'Suspend', processInstanceId },
    ...{ property: 'suspensionState', after: 'suspended' },
  }),
  processInstanceResumed: ({ processInstanceId }) => ({
    ...{ ...instance, type: 'Activate', processInstanceId },
    ...{ property: 'suspensionState', after: 'active' },
  }),
  processInstanceMigrated: ({ processInstanceId, definitionId }) => ({
    ...{ ...instance, type: 'Migrate', processInstanceId },
    ...{ property: 'processDefinitionId', after: String(definitionId) },
  }),
  definitionSuspended: ({ definitionId }) => ({
    ...{ ...definition, type: 'SuspendProcessDefinition', definitionId },
    ...{ property: 'suspensionState', after: 'suspended' },
  }),
  definitionResumed: ({ definitionId }) => ({
    ...{ ...definition, type: 'ActivateProcessDefinition', definitionId },
    ...{ property: 'suspensionState', after: 'active' },
  }),
  historyTimeToLiveSet: ({ definitionId, days }) => ({
    ...{ ...definition, type: 'UpdateHistoryTimeToLive', definitionId },
    ...{ property: 'historyTimeToLive', after: days === null ? null : String(days) },
  }),
  variablesSet: ({ processInstanceId, scopeId, variables }, command) =>
    command === 'setVariables'
      ? {
          ...{ type: 'SetVariable', entity: 'Variable', category: 'Operator', processInstanceId, executionId: scopeId },
          ...{ property: 'name', after: Object.keys(variables).join(', ') },
        }
      : undefined,
  variablesRemoved: ({ processInstanceId, scopeId, names }, command) =>
    command === 'setVariables'
      ? {
          ...{
            type: 'RemoveVariable',
            entity: 'Variable',
            category: 'Operator',
            processInstanceId,
            executionId: scopeId,
          },
          ...{ property: 'name', after: names.join(', ') },
        }
      : undefined,
  externalTaskRetriesSet: ({ externalTaskId, retries }) => ({
    ...{ ...external, type: 'SetExternalTaskRetries', externalTaskId },
    ...{ property: 'retries', after: String(retries) },
  }),
  externalTaskPrioritySet: ({ externalTaskId, priority }) => ({
    ...{ ...external, type: 'SetPriority', externalTaskId, property: 'priority', after: String(priority) },
  }),
  externalTaskUnlocked: ({ externalTaskId }) => ({ ...external, type: 'Unlock', externalTaskId }),
  incidentResolved: ({ incidentId, processInstanceId, elementInstanceId }, command) =>
    command === 'resolveIncident'
      ? {
          ...{ type: 'Resolve', entity: 'Incident', category: 'Operator', processInstanceId },
          ...{ executionId: elementInstanceId, property: 'incidentId', after: String(incidentId) },
        }
      : undefined,
  noteAdded: ({ note }) => ({ ...ofNote(note), type: note.kind === 'comment' ? 'AddComment' : 'AddAttachment' }),
  identitySet: ({ identity: { kind, name } }) =>
    kind === 'user' || kind === 'group'
      ? {
          ...{ type: 'Update', entity: kind === 'user' ? 'User' : 'Group', category: 'Admin' },
          ...{ property: `${kind}Id`, after: name },
        }
      : undefined,
  identityRemoved: ({ kind, name }) =>
    kind === 'user' || kind === 'group'
      ? {
          ...{ type: 'Delete', entity: kind === 'user' ? 'User' : 'Group', category: 'Admin' },
          ...{ property: `${kind}Id`, after: name },
        }
      : undefined,
};

function ofNote(note: Note): Omit<Done, 'type'> {
  return {
    entity: note.kind === 'comment' ? 'Comment' : 'Attachment',
    category: 'TaskWorker',
    taskId: note.userTaskId,
    processInstanceId: note.processInstanceId,
    property: note.kind === 'comment' ? 'comment' : 'name',
    after: note.kind === 'comment' ? note.text : note.name,
  };
}

/** Commands that change in more than one way, and are told once for each instance that they concern. */
const WHOLE: Readonly<Record<string, string>> = { modifyProcessInstance: 'ModifyProcessInstance' };

function plainly({ command, events }: LogRecord, event: EngineEvent): readonly Done[] | undefined {
  const say = SAID[event.type] as ((event: EngineEvent, command: string) => Done | undefined) | undefined;
  const done = say?.(event, command);
  if (done !== undefined) return [done];
  const type = WHOLE[command];
  if (type === undefined || event !== events[0] || !('processInstanceId' in event)) return undefined;
  return [{ ...instance, type, processInstanceId: event.processInstanceId }];
}

export function userOperationRoutes(route: Declare): void {
  listRoutes(route, '/history/user-operation', 'record.read', {
    list: async (call) => (await listLog(ofTask(call), OPERATIONS)).map(write),
    count: (call) => countLog(ofTask(call), OPERATIONS),
    spec: OPERATIONS,
  });
}

function write({ id: own, at, user, operationId, done, shared }: Operation): Record<string, unknown> {
  const { tenantId: _, ...others } = shared;
  return {
    id: own,
    userId: user,
    timestamp: formatDate(at),
    operationId,
    operationType: done.type,
    entityType: done.entity,
    category: done.category,
    annotation: null,
    property: done.property ?? null,
    orgValue: done.before ?? null,
    newValue: done.after ?? null,
    deploymentId: id(done.deploymentId),
    ...others,
    executionId: id(done.executionId),
    caseDefinitionId: null,
    caseInstanceId: null,
    caseExecutionId: null,
    taskId: id(done.taskId),
    externalTaskId: id(done.externalTaskId),
    batchId: null,
    jobId: id(done.jobId),
    jobDefinitionId: null,
    removalTime: null,
  };
}
