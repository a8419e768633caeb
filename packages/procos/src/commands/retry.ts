/** `procos retry PID`: what stands in an incident is tried again. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { printable } from '../cli/text.ts';

interface Options extends CommonOptions {
  readonly retries?: number;
}

export function retryCommand(shell: Shell): Command {
  return remoteCommand('retry', 'try again what stands in the incidents of processes', [
    'procos retry 2251',
    'procos retry 2251 2260 --retries 3',
  ])
    .argument('<pids...>', 'process ids as `procos ps` shows them')
    .option('--retries <number>', 'attempts that tasks of workers get (default: 1)', positive)
    .action(async (pids: string[], { retries, ...options }: Options) => {
      const client = clientOf(shell, options);
      const all = [];
      for (const pid of pids) {
        const { retried } = await client.retry(pid, retries === undefined ? {} : { retries });
        all.push({ pid, retried });
        if (options.json) continue;
        for (const { elementId, message } of retried)
          shell.print(`tries again ${pid}  ${elementId}: ${printable(message)}`);
      }
      if (options.json) printJson(shell, { processes: all });
    });
}
