/** An external task as an activated job of Camunda 8. */
import type { Errand, ExternalTask, Json, LargeValues, LockedTask } from '@procos/kernel';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { writeVariables } from '../variables.ts';
import { workerNameOf } from './worker-ids.ts';

/** Members in the words of REST. */
export interface ActivatedJob {
  readonly jobKey: string;
  readonly type: string;
  readonly processInstanceKey: string;
  readonly rootProcessInstanceKey: string;
  readonly processDefinitionId: string;
  readonly processDefinitionVersion: number;
  readonly processDefinitionKey: string;
  readonly elementId: string;
  readonly elementInstanceKey: string;
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly worker: string;
  readonly retries: number;
  /** ms since the epoch. */
  readonly deadline: number;
  readonly variables: Readonly<Record<string, Json>>;
  readonly tenantId: string;
  readonly kind: JobKind;
  readonly listenerEventType: ListenerEventType;
  readonly userTask: UserTaskProperties | null;
  readonly tags: readonly string[];
}

export type JobKind = 'BPMN_ELEMENT' | 'EXECUTION_LISTENER' | 'TASK_LISTENER';
export type ListenerEventType =
  | 'UNSPECIFIED'
  | 'START'
  | 'END'
  | 'CREATING'
  | 'ASSIGNING'
  | 'UPDATING'
  | 'COMPLETING'
  | 'CANCELING';

/** What the job of a task listener is told of its user task. */
export interface UserTaskProperties {
  readonly action: string;
  readonly assignee: string | null;
  readonly candidateGroups: readonly string[];
  readonly candidateUsers: readonly string[];
  readonly changedAttributes: readonly string[];
  readonly dueDate: string | null;
  readonly followUpDate: string | null;
  readonly formKey: string | null;
  readonly priority: number | null;
  readonly userTaskKey: string | null;
}

/** Camunda 8's own number, which a model of Camunda 7 leaves open until a worker says one. */
const USUAL_RETRIES = 3;

export function retriesOf({ retries }: Pick<ExternalTask, 'retries'>): number {
  return retries ?? USUAL_RETRIES;
}

export function activatedJob(locked: LockedTask, values: LargeValues): ActivatedJob {
  const { task, headers } = locked;
  const kind = kindOf(task);
  return {
    jobKey: keyOf(task.id),
    type: task.topic,
    processInstanceKey: keyOf(task.processInstanceId),
    rootProcessInstanceKey: keyOf(locked.rootId),
    processDefinitionId: task.bpmnProcessId,
    processDefinitionVersion: locked.definitionVersion,
    processDefinitionKey: keyOf(task.definitionId),
    elementId: task.elementId,
    elementInstanceKey: keyOf(task.elementInstanceId),
    customHeaders: headers,
    worker: workerNameOf(task.workerId),
    retries: retriesOf(task),
    deadline: task.availableAt,
    variables: writeVariables(locked.variables, values),
    tenantId: tenantOf(task.tenantId),
    kind,
    listenerEventType: listenerEventOf(task),
    userTask: kind === 'TASK_LISTENER' ? userTaskOf(headers) : null,
    tags: locked.tags ?? [],
  };
}

export function kindOf({ errand }: Pick<ExternalTask, 'errand'>): JobKind {
  if (errand?.purpose === 'executionListener') return 'EXECUTION_LISTENER';
  return errand?.purpose === 'taskListener' ? 'TASK_LISTENER' : 'BPMN_ELEMENT';
}

export function listenerEventOf({ errand }: Pick<ExternalTask, 'errand'>): ListenerEventType {
  if (errand === null || errand.purpose === 'script') return 'UNSPECIFIED';
  return errand.purpose === 'taskListener' ? taskEventOf(errand) : errand.step.kind === 'complete' ? 'END' : 'START';
}

function taskEventOf({ step }: Errand): ListenerEventType {
  if (step.kind !== 'changeUserTask') return 'CANCELING';
  const events = { create: 'CREATING', assignment: 'ASSIGNING', update: 'UPDATING', complete: 'COMPLETING' } as const;
  const { kind } = step.change;
  return kind === 'timeout' ? 'UNSPECIFIED' : events[kind];
}

/** The engine tells it in headers, as Camunda 8's engine does. */
function userTaskOf(headers: Readonly<Record<string, string>>): UserTaskProperties {
  const of = (name: string): string | null => headers[`io.camunda.zeebe:${name}`] ?? null;
  const list = (name: string): readonly string[] => JSON.parse(of(name) ?? '[]');
  const formKey = of('formKey');
  const priority = of('priority');
  return {
    action: of('action') ?? '',
    assignee: of('assignee'),
    candidateGroups: list('candidateGroups'),
    candidateUsers: list('candidateUsers'),
    changedAttributes: list('changedAttributes'),
    dueDate: of('dueDate'),
    followUpDate: of('followUpDate'),
    // A form that is kept elsewhere has no key of ours.
    formKey: formKey !== null && /^\d{1,25}$/.test(formKey) ? formKey : null,
    priority: priority === null ? null : Math.min(100, Math.max(0, Number(priority))),
    userTaskKey: of('userTaskKey'),
  };
}
