/** What an operator does to a timer by hand: set it to another time, let it rest, have its time evaluated anew, take it away. */
import { Fault } from '../actions/fault.ts';
import { timerRule } from '../actions/timer-rules.ts';
import { type Turn, visit } from '../actions/turn.ts';
import { planStart, planWaits, type Wait } from '../actions/waits.ts';
import type { Timer } from '../state/entities.ts';
import { type CommandHandler, DONE, type Refused, reject } from './handler.ts';

export const changeTimer: CommandHandler<'changeTimer'> = ({ type: _, timerId, ...changes }, turn) => {
  const found = find(turn, timerId);
  if (!found.ok) return found;
  for (const name of ['dueAt', 'priority'] as const) {
    const value = changes[name];
    if (value !== undefined && !Number.isSafeInteger(value))
      return reject('INVALID_ARGUMENT', `${name} must be a whole number, not ${value}`, { timerId });
  }
  const { timer } = found;
  const resumes = changes.suspended === false && timer.suspended;
  const instance = timer.processInstanceId === null ? undefined : turn.state.instances.get(timer.processInstanceId);
  if (resumes && instance?.suspended === true)
    return reject('INVALID_STATE', `timer ${timerId} rests with its process instance: resume that`, { timerId });
  turn.emit({ type: 'timerChanged', timerId, ...changes });
  return DONE;
};

export const setTimerRule: CommandHandler<'setTimerRule'> = (command, turn) => {
  const { definitionId, elementId, from } = command;
  const definition = turn.state.definitions.get(definitionId);
  if (definition?.model.elements[elementId] === undefined)
    return reject('NOT_FOUND', `process definition ${definitionId} has no element '${elementId}'`, { definitionId });
  const before = timerRule(definition, { elementId, from });
  const priority = command.priority === undefined ? before?.priority : (command.priority ?? undefined);
  if (priority !== undefined && !Number.isSafeInteger(priority))
    return reject('INVALID_ARGUMENT', `priority must be a whole number, not ${priority}`, { definitionId });
  const suspended = command.suspended ?? before?.suspended ?? false;
  turn.emit({
    type: 'timerRuleSet',
    definitionId,
    rule: { elementId, from, ...(suspended ? { suspended } : {}), ...(priority === undefined ? {} : { priority }) },
  });
  return DONE;
};

export const recalculateTimer: CommandHandler<'recalculateTimer'> = ({ timerId, setAt }, turn) => {
  const found = find(turn, timerId);
  if (!found.ok) return found;
  const { timer } = found;
  const waits = timer.step === null ? plan(turn, timer) : [];
  if (waits instanceof Fault) return reject('INVALID_STATE', waits.message, { timerId });
  const wait = waits.find((one) => one.kind === 'timer' && one.part === timer.part);
  if (wait?.kind !== 'timer')
    return reject('INVALID_STATE', `timer ${timerId} is no timer event of its model: it has no time to be evaluated`, {
      timerId,
    });
  const earlier = setAt === undefined || !isDuration(turn, timer) ? 0 : turn.now - setAt;
  turn.emit({ type: 'timerChanged', timerId, dueAt: wait.dueAt - earlier });
  return DONE;
};

/** A date is what it is, whenever it is looked at. */
function isDuration(turn: Turn, { definitionId, elementId, part }: Timer): boolean {
  const element = turn.state.definitions.get(definitionId)?.model.elements[elementId];
  const event = element !== undefined && 'event' in element ? element.event : undefined;
  const single = event?.kind === 'multiple' ? event.events[part ?? 0] : event;
  return single?.kind === 'timer' && single.timer === 'duration';
}

export const removeTimer: CommandHandler<'removeTimer'> = ({ timerId }, turn) => {
  const found = find(turn, timerId);
  if (!found.ok) return found;
  turn.emit({ type: 'timerCanceled', timerId });
  return DONE;
};

function plan(turn: Turn, timer: Timer): readonly Wait[] | Fault {
  const { processInstanceId, elementInstanceId, elementId, definitionId } = timer;
  if (processInstanceId === null || elementInstanceId === null) {
    const model = turn.state.definitions.get(definitionId)?.model;
    return model === undefined ? [] : planStart(turn, model, elementId);
  }
  const at = visit(turn, processInstanceId, elementInstanceId);
  return at === undefined ? [] : planWaits(at, false, (id) => id === elementId);
}

function find(turn: Turn, timerId: number): { readonly ok: true; readonly timer: Timer } | Refused {
  const timer = turn.state.timers.get(timerId);
  if (timer === undefined) return reject('NOT_FOUND', `timer ${timerId} does not exist (any more)`, { timerId });
  return { ok: true, timer };
}
