/** `procos move PID FROM TO`: a token goes on somewhere else. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { count } from '../cli/text.ts';

export function moveCommand(shell: Shell): Command {
  return remoteCommand('move', 'cancel an element that is active, and start another one instead', [
    'procos move 2251 approve archive',
  ])
    .argument('<pid>', 'process id as `procos ps` shows it')
    .argument('<from>', 'element that is active, as `procos inspect` shows it')
    .argument('<to>', 'element to start')
    .action(async (pid: string, from: string, to: string, options: CommonOptions) => {
      const { moved } = await clientOf(shell, options).move(pid, from, to);
      if (options.json) return printJson(shell, { pid, from, to, moved });
      shell.print(`moved ${count(moved, 'token')} from ${from} to ${to}  (process ${pid})`);
    });
}
