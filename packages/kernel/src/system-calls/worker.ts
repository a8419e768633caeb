/** The worker inside the kernel: serves system calls to processes that may use them. */
import { inferVariable, permits } from '@procos/bpmn';
import type { CommandOf, Holder, LockedTask, Subject } from '@procos/engine';
import type { Clock } from '../clock.ts';
import type { Decision, Gate } from '../kernel-port.ts';
import { type KernelLog, messageOf, stackOf } from '../log.ts';
import { KERNEL_WORKER } from '../policy/reserved.ts';
import { type ProcessEngine, Unavailable } from '../process-engine.ts';
import { Hopeless, Postponed, type SystemCall, type SystemResult } from './contract.ts';

export interface SystemCallWorkerOptions {
  readonly engine: ProcessEngine;
  readonly calls: readonly SystemCall[];
  readonly gate: Gate;
  readonly log: KernelLog;
  readonly clock: Clock;
  /** Short, so that a task of a kernel that died is soon free again; extended while the call runs. */
  readonly lockMs?: number;
}

const BY: Subject = { kind: 'kernel', id: 'system-calls' };
const ATTEMPTS = 3;
const MAX_AT_ONCE = 16;
const POLL_MS = 600_000;
/** Until what could not be taken is asked again. */
const AGAIN_MS = 100;

export class SystemCallWorker {
  readonly #options: SystemCallWorkerOptions;
  readonly #lockMs: number;
  readonly #calls: ReadonlyMap<string, SystemCall>;
  readonly #stopped = new AbortController();
  /** Source of a definition's deployment. */
  readonly #sources = new Map<number, string | null>();

  constructor(options: SystemCallWorkerOptions) {
    this.#options = options;
    this.#lockMs = options.lockMs ?? 10_000;
    this.#calls = new Map(options.calls.map((call) => [call.topic, call]));
  }

