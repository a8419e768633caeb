/** `procos rollback PROCESS [--to VERSION]`: deploys an earlier version anew, so that it is the latest one. */
import type { DefinitionRow } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

interface Options extends CommonOptions {
  readonly to?: number;
}

export function rollbackCommand(shell: Shell): Command {
  return remoteCommand('rollback', 'make an earlier version of a process the latest one again', [
    'procos rollback order',
    'procos rollback procos_system_boot --to 1',
  ])
    .argument('<process>', 'process id, of the system or not')
    .option('--to <version>', 'the version to take (default: the newest whose model differs from the latest)', positive)
    .action(async (bpmnProcessId: string, options: Options) => {
      const client = clientOf(shell, options);
      const { definitions } = await client.definitions({ all: true });
      const versions = definitions.filter((row) => row.bpmnProcessId === bpmnProcessId);
      const target =
        options.to === undefined
          ? await newestOther(versions, (row) => client.definitionXml(row.definitionId))
          : versions.find(({ version }) => version === options.to);
      if (target === undefined) throw nothingThere(bpmnProcessId, versions, options.to);
      const reply = await client.redeploy(target.definitionId);
      if (options.json) return printJson(shell, reply);
      for (const { bpmnProcessId: id, version, resourceName } of reply.definitions) {
        const as = id === bpmnProcessId ? ` as it was in version ${target.version}` : '';
        shell.print(`deployed  ${id} version ${version}${as}  (${resourceName})`);
      }
    });
}

/** Versions come with the latest first. */
async function newestOther(
  versions: readonly DefinitionRow[],
  xmlOf: (row: DefinitionRow) => Promise<string>,
): Promise<DefinitionRow | undefined> {
  const [latest, ...earlier] = versions;
  if (latest === undefined) return undefined;
  const xml = await xmlOf(latest);
  for (const row of earlier) if ((await xmlOf(row)) !== xml) return row;
  return undefined;
}

function nothingThere(
  bpmnProcessId: string,
  versions: readonly DefinitionRow[],
  version: number | undefined,
): UserError {
  const numbers = versions.map((row) => row.version).join(', ');
  const what =
    versions.length === 0
      ? `There is no process ${bpmnProcessId}: see procos ps, or GET /api/definitions.`
      : version === undefined
        ? `All versions of ${bpmnProcessId} (${numbers}) have the same model: there is nothing to roll back to.`
        : `There is no version ${version} of ${bpmnProcessId}, but ${numbers}.`;
  return new UserError('NO_VERSION', what, EXIT.failed);
}
