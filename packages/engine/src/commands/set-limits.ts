/** An owner says how much a definition, a tenant or one instance may use, and how soon it gets its turn. */
import { LIMIT_KINDS, type LimitKind, POOL_LIMITS } from '@procos/bpmn';
import { watchTime } from '../actions/limits.ts';
import type { Turn } from '../actions/turn.ts';
import { visitLater } from '../actions/visit-instances.ts';
import type { CommandOf } from '../records/commands.ts';
import type { Rejection } from '../records/rejection.ts';
import { priorityOf } from '../state/controls.ts';
import type { ControlTarget, ProcessInstance } from '../state/entities.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

const NICEST = 19;
const LEAST_NICE = -20;

export const setLimits: CommandHandler<'setLimits'> = (command, turn) => {
  const { target, limits = {}, nice, reason } = command;
  const wrong = refuse(command, turn);
  if (wrong !== undefined) return { ok: false, rejection: wrong };
  const set = {
    type: 'limitsSet',
    target,
    limits,
    by: turn.by,
    reason,
    ...(nice === undefined ? {} : { nice }),
  } as const;
  if (target.kind === 'instance') {
    const instance = turn.state.instances.get(target.processInstanceId);
    if (instance === undefined) return reject('NOT_FOUND', `process instance ${target.processInstanceId} does not run`);
    const before = priorityOf(turn.state, turn.definition(instance), instance);
    turn.emit(set);
    if (limits.time !== undefined) watchTime(turn, instance);
    if (nice !== undefined) rank(turn, instance, before);
    return DONE;
  }
  const known = turn.state.controls.of(target);
  const counts = limits.instances != null && known?.living === undefined;
  const upTo = turn.ids.next();
  const controlId = known?.id ?? upTo;
  turn.emit({ ...set, controlId, ...(counts ? { countFrom: upTo } : {}) });
  if (counts) visitLater(turn, controlId, 'count', upTo - 1);
  if (limits.time !== undefined) visitLater(turn, controlId, 'time', upTo - 1);
  return DONE;
};

function refuse({ target, limits = {}, nice, reason }: CommandOf<'setLimits'>, turn: Turn): Rejection | undefined {
  const wrong = (message: string): Rejection => ({ code: 'INVALID_ARGUMENT', message });
  if (reason.trim() === '') return wrong('give a reason: it is shown to whoever reaches the limit');
  for (const [kind, value] of Object.entries(limits)) {
    if (!LIMIT_KINDS.includes(kind as LimitKind))
      return wrong(`there is no limit '${kind}': it must be one of ${LIMIT_KINDS.join(', ')}`);
    if (target.kind === 'instance' && (POOL_LIMITS as readonly string[]).includes(kind))
      return wrong(`limit '${kind}' is one of a definition or tenant, not of one instance`);
    if (value !== null && !(Number.isSafeInteger(value) && value >= 0))
      return wrong(`limit '${kind}' must be a whole number, 0 or more: ${value}`);
  }
  if (nice != null && !(Number.isInteger(nice) && nice >= LEAST_NICE && nice <= NICEST))
    return wrong(`nice must be a whole number from ${LEAST_NICE} to ${NICEST}: ${nice}`);
  if (Object.keys(limits).length === 0 && nice === undefined) return wrong('name at least one limit, or nice');
  if (target.kind === 'tenant' && target.tenantId === '') return wrong('tenantId is empty: name the tenant');
  return target.kind === 'definition' && !isDeployed(target, turn)
    ? {
        code: 'NOT_FOUND',
        message: `process '${target.bpmnProcessId}'${target.version === null ? '' : ` version ${target.version}`} is not deployed`,
        details: { bpmnProcessId: target.bpmnProcessId },
      }
    : undefined;
}

function isDeployed(
  { bpmnProcessId, tenantId, version }: Extract<ControlTarget, { readonly kind: 'definition' }>,
  { state }: Turn,
): boolean {
  const { definitions } = state;
  return version === null
    ? definitions.latest(bpmnProcessId, tenantId) !== undefined
    : definitions.version(bpmnProcessId, version, tenantId) !== undefined;
}

/** What waits in it, and has its place by how nice the instance was, has it by how nice it is now. */
function rank(turn: Turn, instance: ProcessInstance, before: number): void {
  const model = turn.model(instance);
  const priority = priorityOf(turn.state, turn.definition(instance), instance);
  if (priority === before) return;
  for (const self of instance.elements.values()) {
    const task = self.externalTaskId === null ? undefined : turn.state.externalTasks.get(self.externalTaskId);
    const element = model.elements[self.elementId];
    const given =
      task?.errand === null && element !== undefined && 'work' in element && element.work?.priority !== undefined;
    if (task !== undefined && !given && task.priority === before)
      turn.emit({ type: 'externalTaskPrioritySet', externalTaskId: task.id, priority });
    for (const timerId of self.timers) {
      const timer = turn.state.timers.get(timerId);
      if (
        timer === undefined ||
        timer.priority !== before ||
        model.elements[timer.elementId]?.jobPriority !== undefined
      )
        continue;
      turn.emit({ type: 'timerPrioritySet', timerId, priority });
    }
  }
}