  /** Serves until `stop`. */
  start(): void {
    this.#serve().catch((error: unknown) => {
      if (error instanceof Unavailable) return;
      this.#options.log.error('system_calls_stopped', `System calls are no longer served: ${messageOf(error)}`);
    });
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #serve(): Promise<void> {
    const { engine } = this.#options;
    const { signal } = this.#stopped;
    await this.#releaseLeftOvers();
    const topics = [...this.#calls.keys()].map((topic) => ({ topic, lockMs: this.#lockMs }));
    const fetch: CommandOf<'fetchAndLock'> = {
      type: 'fetchAndLock',
      workerId: KERNEL_WORKER,
      maxTasks: MAX_AT_ONCE,
      usePriority: false,
      topics,
    };
    while (!signal.aborted) {
      const outcome = await this.#untilTaken(() => engine.fetchAndLock(fetch, BY, { waitMs: POLL_MS, signal }));
      if (!outcome.ok) throw new Error(outcome.rejection.message);
      for (const task of outcome.value.tasks) void this.#run(task);
    }
  }

  /** Nobody but this kernel works under its name: locks found at the start belong to one that has died. */
  async #releaseLeftOvers(): Promise<void> {
    const { engine } = this.#options;
    const held = engine.find('externalTasks', { where: [{ column: 'workerId', op: '=', value: KERNEL_WORKER }] });
    for (const { id } of held)
      await this.#untilTaken(() => engine.submit({ type: 'unlockExternalTask', externalTaskId: id }, BY));
  }

  /** Again and again while the kernel has no room for it. */
  async #untilTaken<R>(ask: () => Promise<R>): Promise<R> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Unavailable) || !error.passes || this.#stopped.signal.aborted) throw error;
        await new Promise<void>((resolve) => this.#options.clock.after(AGAIN_MS, resolve));
      }
    }
  }

  async #run(locked: LockedTask): Promise<void> {
    const { log } = this.#options;
    const { topic, processInstanceId } = locked.task;
    const stopExtending = this.#keepLocked(locked);
    try {
      const result = await this.#call(locked);
      stopExtending();
      if (await this.#complete(locked, result)) result.afterwards?.();
    } catch (error) {
      stopExtending();
      if (error instanceof Unavailable) return;
      if (error instanceof Postponed) {
        await this.#giveBack(locked, error).catch(() => {});
        return;
      }
      const fields = { topic, correlation_id: processInstanceId };
      log.error('system_call_failed', `${topic}: ${messageOf(error)}`, fields);
      await this.#fail(locked, error).catch((why: unknown) => {
        log.warn('system_call_failed', `${topic}: the failure could not be recorded: ${messageOf(why)}`, fields);
      });
    }
  }

  async #call({ task, variables, capabilities }: LockedTask): Promise<SystemResult> {
    const declared = permits(capabilities ?? null, { kind: 'tasks', name: task.topic });
    if (!declared.allowed) throw new Hopeless(`Process ${task.bpmnProcessId}: ${declared.reason}.`);
    const decision = this.#mayUse(task);
    if (!decision.allowed) throw new Hopeless(decision.reason);
    const call = this.#calls.get(task.topic);
    if (!call) throw new Hopeless(`There is no system call ${task.topic}.`);
    return call.run({
      topic: task.topic,
      processInstanceId: task.processInstanceId,
      again: task.errorMessage !== null,
      input: (name) => variables[name]?.value ?? null,
      holder: holderOf(task),
      progress: task.progress,
      stopping: this.#stopped.signal,
    });
  }

  #mayUse({ topic, bpmnProcessId, definitionId }: LockedTask['task']): Decision {
    const source = this.#sourceOf(definitionId);
    return this.#options.gate.decide({
      subject: { kind: 'worker', id: bpmnProcessId },
      action: 'systemCall.use',
      resource: { topic, bpmnProcessId, source: source ?? '' },
    });
  }

  #sourceOf(definitionId: number): string | null {
    const known = this.#sources.get(definitionId);
    if (known !== undefined) return known;
    const { engine } = this.#options;
    const definition = engine.find('definitions', { where: [{ column: 'id', op: '=', value: definitionId }] })[0];
    if (!definition) return null;
    const where = [{ column: 'id', op: '=', value: definition.deploymentId }] as const;
    const source = engine.find('deployments', { where })[0]?.source ?? null;
    this.#sources.set(definitionId, source);
    return source;
  }

  /** True when the engine took the result; false when the task is gone, with its process or its attempt. */
  async #complete({ task }: LockedTask, { variables }: SystemResult): Promise<boolean> {
    const { engine, log } = this.#options;
    const localVariables = Object.fromEntries(
      Object.entries(variables ?? {}).map(([name, value]) => [name, inferVariable(value)]),
    );
    const complete: CommandOf<'completeExternalTask'> = {
      type: 'completeExternalTask',
      ...holderOf(task),
      localVariables,
    };
    const outcome = await this.#untilTaken(() => engine.submit(complete, BY));
    if (outcome.ok) return true;
    const fields = { topic: task.topic, correlation_id: task.processInstanceId };
    log.info('system_call_outdated', `${task.topic}: ${outcome.rejection.message}`, fields);
    return false;
  }

  async #giveBack({ task }: LockedTask, { message }: Postponed): Promise<void> {
    const { externalTaskId, lockCount } = holderOf(task);
    await this.#options.engine.submit({ type: 'unlockExternalTask', externalTaskId, lockCount }, BY);
    this.#options.log.info('system_call_postponed', `${task.topic}: ${message}`, {
      topic: task.topic,
      correlation_id: task.processInstanceId,
    });
  }

  async #fail({ task }: LockedTask, error: unknown): Promise<void> {
    const left = error instanceof Hopeless ? 0 : Math.max(0, (task.retries ?? ATTEMPTS) - 1);
    const outcome = await this.#options.engine.submit(
      {
        type: 'failExternalTask',
        ...holderOf(task),
        errorMessage: messageOf(error),
        errorDetails: stackOf(error),
        retries: left,
        retryAfterMs: left === 0 ? 0 : 1_000 * 2 ** Math.max(0, ATTEMPTS - 1 - left),
      },
      BY,
    );
    if (!outcome.ok) this.#options.log.info('system_call_outdated', `${task.topic}: ${outcome.rejection.message}`);
  }

  #keepLocked({ task }: LockedTask): () => void {
    const { engine, clock } = this.#options;
    const holder = holderOf(task);
    let cancel = (): void => {};
    const again = (): void => {
      cancel = clock.after(this.#lockMs / 3, () => {
        engine.submit({ type: 'extendLock', ...holder, lockMs: this.#lockMs }, BY).catch(() => {});
        again();
      });
    };
    again();
    return () => cancel();
  }
}

function holderOf({ id, lockCount }: LockedTask['task']): Required<Holder> {
  return { externalTaskId: id, workerId: KERNEL_WORKER, lockCount };
}
