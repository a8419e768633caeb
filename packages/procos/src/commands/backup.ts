/** `procos backup [NAME]`: has PID 1 run the backup process. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, remoteCommand } from '../cli/command.ts';
import { runAsChild } from '../cli/running.ts';
import type { Shell } from '../cli/shell.ts';

export function backupCommand(shell: Shell): Command {
  return remoteCommand('backup', 'copy the store into one file while everything goes on, and read the copy back', [
    'procos backup',
    'procos backup before-upgrade.db --json | jq -r .variables.path',
  ])
    .argument('[name]', 'name of the file in the backups folder, ending in .db (default: one with the pid)')
    .action(async (name: string | undefined, options: CommonOptions) => {
      const variables = name === undefined ? {} : { file: name };
      const json = options.json === true;
      await runAsChild(shell, clientOf(shell, options), 'procos_system_backup', { json, var: variables, wait: true });
    });
}
