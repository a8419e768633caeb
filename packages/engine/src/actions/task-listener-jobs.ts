/** Jobs of Camunda 8's task listeners: what they are told about the user task, and what they may correct. */
import { instantText } from '@procos/bpmn';
import type { UserTaskChange, UserTaskUpdate } from '../records/steps.ts';
import type { UserTask } from '../state/entities.ts';
import type { Visit } from './turn.ts';

/** Reserved names of headers begin with this. */
const RESERVED = 'io.camunda.zeebe:';

const ACTIONS: Readonly<Record<UserTaskChange['kind'] | 'cancel', string>> = {
  create: 'create',
  assignment: 'assign',
  update: 'update',
  complete: 'complete',
  timeout: 'timeout',
  cancel: 'cancel',
};

/** What a listener changes before the change that it is asked about is made. */
export type Corrections = UserTaskUpdate & { readonly assignee?: string | null };

/** The task as it will be when the change is made, corrections of earlier listeners included. */
export function taskHeaders(at: Visit, change: UserTaskChange | null): Readonly<Record<string, string>> {
  const { turn, self } = at;
  const task = self.userTaskId === null ? undefined : turn.state.userTasks.get(self.userTaskId);
  if (task === undefined) return {};
  const changed = changedBy(change);
  const seen: UserTask & Corrections = { ...task, ...changed };
  return reserved({
    ...attributes(seen, turn.zone),
    action: ACTIONS[change?.kind ?? 'cancel'],
    userTaskKey: String(task.id),
    priority: String(seen.priority),
    changedAttributes: JSON.stringify(namesOf(task, changed)),
  });
}

/** What the job of a user task is told of it; what the model does not give is left out. */
export function userTaskHeaders(task: Described, zone: string): Readonly<Record<string, string>> {
  const list = (names: readonly string[]) => (names.length === 0 ? null : JSON.stringify(names));
  const { candidateUsers, candidateGroups } = task;
  return reserved({
    ...attributes(task, zone),
    candidateUsers: list(candidateUsers),
    candidateGroups: list(candidateGroups),
    formKey: task.formKey ?? task.formId,
  });
}

type Described = Pick<
  UserTask,
  'assignee' | 'candidateUsers' | 'candidateGroups' | 'dueAt' | 'followUpAt' | 'formKey' | 'formId'
>;
type Values = Readonly<Record<string, string | null>>;

function attributes(task: Described, zone: string): Values {
  const instant = (at: number | null) => (at === null ? null : instantText(at, zone));
  return {
    assignee: task.assignee,
    candidateUsers: JSON.stringify(task.candidateUsers),
    candidateGroups: JSON.stringify(task.candidateGroups),
    dueDate: instant(task.dueAt),
    followUpDate: instant(task.followUpAt),
    formKey: task.formKey,
  };
}

function reserved(values: Values): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[`${RESERVED}${name}`, value]])),
  );
}

function changedBy(change: UserTaskChange | null): Corrections {
  if (change === null) return {};
  const asked =
    change.kind === 'assignment' ? { assignee: change.assignee } : change.kind === 'update' ? change.changes : {};
  return { ...asked, ...change.corrections };
}

/** What else a task has Camunda 8 does not know. */
type Attribute = Exclude<keyof Corrections, 'name' | 'description' | 'owner' | 'delegation' | 'links'>;

const NAMES: Readonly<Record<Attribute, string>> = {
  assignee: 'assignee',
  candidateUsers: 'candidateUsersList',
  candidateGroups: 'candidateGroupsList',
  dueAt: 'dueDate',
  followUpAt: 'followUpDate',
  priority: 'priority',
};

function namesOf(task: UserTask, changed: Corrections): string[] {
  return Object.entries(NAMES).flatMap(([key, name]) => {
    const field = key as Attribute;
    const before = JSON.stringify(task[field]);
    return Object.hasOwn(changed, field) && JSON.stringify(changed[field]) !== before ? [name] : [];
  });
}
