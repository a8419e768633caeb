/** User task: work for a person. */
import {
  type Expression,
  type ExternalWork,
  readInstant,
  schedule,
  type TaskListener,
  type TimerSchedule,
  type UserTask,
  type UserWork,
} from '@procos/bpmn';
import { createExternalTask } from '../actions/external-work.ts';
import { Fault } from '../actions/fault.ts';
import { userTaskHeaders } from '../actions/task-listener-jobs.ts';
import { timerOf } from '../actions/timers.ts';
import type { Visit } from '../actions/turn.ts';
import { evaluateInteger, evaluateOr, evaluateText } from '../actions/variables.ts';
import type { UserTask as UserTaskEntity } from '../state/entities.ts';
import type { ElementBehavior } from './behavior.ts';

/** Camunda's default priority of a user task. */
const DEFAULT_PRIORITY = 50;

export const userTaskBehavior: ElementBehavior<UserTask> = {
  activate(element, at) {
    const { user } = element;
    const assignee = evaluateText(at, user.assignee, 'assignee');
    if (assignee instanceof Fault) return assignee;
    const candidateUsers = evaluateNames(at, user.candidateUsers, 'candidate users');
    if (candidateUsers instanceof Fault) return candidateUsers;
    const candidateGroups = evaluateNames(at, user.candidateGroups, 'candidate groups');
    if (candidateGroups instanceof Fault) return candidateGroups;
    const dueAt = evaluateInstant(at, user.dueDate, 'due date');
    if (dueAt instanceof Fault) return dueAt;
    const followUpAt = evaluateInstant(at, user.followUpDate, 'follow-up date');
    if (followUpAt instanceof Fault) return followUpAt;
    const priority =
      user.priority === undefined ? { number: DEFAULT_PRIORITY } : evaluateInteger(at, user.priority, 'priority');
    if (priority instanceof Fault) return priority;
    const formKey = evaluateText(at, user.formKey, 'form key');
    if (formKey instanceof Fault) return formKey;
    const form = evaluateForm(at, user);
    if (form instanceof Fault) return form;
    const timeouts = planTimeouts(element, at);
    if (timeouts instanceof Fault) return timeouts;
    const { turn, instance, self, model } = at;
    const assigned = assignee.text === '' ? null : assignee.text;
    const listensTo = (kind: TaskListener['event']) =>
      element.taskListeners?.some(({ event }) => event === kind) === true;
    // Camunda 8 asks the listeners of the assignment before it is there.
    const assignsLater = model.dialect === 'camunda8' && assigned !== null && listensTo('assignment');
    const given = {
      assignee: assignsLater ? null : assigned,
      candidateUsers: candidateUsers.names,
      candidateGroups: candidateGroups.names,
      dueAt: dueAt.at,
      followUpAt: followUpAt.at,
      priority: priority.number,
      formKey: formKey.text,
      ...form,
    };
    const fault = user.job === undefined ? undefined : createJob(at, user.job, given);
    if (fault !== undefined) return fault;
    turn.emit({
      type: 'userTaskCreated',
      task: {
        id: turn.ids.next(),
        processInstanceId: instance.id,
        elementInstanceId: self.id,
        elementId: element.id,
        definitionId: instance.definitionId,
        bpmnProcessId: model.bpmnProcessId,
        tenantId: instance.tenantId,
        name: element.name ?? null,
        createdAt: turn.now,
        ...given,
      },
    });
    if (listensTo('create') || listensTo('assignment')) {
      const of = { processInstanceId: instance.id, elementInstanceId: self.id };
      turn.enqueue({ kind: 'changeUserTask', change: { kind: 'create', assignee: assigned }, ...of });
    }
    for (const [listener, { dueAt, repeat }] of timeouts.entries()) {
      const of = { processInstanceId: instance.id, elementInstanceId: self.id };
      const step = { kind: 'changeUserTask', change: { kind: 'timeout', listener }, ...of } as const;
      const own = { elementInstanceId: self.id, elementId: element.id, dueAt, repeat: repeat ?? null, step };
      turn.emit({ type: 'timerScheduled', timer: timerOf(turn, instance, own) });
    }
    return 'wait';
  },
};

function evaluateForm(
  at: Visit,
  { formId, formRef }: UserWork,
): Pick<UserTaskEntity, 'formId' | 'formBinding'> | Fault {
  if (formRef === undefined) return { formId: formId ?? null };
  const id = evaluateText(at, formRef.id, 'form');
  if (id instanceof Fault) return id;
  const version = evaluateText(at, formRef.version, 'version of the form');
  if (version instanceof Fault) return version;
  const { binding } = formRef;
  return {
    formId: id.text,
    ...(binding === 'latest' ? {} : { formBinding: { kind: binding, version: version.text } }),
  };
}

/** A person or the worker of the job does it; who is first ends it for the other. */
function createJob(at: Visit, job: ExternalWork, task: Parameters<typeof userTaskHeaders>[0]): Fault | undefined {
  const { properties } = at.model.elements[at.self.elementId] ?? {};
  const headers = { ...properties, ...userTaskHeaders(task, at.turn.zone), ...job.headers };
  return createExternalTask(at, job, null, headers);
}

/** When its timeout listeners are called. */
function planTimeouts({ taskListeners = [] }: UserTask, at: Visit): readonly TimerSchedule[] | Fault {
  const planned: TimerSchedule[] = [];
  for (const { timer } of taskListeners.filter(({ event }) => event === 'timeout')) {
    const value = evaluateText(at, timer?.value, 'timer of a listener');
    if (value instanceof Fault) return new Fault('timer', value.message);
    const due = schedule(timer?.kind ?? 'duration', value.text ?? '', at.turn.now, at.turn.zone, at.model.dialect);
    if (!due.ok) return new Fault('timer', `timer of a listener of '${at.self.elementId}': ${due.message}`);
    planned.push(due.value);
  }
  return planned;
}

/** A comma-separated list, or an expression that gives a list. */
function evaluateNames(
  at: Visit,
  expression: Expression | undefined,
  what: string,
): { readonly names: readonly string[] } | Fault {
  if (expression === undefined) return { names: [] };
  const result = evaluateOr(at, expression, what);
  if (result instanceof Fault) return result;
  if (result.value === null) return { names: [] };
  const items = Array.isArray(result.value) ? result.value.map(String) : String(result.value).split(',');
  return { names: items.map((item) => item.trim()).filter((item) => item !== '') };
}

function evaluateInstant(
  at: Visit,
  expression: Expression | undefined,
  what: string,
): { readonly at: number | null } | Fault {
  const text = evaluateText(at, expression, what);
  if (text instanceof Fault) return text;
  if (text.text === null || text.text === '') return { at: null };
  if (text.text.startsWith('P')) {
    const due = schedule('duration', text.text, at.turn.now, at.turn.zone, at.model.dialect);
    return due.ok
      ? { at: due.value.dueAt }
      : new Fault('expression', `${what} of '${at.self.elementId}': ${due.message}`);
  }
  const instant = readInstant(text.text, at.turn.zone);
  return instant.ok
    ? { at: instant.value }
    : new Fault('expression', `${what} of '${at.self.elementId}': ${instant.message}`);
}
