/** Has a worker host of the tests stand still until it may go on: SIGSTOP could be ended by whoever sends SIGCONT to what is stopped on this machine. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fileOf = (kernelPid: number, hostPid: number): string =>
  join(tmpdir(), `procos-standstill-${kernelPid}-${hostPid}`);

/** For the test, which runs the kernel. Gives how the host goes on. */
export function standStill(hostPid: number): () => void {
  const file = fileOf(process.pid, hostPid);
  writeFileSync(file, '');
  return () => rmSync(file, { force: true });
}

/** For the host. */
export function whileStandingStill(): void {
  const file = fileOf(process.ppid, process.pid);
  while (existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}
