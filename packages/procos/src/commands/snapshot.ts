/** `procos snapshot export | validate | import`: instances into a file and back, by processes of the system. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, groupCommand, remoteCommand } from '../cli/command.ts';
import { runAsChild } from '../cli/running.ts';
import type { Shell } from '../cli/shell.ts';
import { UserError } from '../cli/user-error.ts';
import type { VariableMap } from '../cli/variables.ts';

export function snapshotCommand(shell: Shell): Command {
  return groupCommand('snapshot', 'freeze process instances into a file, look into one, bring them back', [
    'procos snapshot export --definition order --wipe before-move.snapshot',
    'procos snapshot validate before-move.snapshot',
    'procos snapshot import before-move.snapshot',
  ])
    .addCommand(exportCommand(shell))
    .addCommand(validateCommand(shell))
    .addCommand(importCommand(shell));
}

interface ExportOptions extends CommonOptions {
  readonly instance?: readonly string[];
  readonly definition?: string;
  readonly history?: boolean;
  readonly wipe?: boolean;
  readonly keepFrozen?: boolean;
}

function exportCommand(shell: Shell): Command {
  return remoteCommand('export', 'suspend instances, write them into one file, read it back, and let them go on', [
    'procos snapshot export',
    'procos snapshot export --instance 2041 --instance 2077 two.snapshot',
    'procos snapshot export --definition order --wipe',
  ])
    .argument('[name]', 'name of the file in the snapshots folder, ending in .snapshot (default: one with the pid)')
    .option('--instance <pid>', 'this one, with all that belongs to it; may be repeated', collect)
    .option('--definition <process>', 'all that run of this process (default: everything but the system itself)')
    .option('--history', 'write what is over in the instances, too, for who reads the file')
    .option('--wipe', 'end what was written, and take it out of the history')
    .option('--keep-frozen', 'leave it suspended')
    .action(async (name: string | undefined, options: ExportOptions) => {
      const { instance, definition, history = false, wipe = false, keepFrozen = false } = options;
      if (instance !== undefined && definition !== undefined)
        throw new UserError('USAGE', 'Give either --instance or --definition, or neither for everything.');
      await run(shell, options, 'procos_system_snapshot_export', {
        file: name ?? null,
        instances: instance?.map(pid) ?? null,
        process: definition ?? null,
        history,
        wipe,
        keep_frozen: keepFrozen,
      });
    });
}

function validateCommand(shell: Shell): Command {
  return remoteCommand('validate', 'read a snapshot whole: what it holds, and what importing it here would do', [
    'procos snapshot validate before-move.snapshot --json | jq .variables.report',
  ])
    .argument('<name>', 'name of the file in the snapshots folder')
    .action((name: string, options: CommonOptions) =>
      run(shell, options, 'procos_system_snapshot_validate', { file: name }),
    );
}

function importCommand(shell: Shell): Command {
  return remoteCommand('import', 'deploy what is missing and bring the instances of a snapshot, each where it stood', [
    'procos snapshot import before-move.snapshot',
    'procos snapshot import before-move.snapshot --keep-suspended',
  ])
    .argument('<name>', 'name of the file in the snapshots folder')
    .option('--keep-suspended', 'let nothing go on by itself')
    .action((name: string, options: CommonOptions & { readonly keepSuspended?: boolean }) => {
      const keep_suspended = options.keepSuspended === true;
      return run(shell, options, 'procos_system_snapshot_import', { file: name, keep_suspended });
    });
}

function run(shell: Shell, options: CommonOptions, process: string, variables: VariableMap): Promise<void> {
  const json = options.json === true;
  return runAsChild(shell, clientOf(shell, options), process, { json, var: variables, wait: true });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function pid(text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new UserError('USAGE', `"${text}" must be a process id.`);
  return Number(text);
}
