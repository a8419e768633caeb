/** What a worker says of itself: again and again what it is and serves, as long as the server listens, and at last that it goes. */
import type { WorkerAnnouncement } from '@procos/protocol';
import { ProcosError } from '../error.ts';
import { pause } from '../pause.ts';
import type { Transport } from '../transport.ts';

/** Nobody waits longer for a worker that has nothing more to do. */
const GOODBYE_MS = 2_000;

/** Ends with the signal, or when the server does not know what it is told: it is no ProcOS, or an older one. Gives whether the server may know the worker. */
export async function keepAnnouncing(
  transport: Transport,
  announcement: WorkerAnnouncement,
  everyMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  let heard = false;
  while (!signal.aborted) {
    try {
      await transport.json('/api/workers', { method: 'POST', body: announcement, key: null, attempts: 1, signal });
      heard = true;
    } catch (error) {
      // Of what was cut off while it was under way nobody knows whether it was heard.
      if (signal.aborted) return true;
      // Lost, refused for now: what was not heard is said again.
      if (!(error instanceof ProcosError) || !error.temporary) return false;
    }
    await pause(everyMs, signal);
  }
  return heard;
}

/** Whether it is heard changes nothing: without it the worker is silent after a while. */
export async function sayGoodbye(transport: Transport, workerId: string): Promise<void> {
  const path = `/api/workers/${encodeURIComponent(workerId)}`;
  await transport.json(path, { method: 'DELETE', key: null, attempts: 1, timeoutMs: GOODBYE_MS }).catch(() => {});
}
