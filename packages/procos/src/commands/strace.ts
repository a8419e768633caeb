/** `procos strace PID`: what a process and those that it calls do, step by step, as it happens. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, remoteCommand } from '../cli/command.ts';
import { followProcess } from '../cli/following.ts';
import type { Shell } from '../cli/shell.ts';
import { clock, paint, printable } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

export function straceCommand(shell: Shell): Command {
  return remoteCommand('strace', 'follow a process: elements, variables, tasks; with --json one object per line', [
    'procos strace 2251',
    'procos strace 2251 --json | jq .text',
  ])
    .argument('<pid>', 'process id as `procos ps` shows it')
    .action(async (pid: string, options: CommonOptions) => {
      const client = clientOf(shell, options);
      const { processInstanceId, endedAt, state } = await client.process(pid);
      if (endedAt !== null)
        throw new UserError(
          'ENDED',
          `process ${pid} has ended already (${state}): procos logs --pid ${pid} shows what it did.`,
          EXIT.failed,
        );
      const { store } = await client.system();
      const end = await followProcess(client, processInstanceId, {
        after: store.lastSequence,
        signal: shell.interrupted,
        keepWaiting: true,
        onEvent: (event, at) => {
          if (options.json) return shell.print(JSON.stringify({ at, ...event }));
          const child = event.pid === processInstanceId ? '' : `${paint(shell, 'cyan', event.pid ?? '')} `;
          const what = paint(shell, 'dim', `[${event.type}]`);
          shell.print(`${paint(shell, 'dim', clock(at))}  ${child}${printable(event.text)}  ${what}`);
        },
      });
      if (end === 'interrupted') shell.exitCode = EXIT.interrupted;
    });
}
