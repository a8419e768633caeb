/** `procos.health.check`: how the engine, the disk, the event loop and the worker hosts are. */
import { dirname } from 'node:path';
import { type Json, jsonOf } from '@procos/bpmn';
import type { StoreDescription } from '@procos/store';
import type { Clock } from '../clock.ts';
import type { Hosts } from '../hosts.ts';
import type { RecoveryPlan } from '../kernel-port.ts';
import type { KernelLog } from '../log.ts';
import type { Machine } from '../machine.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { RECOVERY_PROCESS } from '../recovery/facts.ts';
import type { SystemCall } from './contract.ts';

const MAX_LATENCY_MS = 5_000;
const MAX_LOOP_DELAY_MS = 1_000;
const MIN_FREE_DISK = 64 * 1024 * 1024;
/** Open ones that are worth a look of their own. */
const MANY_INCIDENTS = 100;

/** A finding that the tables have a row for and that nobody takes care of so far. Not each of them is unhealthy. */
export interface HealthProblem {
  /** Business key of its recovery: while that runs there is no second one. */
  readonly key: string;
  readonly code: 'worker_host_missing' | 'disk_low' | 'many_incidents';
  /** The worker host; null where it is about none. */
  readonly component: string | null;
  readonly message: string;
}

export interface HealthNeeds {
  readonly hosts: Hosts;
  readonly log: KernelLog;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly store: StoreDescription;
  readonly engine: () => Pick<ProcessEngine, 'find' | 'count'>;
  /** What the tables say about a finding. */
  readonly planFor: (facts: Readonly<Record<string, Json>>) => Pick<RecoveryPlan, 'rule'>;
  /** A command that changes nothing, through the whole queue. */
  readonly noop: () => Promise<unknown>;
}

export function healthCheck({ hosts, log, clock, machine, store, engine, planFor, noop }: HealthNeeds): SystemCall {
  return {
    topic: 'procos.health.check',
    async run(task) {
      /** To have the system boot anew would mend nothing of it: whoever has much to do is not ill. */
      const slow: string[] = [];
      const findings: string[] = [];
      const begun = clock.monotonicNow();
      await noop();
      const latencyMs = clock.monotonicNow() - begun;
      if (latencyMs > MAX_LATENCY_MS) slow.push(`The engine took ${Math.round(latencyMs)} ms to answer.`);

      const loopDelayMs = machine.eventLoopDelayMs();
      if (loopDelayMs > MAX_LOOP_DELAY_MS) slow.push(`The event loop was held up for ${Math.round(loopDelayMs)} ms.`);

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
      const told = [...slow, ...findings];
      const fields = { healthy, findings: told, ...metrics, correlation_id: task.processInstanceId };
      log.info('kernel_metrics_snapshot', told.length === 0 ? 'All is well.' : told.join(' '), fields);
      const unattended = problems({ hosts, freeDisk, incidents: engine().count('incidents') }).filter(
        ({ key, code, component, message }) =>
          planFor({ kind: 'health', code, component, message }).rule !== null && !isTakenCareOf(engine(), key),
      );
      const variables = {
        healthy,
        findings: told,
        dead_hosts: hosts.unattended(),
        metrics,
        problems: jsonOf(unattended),
        problem_count: unattended.length,
      };
      return { variables };
    },
  };
}

function problems({
  hosts,
  freeDisk,
  incidents,
}: {
  readonly hosts: Hosts;
  readonly freeDisk: number | null;
  readonly incidents: number;
}): readonly HealthProblem[] {
  const found: HealthProblem[] = hosts.unattended().map((component) => ({
    key: `health worker_host_missing ${component}`,
    code: 'worker_host_missing',
    component,
    message: `Worker host ${component} does not run.`,
  }));
  function add(code: HealthProblem['code'], message: string): void {
    found.push({ key: `health ${code}`, code, component: null, message });
  }
  if (freeDisk !== null && freeDisk < MIN_FREE_DISK) add('disk_low', `Only ${freeDisk} bytes are free for the store.`);
  if (incidents >= MANY_INCIDENTS) add('many_incidents', `${incidents} incidents are open.`);
  return found;
}

function isTakenCareOf(engine: Pick<ProcessEngine, 'find'>, key: string): boolean {
  const where = [
    { column: 'businessKey', op: '=', value: key },
    { column: 'state', op: '=', value: 'active' },
  ] as const;
  return engine.find('processInstances', { where }).some(({ bpmnProcessId }) => bpmnProcessId === RECOVERY_PROCESS);
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
