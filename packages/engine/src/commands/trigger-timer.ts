/** A timer is due: a waiting instance goes on, or a process starts; a repeating one is set again. */
import { reschedule } from '@procos/bpmn';
import { handOver } from '../actions/hand-over.ts';
import { createInstance } from '../actions/instances.ts';
import { mayStart } from '../actions/limits.ts';
import { deliverSignal } from '../actions/signals.ts';
import type { Turn } from '../actions/turn.ts';
import { visitInstances } from '../actions/visit-instances.ts';
import type { EventOf } from '../records/events.ts';
import type { Timer } from '../state/entities.ts';
import { continueTurn } from '../steps/continue-turn.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const triggerTimer: CommandHandler<'triggerTimer'> = (command, turn) => {
  const timer = turn.state.timers.get(command.timerId);
  if (timer === undefined)
    return reject('NOT_FOUND', `timer ${command.timerId} does not exist (any more)`, { timerId: command.timerId });
  if (timer.suspended)
    return reject('INVALID_STATE', `timer ${timer.id} is suspended: resume its process instance first`, {
      timerId: timer.id,
    });
  const { processInstanceId, elementInstanceId, elementId, definitionId } = timer;
  const part = timer.part === null ? {} : { part: timer.part };
  if (timer.chain !== undefined) turn.continue(timer.chain);
  turn.emit({ type: 'timerTriggered', timerId: timer.id, ...next(turn, timer) });
  if (timer.step?.kind === 'continueTurn') {
    continueTurn(turn, timer.step);
    return DONE;
  }
  if (timer.step?.kind === 'visitInstances') {
    visitInstances(turn, timer.step);
    return DONE;
  }
  if (timer.step?.kind === 'handOver') {
    handOver(turn, timer.step);
    return DONE;
  }
  if (timer.step?.kind === 'deliverSignal') {
    deliverSignal(turn, timer.step);
    return DONE;
  }
  if (timer.step !== null) {
    turn.enqueue(timer.step);
    return DONE;
  }
  if (processInstanceId !== null && elementInstanceId !== null) {
    turn.enqueue({
      kind: 'trigger',
      processInstanceId,
      elementInstanceId,
      eventElementId: elementId,
      trigger: {},
      ...part,
    });
    return DONE;
  }
  const definition = turn.startable(definitionId, elementId);
  if (definition !== undefined && mayStart(turn, definition, {})) {
    createInstance(turn, {
      definition,
      startElementId: elementId,
      ...part,
      businessKey: null,
      variables: {},
      parent: null,
    });
  }
  return DONE;
};

function next(turn: Turn, timer: Timer): Pick<EventOf<'timerTriggered'>, 'next'> {
  const model = turn.state.definitions.get(timer.definitionId)?.model;
  if (timer.repeat === null || model === undefined) return {};
  const following = reschedule(timer.repeat, timer.dueAt, turn.zone, model.dialect, turn.now);
  return following?.repeat === undefined ? {} : { next: { dueAt: following.dueAt, repeat: following.repeat } };
}
