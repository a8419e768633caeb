/** Camunda's resources and permissions in the words of the kernel, which permits by kind of work and not by single resource. */
import type { Permission } from '@procos/kernel';

/** What each permission needs here; one that nobody can have is not listed. */
export interface Resource {
  readonly name: string;
  readonly type: number;
  readonly needs: Readonly<Record<string, Permission>>;
}

const administered = {
  READ: 'administerUsers',
  UPDATE: 'administerUsers',
  CREATE: 'administerUsers',
  DELETE: 'administerUsers',
} as const;
const membership = { CREATE: 'administerUsers', DELETE: 'administerUsers' } as const;

export const RESOURCES: readonly Resource[] = [
  { name: 'Application', type: 0, needs: { ACCESS: 'read' } },
  { name: 'User', type: 1, needs: administered },
  { name: 'Group', type: 2, needs: administered },
  { name: 'Group membership', type: 3, needs: membership },
  // What roles permit is changed by roles, not one by one.
  { name: 'Authorization', type: 4, needs: { READ: 'administerUsers' } },
  { name: 'Filter', type: 5, needs: { READ: 'read', CREATE: 'work', UPDATE: 'work', DELETE: 'work' } },
  {
    name: 'Process Definition',
    type: 6,
    needs: {
      READ: 'read',
      UPDATE: 'operate',
      DELETE: 'deploy',
      CREATE_INSTANCE: 'start',
      READ_INSTANCE: 'read',
      UPDATE_INSTANCE: 'operate',
      DELETE_INSTANCE: 'operate',
      MIGRATE_INSTANCE: 'operate',
      SUSPEND: 'operate',
      SUSPEND_INSTANCE: 'operate',
      RETRY_JOB: 'operate',
      READ_TASK: 'read',
      UPDATE_TASK: 'work',
      TASK_ASSIGN: 'work',
      TASK_WORK: 'work',
      READ_TASK_VARIABLE: 'read',
      UPDATE_TASK_VARIABLE: 'work',
      READ_INSTANCE_VARIABLE: 'read',
      UPDATE_INSTANCE_VARIABLE: 'operate',
      READ_HISTORY: 'read',
      READ_HISTORY_VARIABLE: 'read',
      DELETE_HISTORY: 'operate',
    },
  },
  {
    name: 'Task',
    type: 7,
    needs: {
      READ: 'read',
      UPDATE: 'work',
      TASK_ASSIGN: 'work',
      TASK_WORK: 'work',
      READ_VARIABLE: 'read',
      UPDATE_VARIABLE: 'work',
    },
  },
  {
    name: 'Process Instance',
    type: 8,
    needs: {
      CREATE: 'start',
      READ: 'read',
      UPDATE: 'operate',
      DELETE: 'operate',
      SUSPEND: 'operate',
      RETRY_JOB: 'operate',
      UPDATE_VARIABLE: 'operate',
    },
  },
  { name: 'Deployment', type: 9, needs: { READ: 'read', CREATE: 'deploy', DELETE: 'deploy' } },
  {
    name: 'Decision Definition',
    type: 10,
    needs: { READ: 'read', CREATE_INSTANCE: 'start', READ_HISTORY: 'read', DELETE_HISTORY: 'operate' },
  },
  { name: 'Batch', type: 13, needs: { READ: 'read', CREATE: 'operate', UPDATE: 'operate', DELETE: 'operate' } },
  { name: 'Decision Requirements Definition', type: 14, needs: { READ: 'read' } },
  { name: 'Operation Log Category', type: 17, needs: { READ: 'readAudit' } },
  { name: 'Historic Task', type: 19, needs: { READ: 'read', READ_VARIABLE: 'read' } },
  { name: 'Historic Process Instance', type: 20, needs: { READ: 'read' } },
  { name: 'System', type: 21, needs: { READ: 'readAudit' } },
];

/** Those of the resource that somebody with these permissions has; `ALL` where he has every one. */
export function granted({ needs }: Resource, permissions: ReadonlySet<Permission>): readonly string[] {
  const names = Object.keys(needs).filter((name) => permissions.has(needs[name] as Permission));
  return names.length === Object.keys(needs).length ? ['ALL'] : names;
}
