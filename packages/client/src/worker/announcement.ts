/** Says again and again what a worker is and serves, as long as the server listens. */
import type { WorkerAnnouncement } from '@procos/protocol';
import { ProcosError } from '../error.ts';
import { pause } from '../pause.ts';
import type { Transport } from '../transport.ts';

/** Ends with the signal, or when the server does not know what it is told: it is no ProcOS, or an older one. */
export async function keepAnnouncing(
  transport: Transport,
  announcement: WorkerAnnouncement,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await transport.json('/api/workers', { method: 'POST', body: announcement, key: null, attempts: 1, signal });
    } catch (error) {
      // Lost, refused for now: what was not heard is said again.
      if (!(error instanceof ProcosError) || !error.temporary) return;
    }
    await pause(everyMs, signal);
  }
}
