/** Power-on: start or resume PID 1, and let PID 1 do the rest. */
import type { ProcessInstanceId, Subject } from '@procos/engine';
import { EXIT_STORE_FAILED, type Stopped } from './kernel-options.ts';
import type { KernelLog } from './log.ts';
import type { ProcessEngine } from './process-engine.ts';

export const ROOT_PROCESS = 'procos_system_orchestrator';
export const POWER_ON = 'procos.power_on';
export const USER_REQUEST = 'procos.user_request';
export const SHUTDOWN = 'procos.shutdown';

export const BOOT: Subject = { kind: 'kernel', id: 'boot' };

/** The system cannot start; the message says why and what to do. */
export class BootFailure extends Error {
  override readonly name = 'BootFailure';
  /** That of the process. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Waits for a boot. What a store has not answered when it failed is never answered: whoever boots must not wait for that. */
export async function untilBooted(booted: Promise<void>, stopped: Promise<Stopped>): Promise<void> {
  const end = await Promise.race([booted, stopped]);
  if (end?.exitCode === EXIT_STORE_FAILED)
    throw new BootFailure('The store failed while PID 1 was started; the log says how. Start again.', end.exitCode);
  await booted;
}

/** Starts PID 1, or names the one there is: never a second one. */
export async function startRoot(engine: ProcessEngine, log: KernelLog): Promise<ProcessInstanceId> {
  const definition = { bpmnProcessId: ROOT_PROCESS };
  const outcome = await engine.submit({ type: 'createProcessInstance', definition, asRoot: true }, BOOT);
  if (!outcome.ok) throw new BootFailure(`PID 1 cannot be started: ${outcome.rejection.message}`);
  const { processInstanceId, version } = outcome.value;
  const fields = { process_instance_id: processInstanceId, version, correlation_id: processInstanceId };
  log.info('root_process', `PID 1 is process instance ${processInstanceId}.`, fields);
  return processInstanceId;
}

/** Tells a PID 1 that stands parked after a shutdown to boot. False: it does not stand there. */
export async function powerOn(engine: ProcessEngine, rootId: ProcessInstanceId): Promise<boolean> {
  if (!waitsFor(engine, rootId, POWER_ON)) return false;
  const outcome = await engine.submit(
    { type: 'correlateMessage', name: POWER_ON, processInstanceId: rootId, all: false },
    BOOT,
  );
  return outcome.ok;
}

export function waitsFor(engine: ProcessEngine, rootId: ProcessInstanceId, name: string): boolean {
  return (
    engine.count('subscriptions', {
      where: [
        { column: 'processInstanceId', op: '=', value: rootId },
        { column: 'name', op: '=', value: name },
      ],
    }) > 0
  );
}
