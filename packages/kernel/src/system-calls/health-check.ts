/** `procos.health.check`: how the engine, the disk, the event loop and the worker hosts are. */
import { dirname } from 'node:path';
import type { StoreDescription } from '@procos/store';
import type { Clock } from '../clock.ts';
import type { Hosts } from '../hosts.ts';
import type { KernelLog } from '../log.ts';
import type { Machine } from '../machine.ts';
import type { SystemCall } from './contract.ts';

const MAX_LATENCY_MS = 5_000;
const MAX_LOOP_DELAY_MS = 1_000;
const MIN_FREE_DISK = 64 * 1024 * 1024;

export interface HealthNeeds {
  readonly hosts: Hosts;
  readonly log: KernelLog;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly store: StoreDescription;
  /** A command that changes nothing, through the whole queue. */
  readonly noop: () => Promise<unknown>;
}

export function healthCheck({ hosts, log, clock, machine, store, noop }: HealthNeeds): SystemCall {
  return {
    topic: 'procos.health.check',
    async run(task) {
      const findings: string[] = [];
      const begun = clock.monotonicNow();
      await noop();
      const latencyMs = clock.monotonicNow() - begun;
      if (latencyMs > MAX_LATENCY_MS) findings.push(`The engine took ${Math.round(latencyMs)} ms to answer.`);

      const loopDelayMs = machine.eventLoopDelayMs();
      if (loopDelayMs > MAX_LOOP_DELAY_MS)
        findings.push(`The event loop was held up for ${Math.round(loopDelayMs)} ms.`);

      const freeDisk = store.path === null ? null : await machine.freeDiskBytes(dirname(store.path));
      if (freeDisk !== null && freeDisk < MIN_FREE_DISK)
        findings.push(`Only ${freeDisk} bytes are free for the store.`);

      for (const { name, state, silent } of hosts.status()) {
        if (silent) findings.push(`Worker host ${name} does not answer any more.`);
        if (state === 'stopped' || state === 'failed') findings.push(`Worker host ${name} does not run.`);
      }
      const metrics = {
        engine_latency_ms: tenths(latencyMs),
        event_loop_delay_p99_ms: tenths(loopDelayMs),
        store_bytes: store.sizeBytes(),
        free_disk_bytes: freeDisk,
        resident_bytes: machine.residentBytes(),
      };
      const healthy = findings.length === 0;
      const fields = { healthy, findings, ...metrics, correlation_id: task.processInstanceId };
      log.info('kernel_metrics_snapshot', healthy ? 'All is well.' : findings.join(' '), fields);
      return { variables: { healthy, findings, dead_hosts: hosts.unattended(), metrics } };
    },
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
