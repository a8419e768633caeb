/** `/history/identity-link-log`: who was given to do with a task as what, and who was taken away again. */
import type { LogRecord, TaskLink } from '@procos/kernel';
import type { Declare } from '../../../call.ts';
import { formatDate } from '../../dates.ts';
import { listRoutes } from '../../list-routes.ts';
import * as of from '../../memory-list.ts';
import { linksOf } from '../../task/links.ts';
import { personOf } from './person.ts';
import { countLog, type Entry, type Known, type LogSpec, listLog } from './reader.ts';
import { ofInstance } from './shared.ts';
import { TaskChanges } from './task-changes.ts';
import { ofTask } from './task-range.ts';

interface LinkEntry extends Entry {
  readonly link: TaskLink;
  readonly operation: 'add' | 'delete';
  readonly taskId: number;
  readonly assigner: string | null;
  readonly shared: Readonly<Record<string, string | null>>;
}

const LINKS: LogSpec<LinkEntry> = {
  parameters: {
    type: of.is(({ link }) => link.type),
    userId: of.is(({ link }) => link.userId),
    groupId: of.is(({ link }) => link.groupId),
    dateBefore: of.before(({ at }) => at),
    dateAfter: of.after(({ at }) => at),
    taskId: of.is(({ taskId }) => taskId),
    processInstanceId: of.is(({ processInstanceId }) => processInstanceId),
    processDefinitionId: of.is(({ shared }) => shared['processDefinitionId'] ?? null),
    processDefinitionKey: of.is(({ shared }) => shared['processDefinitionKey'] ?? null),
    operationType: of.is(({ operation }) => operation),
    assignerId: of.is(({ assigner }) => assigner),
    ...of.tenant(({ shared }) => shared['tenantId'] ?? null),
  },
  sortBy: {
    time: ({ sequence }) => sequence,
    type: ({ link }) => link.type,
    userId: ({ link }) => link.userId,
    groupId: ({ link }) => link.groupId,
    taskId: ({ taskId }) => taskId,
    processDefinitionId: ({ shared }) => shared['processDefinitionId'] ?? null,
    processDefinitionKey: ({ shared }) => shared['processDefinitionKey'] ?? null,
    operationType: ({ operation }) => operation,
    assignerId: ({ assigner }) => assigner,
    tenantId: ({ shared }) => shared['tenantId'] ?? null,
  },
  reader(known) {
    const tasks = new TaskChanges();
    return (record) => read(record, tasks, known);
  },
};

function read(record: LogRecord, tasks: TaskChanges, known: Known): readonly LinkEntry[] {
  const found: LinkEntry[] = [];
  for (const event of record.events) {
    const change = tasks.follow(event);
    if (change === undefined) continue;
    const { before, after } = change;
    const [was, is] = [before === undefined ? [] : linksOf(before), linksOf(after)];
    const { id: taskId, processInstanceId } = after;
    const about = { at: record.at, sequence: record.sequence, processInstanceId, taskId, assigner: personOf(record) };
    for (const [operation, links] of [
      ['delete', without(was, is)],
      ['add', without(is, was)],
    ] as const)
      for (const link of links)
        found.push({
          ...about,
          id: `${record.sequence}.${found.length}`,
          link,
          operation,
          shared: ofInstance(known.instance(processInstanceId)),
        });
  }
  return found;
}

function without(links: readonly TaskLink[], others: readonly TaskLink[]): readonly TaskLink[] {
  const known = new Set(others.map(keyOf));
  return links.filter((link) => !known.has(keyOf(link)));
}

function keyOf({ type, userId, groupId }: TaskLink): string {
  return JSON.stringify([type, userId, groupId]);
}

export function identityLinkLogRoutes(route: Declare): void {
  listRoutes(route, '/history/identity-link-log', 'history.read', {
    list: async (call) => (await listLog(ofTask(call), LINKS)).map(write),
    count: (call) => countLog(ofTask(call), LINKS),
    spec: LINKS,
  });
}

function write({ id, at, link, taskId, operation, assigner, shared }: LinkEntry): Record<string, unknown> {
  const { processInstanceId: _, ...others } = shared;
  return {
    id,
    time: formatDate(at),
    ...link,
    taskId: String(taskId),
    operationType: operation,
    assignerId: assigner,
    removalTime: null,
    ...others,
  };
}
