/** Services with a health URL are looked at by a system process, for as long as there are any. */
import type { Subject } from '@procos/engine';
import { messageOf } from '../log.ts';
import { type ProcessEngine, Unavailable } from '../process-engine.ts';

/** Looks at the health URLs, and ends when there is none left. */
export const SERVICE_HEALTH_PROCESS = 'procos_system_service_health';
const REGISTERED = 'procos.services.registered';
const BY: Subject = { kind: 'kernel', id: 'services' };

/** Begins to look, unless it is being done; null, or why nobody does. */
export async function watchHealth(engine: ProcessEngine): Promise<string | null> {
  const where = [
    { column: 'bpmnProcessId', op: '=', value: SERVICE_HEALTH_PROCESS },
    { column: 'endedAt', op: 'isNull' },
  ] as const;
  try {
    if (engine.count('processInstances', { where }) > 0) return null;
    const outcome = await engine.submit({ type: 'correlateMessage', name: REGISTERED, all: false }, BY);
    return outcome.ok ? null : outcome.rejection.message;
  } catch (error) {
    return error instanceof Unavailable ? null : messageOf(error);
  }
}
