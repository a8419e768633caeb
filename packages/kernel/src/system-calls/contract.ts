/** What a system call is: an external task on a topic `procos.…` that the kernel itself serves. */
import type { Json } from '@procos/bpmn';
import type { Holder, TaskProgress } from '@procos/engine';

/** The task as its handler sees it. */
export interface SystemTask {
  readonly topic: string;
  readonly processInstanceId: number;
  /** It has failed before: somebody or the retries have sent it here again. */
  readonly again: boolean;
  /** The value visible to the task under this name; null when there is none. */
  readonly input: (name: string) => Json;
  /** The lock that the call runs under. */
  readonly holder: Holder;
  /** A call that works through a list: how far it had come when the lock was taken. */
  readonly progress: TaskProgress | undefined;
  /** Aborts when the kernel stops. */
  readonly stopping: AbortSignal;
}

export interface SystemResult {
  /** Results, local to the task: the model's output mapping places them. */
  readonly variables?: Readonly<Record<string, Json>>;
  /** Runs after the completion is on the disk. */
  readonly afterwards?: () => void;
}

export interface SystemCall {
  readonly topic: string;
  /** Must not block the event loop. Throws what the incident shall say; `Hopeless` when trying again is of no use. */
  run(task: SystemTask): Promise<SystemResult>;
}

/** Not now: the task is given back as it is, without a failure, and taken up again when it may be. */
export class Postponed extends Error {
  override readonly name = 'Postponed';
}

/** A failure that no retry mends: straight to an incident. */
export class Hopeless extends Error {
  override readonly name = 'Hopeless';
}
