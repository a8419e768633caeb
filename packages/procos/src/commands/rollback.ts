/** `procos rollback PROCESS [--to VERSION]`: deploys an earlier version of a process or a decision anew, so that it is the latest one. */
import { type ProcosClient, ProcosError } from '@procos/client';
import type { DraftReply } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import { deployDraft } from '../cli/deploying-process.ts';
import type { Shell } from '../cli/shell.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

interface Options extends CommonOptions {
  readonly to?: number;
}

export function rollbackCommand(shell: Shell): Command {
  return remoteCommand('rollback', 'make an earlier version of a process, or of a decision, the latest one again', [
    'procos rollback order',
    'procos rollback procos_system_boot --to 1',
    'procos rollback procos_system_recovery',
  ])
    .argument('<process>', 'process id or decision id, of the system or not')
    .option('--to <version>', 'the version to take (default: the newest whose model differs from the latest)', positive)
    .action(async (bpmnProcessId: string, options: Options) => {
      const client = clientOf(shell, options);
      const { definitions } = await client.definitions({ all: true });
      const versions = definitions.filter((row) => row.bpmnProcessId === bpmnProcessId);
      if (versions.length === 0 && (await rollBackDecision(shell, client, bpmnProcessId, options))) return;
      const target =
        options.to === undefined
          ? await newestOther(versions, (row) => client.definitionXml(row.definitionId))
          : versions.find(({ version }) => version === options.to);
      if (target === undefined) throw nothingThere(bpmnProcessId, versions, options.to);
      const reply = await client.redeploy(target.definitionId).catch((error: unknown) => {
        if (!(error instanceof ProcosError) || error.code !== 'APPROVAL_NEEDED') throw error;
        return client.draftOf(target.definitionId).then((draft) => byProcess(shell, client, draft));
      });
      if (options.json) return printJson(shell, reply);
      for (const { bpmnProcessId: id, version, resourceName } of reply.definitions) {
        const as = id === bpmnProcessId ? ` as it was in version ${target.version}` : '';
        shell.print(`deployed  ${id} version ${version}${as}  (${resourceName})`);
      }
    });
}

/** False: there is no such decision. */
async function rollBackDecision(
  shell: Shell,
  client: ProcosClient,
  decisionId: string,
  options: Options,
): Promise<boolean> {
  const versions = (await client.decisions({ all: true })).decisions.filter((row) => row.decisionId === decisionId);
  if (versions.length === 0) return false;
  const target =
    options.to === undefined
      ? await newestOther(versions, (row) => client.decisionXml(row.decisionDefinitionId))
      : versions.find(({ version }) => version === options.to);
  if (target === undefined) throw nothingThere(decisionId, versions, options.to);
  const reply = await client.redeployDecision(target.decisionDefinitionId).catch(async (error: unknown) => {
    if (!(error instanceof ProcosError) || error.code !== 'APPROVAL_NEEDED') throw error;
    return byProcess(shell, client, await client.draftOfDecision(target.decisionDefinitionId));
  });
  if (options.json) printJson(shell, reply);
  else
    for (const { decisionId: id, version, resourceName } of reply.decisions) {
      const as = id === decisionId ? ` as it was in version ${target.version}` : '';
      shell.print(`deployed  ${id} version ${version}${as}  (${resourceName})`);
    }
  return true;
}

/** The rule four-eyes holds: the deployment process asks a second person. */
function byProcess(shell: Shell, client: ProcosClient, { draftId }: DraftReply) {
  return deployDraft(shell, client, draftId, [], undefined);
}

/** Versions come with the latest first. */
async function newestOther<Row>(
  versions: readonly Row[],
  xmlOf: (row: Row) => Promise<string>,
): Promise<Row | undefined> {
  const [latest, ...earlier] = versions;
  if (latest === undefined) return undefined;
  const xml = await xmlOf(latest);
  for (const row of earlier) if ((await xmlOf(row)) !== xml) return row;
  return undefined;
}

function nothingThere(
  bpmnProcessId: string,
  versions: readonly { readonly version: number }[],
  version: number | undefined,
): UserError {
  const numbers = versions.map((row) => row.version).join(', ');
  const what =
    versions.length === 0
      ? `There is no process and no decision ${bpmnProcessId}: see the definitions and decisions in the console.`
      : version === undefined
        ? `All versions of ${bpmnProcessId} (${numbers}) have the same model: there is nothing to roll back to.`
        : `There is no version ${version} of ${bpmnProcessId}, but ${numbers}.`;
  return new UserError('NO_VERSION', what, EXIT.failed);
}
