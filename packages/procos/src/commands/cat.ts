/** `procos cat /proc/…`: what a process and the system are at this moment, as text. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { printable } from '../cli/text.ts';
import { UserError } from '../cli/user-error.ts';

export function catCommand(shell: Shell): Command {
  return remoteCommand('cat', 'show files of /proc: what a process, or the system, is at this moment', [
    'procos cat /proc/2251/status',
    "procos cat /proc/2251/vars | grep '^amount='",
    'procos cat /proc/2251/vars/report > report.pdf',
    'procos cat /proc/loadavg --json',
  ])
    .argument(
      '<paths...>',
      '/proc/PID/status, tree, vars, vars/NAME, trace, limits or fd; /proc/uptime, loadavg, meminfo, version',
    )
    .action(async (paths: string[], options: CommonOptions) => {
      const client = clientOf(shell, options);
      for (const path of paths) {
        const [, inside] = /^\/proc(\/.*)?$/.exec(path) ?? [];
        if (!/^\/proc(\/|$)/.test(path) || path.split('/').includes('..'))
          throw new UserError('USAGE', `${path} is not below /proc: see procos cat /proc.`);
        const [, pid, name] = /^\/(\d+)\/vars\/([^/]+)$/.exec(inside ?? '') ?? [];
        if (pid !== undefined && name !== undefined && !options.json) {
          const { stream } = await client.variableContent(pid, decodeURIComponent(name));
          for await (const bytes of stream) await shell.writeBytes(bytes);
        } else if (options.json) printJson(shell, await client.procJson(inside ?? ''));
        else for (const line of linesOf(await client.proc(inside ?? ''))) shell.print(line);
      }
    });
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.split('\t').map(printable).join('\t'));
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
