/** Process ids: the instance's identity, or `1` for the current PID 1. */
import type { Call } from '../call.ts';
import { NO_ID, parseId } from '../ids.ts';
import { ApiRefusal } from './errors.ts';

/** The instance that the text names; `NO_ID` when it can be none. */
export function pidOf({ kernel }: Pick<Call, 'kernel'>, text: string): number {
  return text === '1' ? (kernel.status().rootInstanceId ?? NO_ID) : parseId(text);
}

/** The process of the path, running or ended; refused with 404 when there is none, or none that the caller may see. */
export function knownPid(call: Call): number {
  const pid = call.params['pid'] ?? '';
  const id = pidOf(call, pid);
  if (call.engine.count('processInstances', { where: [{ column: 'id', op: '=', value: id }] }) > 0) return id;
  throw noProcess(pid);
}

/** There is none, or none that the caller may see. */
export function noProcess(pid: string): ApiRefusal {
  return new ApiRefusal(404, 'NOT_FOUND', `There is no process ${pid}: see /api/processes?state=all.`);
}

/** How the instance is called: `1` when it is the current PID 1. */
export function pidText({ kernel }: Pick<Call, 'kernel'>, id: number): string {
  return kernel.status().rootInstanceId === id ? '1' : String(id);
}
