/** Services with a health URL are looked at by a system process, for as long as there are any. */
import type { Subject } from '@procos/engine';
import { messageOf } from '../log.ts';
import { type ProcessEngine, Unavailable } from '../process-engine.ts';

/** Looks at the health URLs, and ends when there is none left. */
export const SERVICE_HEALTH_PROCESS = 'procos_system_service_health';
const REGISTERED = 'procos.services.registered';
const BY: Subject = { kind: 'kernel', id: 'services' };

/** Has them looked at now, or, while that is being done already, within half a minute; null, or why nobody looks. */
export async function watchHealth(engine: ProcessEngine): Promise<string | null> {
  const where = [
    { column: 'bpmnProcessId', op: '=', value: SERVICE_HEALTH_PROCESS },
    { column: 'endedAt', op: 'isNull' },
  ] as const;
  const correlate = { type: 'correlateMessage', name: REGISTERED, all: false } as const;
  try {
    const [running] = engine.find('processInstances', { where, limit: 1 });
    if (running === undefined) {
      const outcome = await engine.submit(correlate, BY);
      return outcome.ok ? null : outcome.rejection.message;
    }
    // Refused when it does not rest just now.
    await engine.submit({ ...correlate, processInstanceId: running.id }, BY);
    return null;
  } catch (error) {
    return error instanceof Unavailable ? null : messageOf(error);
  }
}
