/** Cold boot of the whole system by its launcher: until the API answers, until PID 1 waits for work; resident memory after that. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SystemStatus } from '@procos/protocol';
import { median, ROOT, type Row, residentMb, type Scenario, withDirectory } from './harness.ts';

const ROUNDS = 5;
const GIVE_UP_MS = 30_000;

export const boot: Scenario = {
  name: 'boot',
  title: 'Cold boot and memory',
  async run() {
    const api: number[] = [];
    const ready: number[] = [];
    const kernel: number[] = [];
    const host: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const measured = await withDirectory(bootOnce);
      api.push(measured.apiMs);
      ready.push(measured.readyMs);
      kernel.push(measured.kernelMb);
      host.push(measured.hostMb);
    }
    return [
      { what: 'until the API answers, ms', value: median(api).toFixed(0), beside: 'goal ≤ 1,000' },
      { what: 'until PID 1 waits for work, ms', value: median(ready).toFixed(0), beside: 'goal ≤ 2,000' },
      { what: 'resident, kernel, MB', value: median(kernel).toFixed(0), beside: 'goal ≤ 150' },
      { what: 'resident, worker host, MB', value: median(host).toFixed(0), beside: 'goal ≤ 120' },
    ] satisfies Row[];
  },
};

async function bootOnce(
  directory: string,
): Promise<{ apiMs: number; readyMs: number; kernelMb: number; hostMb: number }> {
  const port = await freePort();
  const begin = performance.now();
  const child = spawn(
    process.execPath,
    [join(ROOT, 'packages/procos/bin/procos.js'), 'start', '--port', String(port), '--data', directory],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, PROCOS_LOG: 'info' },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  try {
    await poll(port, () => true);
    const apiMs = performance.now() - begin;
    const status = await poll(port, ({ phase }) => phase === 'ready');
    const readyMs = performance.now() - begin;
    const kernelPid = Number(/"os_pid":(\d+)/.exec(output)?.[1]);
    const hostPid = status.hosts[0]?.osPid ?? Number.NaN;
    return { apiMs, readyMs, kernelMb: await residentMb(kernelPid), hostMb: await residentMb(hostPid) };
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

async function poll(port: number, enough: (status: SystemStatus) => boolean): Promise<SystemStatus> {
  const until = performance.now() + GIVE_UP_MS;
  while (performance.now() < until) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/system`);
      const status = (await response.json()) as SystemStatus;
      if (response.ok && enough(status)) return status;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`ProcOS did not come up within ${GIVE_UP_MS} ms`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
