/** A topic may be served by a process: an instance of it does the work of a task, in the place of a worker. */
import type { ProcessModel } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { Definition, ExternalTask, ProcessInstance } from '../state/entities.ts';
import { tooDeep } from './callers.ts';
import { forbiddenTask } from './capabilities.ts';
import { Fault } from './fault.ts';
import { forbidTask } from './forbidden-tasks.ts';
import { createInstance, noneStart } from './instances.ts';
import { refuseCall } from './limits.ts';
import type { Turn, Visit } from './turn.ts';
import { visibleVariables } from './variables.ts';

/** End of the lock of a task that an instance does: 9999-12-31, ms since the epoch. It is held until that instance ends. */
export const HELD_AT = 253_402_214_400_000;
/** What the worker id of such a task begins with; the process id follows. */
const PROCESS_WORKER = 'process:';
/** The variable with the headers of the task, where it has some. */
const TASK_HEADERS = 'task_headers';

export interface Server {
  readonly definition: Definition;
  readonly startElementId: string;
}

/** The process that does the tasks of a topic now; undefined: workers do. */
export function serverOf(turn: Turn, topic: string, tenantId: string | null): Server | undefined {
  const bpmnProcessId = turn.state.topicServers.of(topic, tenantId)?.bpmnProcessId;
  if (bpmnProcessId === undefined || bpmnProcessId === null) return undefined;
  const definition = turn.latest(bpmnProcessId, tenantId);
  if (definition === undefined || definition.suspended || !serves(definition.model, topic)) return undefined;
  const startElementId = noneStart(definition);
  return startElementId === undefined ? undefined : { definition, startElementId };
}

export function serves(model: ProcessModel, topic: string): boolean {
  return model.serves?.some((served) => served.topic === topic) === true;
}

export function workerIdOf({ definition }: Server): string {
  return PROCESS_WORKER + definition.bpmnProcessId;
}

/** Begins the instance that does the task; it sees what a worker would see. */
export function beginServing(
  at: Visit,
  task: Pick<ExternalTask, 'businessKey'>,
  server: Server,
  headers: Readonly<Record<string, string>>,
): void {
  const variables: Record<string, Variables[string]> = Object.fromEntries(visibleVariables(at.instance, at.self));
  if (Object.keys(headers).length > 0) variables[TASK_HEADERS] = { type: 'Json', value: { ...headers } };
  createInstance(at.turn, { ...server, businessKey: task.businessKey, variables, parent: at });
}

/** By a worker, whose lock has not ended. */
export function isHeld({ now }: Turn, { workerId, availableAt }: ExternalTask): boolean {
  return workerId !== null && availableAt > now;
}

/** The next attempt at a task that nobody holds: by the process that serves its topic now. False: it is left to workers. */
export function serveAgain(at: Visit, task: ExternalTask): boolean {
  const { turn, instance } = at;
  if (task.errand !== null || isHeld(turn, task) || at.self.userTaskId !== null) return false;
  const why = forbiddenTask(turn, task);
  if (why !== undefined) {
    forbidTask(turn, task, why);
    return false;
  }
  const server = serverOf(turn, task.topic, instance.tenantId);
  if (server === undefined || tooDeep(at, server.definition.bpmnProcessId) instanceof Fault) return false;
  if (refuseCall(at, server.definition) !== undefined) return false;
  turn.emit({
    type: 'externalTaskLocked',
    externalTaskId: task.id,
    topic: task.topic,
    workerId: workerIdOf(server),
    lockExpiresAt: HELD_AT,
    lockCount: task.lockCount + 1,
  });
  beginServing(at, task, server, task.headers ?? {});
  return true;
}

/** The instance that does this task; undefined: none does. */
export function servingInstance(turn: Turn, task: ExternalTask): ProcessInstance | undefined {
  if (task.errand !== null) return undefined;
  const self = turn.state.instances.get(task.processInstanceId)?.elements.get(task.elementInstanceId);
  const called = self?.externalTaskId === task.id ? self.calledInstanceId : null;
  return called === null || called === undefined ? undefined : turn.state.instances.get(called);
}

/** The task that the instance below this element does; undefined: it is called, or the task is over. */
export function servedTask({ turn, self }: Visit): ExternalTask | undefined {
  const task = self.externalTaskId === null ? undefined : turn.state.externalTasks.get(self.externalTaskId);
  return task?.errand === null ? task : undefined;
}

/** What the instance hands back for the task: the variables that its process declares as results of the topic. */
export function resultsOf(child: Visit, topic: string): Variables {
  const names = child.model.serves?.find((served) => served.topic === topic)?.results ?? [];
  return Object.fromEntries(
    names.flatMap((name) => {
      const variable = child.self.variables.get(name);
      return variable === undefined ? [] : [[name, variable]];
    }),
  );
}
