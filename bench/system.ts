/** The whole system started by its launcher as a process of its own: kernel, server and worker host. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SystemStatus } from '@procos/protocol';
import { ROOT } from './harness.ts';

const GIVE_UP_MS = 30_000;

export interface System {
  readonly url: string;
  readonly child: ChildProcess;
  /** Process ids of the operating system. */
  readonly kernelPid: number;
  readonly hostPid: number;
  /** From the start of the launcher, ms. */
  readonly apiMs: number;
  readonly readyMs: number;
  /** Down in order; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Resolves once PID 1 waits for work. */
export async function startSystem(directory: string): Promise<System> {
  const port = await freePort();
  const begin = performance.now();
  const child = spawn(
    process.execPath,
    [join(ROOT, 'packages/procos/bin/procos.js'), 'start', '--port', String(port), '--data', directory],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PROCOS_LOG: 'info', PROCOS_GRPC_PORT: '0' } },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (output.length < 100_000) output += chunk.toString('utf8');
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-10_000);
  });
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const stop = (): Promise<void> => {
    child.kill('SIGTERM');
    return exited;
  };
  try {
    const isRunning = () => child.exitCode === null && child.signalCode === null;
    await poll(port, isRunning, () => true);
    const apiMs = performance.now() - begin;
    const status = await poll(port, isRunning, ({ phase }) => phase === 'ready');
    const readyMs = performance.now() - begin;
    const kernelPid = Number(/"os_pid":(\d+)/.exec(output)?.[1]);
    const hostPid = status.hosts[0]?.osPid ?? Number.NaN;
    return { url: `http://127.0.0.1:${port}`, child, kernelPid, hostPid, apiMs, readyMs, stop };
  } catch (error) {
    await stop();
    throw new Error(`ProcOS did not come up: ${errors || output.slice(-2_000)}`, { cause: error });
  }
}

async function poll(
  port: number,
  isRunning: () => boolean,
  enough: (status: SystemStatus) => boolean,
): Promise<SystemStatus> {
  const until = performance.now() + GIVE_UP_MS;
  while (isRunning() && performance.now() < until) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/system`);
      const status = (await response.json()) as SystemStatus;
      if (response.ok && enough(status)) return status;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(isRunning() ? `not within ${GIVE_UP_MS} ms` : 'its process has ended');
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
