/** Power-on: start or resume PID 1, and let PID 1 do the rest. */
import type { ProcessInstanceId, Subject } from '@procos/engine';
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
