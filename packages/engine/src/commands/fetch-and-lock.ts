/** Hands out external tasks: chooses, locks, and sends along what the worker asked for. */
import type { ProcessModel } from '@procos/bpmn';
import { capabilitiesOf, forbiddenTask } from '../actions/capabilities.ts';
import type { LimitReached } from '../actions/fault.ts';
import { forbidTask } from '../actions/forbidden-tasks.ts';
import { raiseIncident } from '../actions/incidents.ts';
import { aiAllowance, catchLimit, isAiTopic, refuseAiTask } from '../actions/limits.ts';
import { type Turn, visit } from '../actions/turn.ts';
import { lookup, visibleVariables } from '../actions/variables.ts';
import type { LockedTask, TopicRequest } from '../records/commands.ts';
import type { Variables } from '../records/events.ts';
import type { ExternalTaskId } from '../records/ids.ts';
import type { ExternalTask } from '../state/entities.ts';
import { sizeOfNamed } from '../state/size.ts';
import { chooseTasks } from './choose-tasks.ts';
import { type CommandHandler, reject, tooLong } from './handler.ts';

export const fetchAndLock: CommandHandler<'fetchAndLock'> = (command, turn) => {
  if (command.workerId === '') return reject('INVALID_ARGUMENT', 'workerId is empty: name the worker');
  if (!(command.maxTasks >= 0)) return reject('INVALID_ARGUMENT', `maxTasks must not be negative: ${command.maxTasks}`);
  const wrong = command.topics.find((topic) => !(topic.lockMs > 0));
  if (wrong !== undefined)
    return reject('INVALID_ARGUMENT', `lock duration of topic '${wrong.topic}' must be positive: ${wrong.lockMs} ms`);
  const longest = Math.max(0, ...command.topics.map(({ lockMs }) => lockMs));
  const endless = tooLong(turn, longest, 'the lock');
  if (endless !== undefined) return endless;
  const forbidden = new Map<ExternalTask, string>();
  const spent = new Map<ExternalTaskId, LimitReached>();
  const found = chooseTasks(command, turn, (task, request) => {
    if (!matches(turn, task, request)) return false;
    const why = forbiddenTask(turn, task);
    if (why !== undefined) forbidden.set(task, why);
    const refusal = why === undefined ? refuseAi(turn, task) : undefined;
    if (refusal !== undefined && spent.size < SPENT_AT_ONCE) spent.set(task.id, refusal);
    return why === undefined && refusal === undefined;
  });
  for (const [task, why] of forbidden) forbidTask(turn, task, why);
  for (const [taskId, refusal] of spent) stop(turn, taskId, refusal);
  const tasks: LockedTask[] = [];
  let characters = 0;
  for (const { task, request } of found) {
    if (characters >= MOST_CHARACTERS) break;
    turn.emit({
      type: 'externalTaskLocked',
      externalTaskId: task.id,
      topic: task.topic,
      workerId: command.workerId,
      lockExpiresAt: turn.now + request.lockMs,
      lockCount: task.lockCount + 1,
    });
    const locked = describe(turn, task.id, request);
    if (found.length > 1) characters += sizeOfNamed(locked.variables);
    tasks.push(locked);
  }
  return { ok: true, value: tasks.length < found.length ? { tasks, more: true } : { tasks } };
};

/** One answer has, but for those of its last task, no more characters of variables: whoever wants more asks again. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** Tasks whose budget is used up that one request stops; the next one stops the next. */
const SPENT_AT_ONCE = 100;

function refuseAi(turn: Turn, task: ExternalTask): LimitReached | undefined {
  if (!isAiTopic(task.topic)) return undefined;
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  return at === undefined ? undefined : refuseAiTask(at, task.topic);
}

