/** `procos kill PID`: ends a process from outside. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

export function killCommand(shell: Shell): Command {
  return remoteCommand('kill', 'end processes, with their children', ['procos kill 2251', 'procos kill 2251 2260'])
    .argument('<pids...>', 'process ids as `procos ps` shows them')
    .action(async (pids: string[], options: CommonOptions) => {
      const client = clientOf(shell, options);
      const killed: string[] = [];
      for (const pid of pids) {
        const detail = await client.process(pid);
        if (detail.pid === '1') {
          throw new UserError('PID_1', 'PID 1 is the system itself; it ends with procos shutdown.', EXIT.failed);
        }
        if (detail.endedAt !== null) {
          throw new UserError('ENDED', `process ${pid} has ended already (${detail.state}).`, EXIT.failed);
        }
        await client.deleteInstance(detail.processInstanceId);
        killed.push(detail.pid);
        if (!options.json) shell.print(`killed ${detail.pid}  ${detail.bpmnProcessId}`);
      }
      if (options.json) printJson(shell, { killed });
    });
}
