/** Process ids: the instance's identity, or `1` for the current PID 1. */
import type { Call } from '../call.ts';
import { NO_ID, parseId } from '../ids.ts';

/** The instance that the text names; `NO_ID` when it can be none. */
export function pidOf({ kernel }: Pick<Call, 'kernel'>, text: string): number {
  return text === '1' ? (kernel.status().rootInstanceId ?? NO_ID) : parseId(text);
}

/** How the instance is called: `1` when it is the current PID 1. */
export function pidText({ kernel }: Pick<Call, 'kernel'>, id: number): string {
  return kernel.status().rootInstanceId === id ? '1' : String(id);
}