/** It is not handed out: an event takes over, or it waits in an incident like one whose attempts are used up. */
function stop(turn: Turn, taskId: ExternalTaskId, refusal: LimitReached): void {
  const task = turn.state.externalTasks.get(taskId);
  const at = task === undefined ? undefined : visit(turn, task.processInstanceId, task.elementInstanceId);
  if (task === undefined || at === undefined || catchLimit(at, refusal)) return;
  turn.emit({
    type: 'externalTaskFailed',
    externalTaskId: task.id,
    topic: task.topic,
    errorMessage: refusal.message,
    errorDetails: null,
    retries: 0,
    availableAt: 0,
    processInstanceId: at.instance.id,
    elementInstanceId: at.self.id,
  });
  if (at.self.incidents.size === 0) raiseIncident(at, { kind: 'limitReached', message: refusal.message, step: null });
}

function matches(turn: Turn, task: ExternalTask, request: TopicRequest): boolean {
  if (request.businessKey !== undefined && task.businessKey !== request.businessKey) return false;
  if (request.definitionIds !== undefined && !request.definitionIds.includes(task.definitionId)) return false;
  if (request.bpmnProcessIds !== undefined && !request.bpmnProcessIds.includes(task.bpmnProcessId)) return false;
  if (request.withoutTenantId === true && task.tenantId !== null) return false;
  if (request.tenantIds !== undefined && (task.tenantId === null || !request.tenantIds.includes(task.tenantId)))
    return false;
  if (
    request.versionTag !== undefined &&
    turn.state.definitions.get(task.definitionId)?.versionTag !== request.versionTag
  )
    return false;
  if (request.processVariables === undefined) return true;
  const root = turn.state.instances.get(task.processInstanceId)?.elements.get(task.processInstanceId);
  return Object.entries(request.processVariables).every(([name, value]) => root?.variables.get(name)?.value === value);
}

/** An external task as a worker gets it. */
export function describe(turn: Turn, taskId: number, request: TopicRequest): LockedTask {
  const task = turn.state.externalTasks.get(taskId);
  const definition = task === undefined ? undefined : turn.state.definitions.get(task.definitionId);
  if (task === undefined || definition === undefined) throw new Error(`external task ${taskId} has no definition`);
  const instance = turn.state.instances.get(task.processInstanceId);
  const capabilities = instance === undefined ? null : capabilitiesOf(turn, instance);
  const allowance = instance === undefined || !isAiTopic(task.topic) ? undefined : aiAllowance(turn, instance);
  return {
    ...(allowance === undefined ? {} : { aiBudget: allowance.left }),
    task: { ...task },
    variables: variablesFor(turn, task, request),
    versionTag: definition.versionTag,
    definitionVersion: definition.version,
    rootId: instance?.rootId ?? task.processInstanceId,
    ...(instance?.tags === undefined ? {} : { tags: instance.tags }),
    headers: task.errand?.headers ?? task.headers ?? headersOf(definition.model, task.elementId),
    ...(capabilities === null ? {} : { capabilities }),
  };
}

function variablesFor(turn: Turn, task: ExternalTask, request: TopicRequest): Variables {
  const instance = turn.state.instances.get(task.processInstanceId);
  const self = instance?.elements.get(task.elementInstanceId);
  if (instance === undefined || self === undefined) return {};
  const all = request.localVariables === true ? self.variables : undefined;
  const extra = task.errand?.variables ?? {};
  if (request.variables === undefined)
    return { ...Object.fromEntries(all ?? visibleVariables(instance, self)), ...extra };
  const chosen: [string, NonNullable<ReturnType<typeof lookup>>][] = [];
  for (const name of request.variables) {
    const own = Object.hasOwn(extra, name) ? extra[name] : undefined;
    const variable = own ?? (all === undefined ? lookup(instance, self, name) : all.get(name));
    if (variable !== undefined) chosen.push([name, variable]);
  }
  return Object.fromEntries(chosen);
}

/** Static data of the element that a worker needs: headers, extension properties, the script of a script task. */
function headersOf(model: ProcessModel, elementId: string): Readonly<Record<string, string>> {
  const element = model.elements[elementId];
  if (element === undefined) return {};
  if (element.type === 'scriptTask')
    return { script_format: element.script.format, script_source: element.script.source };
  const work =
    'work' in element
      ? element.work
      : 'event' in element && element.event.kind === 'message'
        ? element.event.work
        : undefined;
  return { ...element.properties, ...work?.headers };
}
