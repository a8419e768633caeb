/** `procos shutdown`: tells PID 1 to run the shutdown process, and waits for its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcosClient, ProcosError } from '@procos/client';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

interface Options extends CommonOptions {
  readonly wait: boolean;
  readonly timeout: number;
}

export function shutdownCommand(shell: Shell): Command {
  return remoteCommand('shutdown', 'shut the system down: no new work, workers drained, all kept', [
    'procos shutdown',
    'procos shutdown --no-wait',
  ])
    .option('--no-wait', 'do not wait until it is down')
    .option('--timeout <seconds>', 'how long to wait', positive, 60)
    .action(async (options: Options) => {
      const client = clientOf(shell, options);
      await client.shutdown();
      const down = options.wait && (await isDown(client, options.timeout * 1000));
      if (options.wait && !down) {
        const message = `still shutting down after ${options.timeout} s; look at procos logs --kernel.`;
        throw new UserError('STILL_UP', message, EXIT.failed);
      }
      if (options.json) return printJson(shell, { down });
      shell.print(down ? 'ProcOS is down.' : 'ProcOS is shutting down.');
    });
}

async function isDown(client: ProcosClient, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (performance.now() < until) {
    try {
      await client.system();
    } catch (error) {
      if (error instanceof ProcosError && error.code === 'CONNECTION_REFUSED') return true;
      if (!(error instanceof ProcosError && error.temporary)) throw error;
    }
    await sleep(50);
  }
  return false;
}
