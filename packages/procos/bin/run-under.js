// Runs another Node in the place of this one. Plain JavaScript that every Node from 20 on reads.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** As this process would run it: same terminal, same signals, same end. */
export function runUnder(node, args, env) {
  // The channel carries nothing: its end tells the child that this process is gone, however it went.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(node, args, { stdio, env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`ProcOS cannot run ${node}: ${error.message}. Run npm install again.`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
