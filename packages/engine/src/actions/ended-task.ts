/** An external task is over: what its workers had said about it goes with the event, since its row goes. */
import type { EventOf } from '../records/events.ts';
import type { ElementInstanceId, ExternalTaskId, ProcessInstanceId } from '../records/ids.ts';
import type { ExternalTask } from '../state/entities.ts';
import type { Turn } from './turn.ts';

interface Of {
  readonly processInstanceId: ProcessInstanceId;
  readonly elementInstanceId: ElementInstanceId;
}

type Denied = NonNullable<EventOf<'externalTaskCompleted'>['denied']>;
type Thrown = NonNullable<EventOf<'externalTaskCanceled'>['thrown']>;

export function completeTask(turn: Turn, task: ExternalTask, of: Of, denied?: Denied): void {
  const { id: externalTaskId, workerId } = task;
  const more = denied === undefined ? {} : { denied };
  turn.emit({ type: 'externalTaskCompleted', ...of, externalTaskId, workerId, ...failureOf(task), ...more });
}

/** `thrown`: its worker has ended it by this error. */
export function cancelTask(turn: Turn, externalTaskId: ExternalTaskId, of: Of, thrown?: Thrown): void {
  const task = turn.state.externalTasks.get(externalTaskId);
  const more = thrown === undefined ? {} : { thrown };
  turn.emit({ type: 'externalTaskCanceled', externalTaskId, ...of, ...failureOf(task), ...more });
}

/** Most have never failed, and say nothing. */
function failureOf(task: ExternalTask | undefined): Pick<EventOf<'externalTaskCanceled'>, 'failed'> {
  if (task === undefined || task.errorMessage === null) return {};
  return { failed: { errorMessage: task.errorMessage, retries: task.retries } };
}
