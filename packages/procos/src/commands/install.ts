/** `procos install FILE`: has the installation process check a bundle, say what it would change, and deploy all of it or nothing. */
import { INSTALL_PROCESS } from '@procos/kernel';
import type { Command } from 'commander';
import { openBundle, readBytes, showBundle } from '../cli/bundles.ts';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { deployedBy, runDeploying, variableOf } from '../cli/deploying-process.ts';
import type { Shell } from '../cli/shell.ts';
import { printable } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

interface Options extends CommonOptions {
  readonly dryRun?: boolean;
  readonly system?: boolean;
}

export function installCommand(shell: Shell): Command {
  return remoteCommand('install', 'check a bundle, say what it would change, and deploy all of it or nothing', [
    'procos install orders.bundle',
    'procos install --dry-run orders.bundle',
  ])
    .argument('<file>', 'a bundle that procos pack has written')
    .option('--dry-run', 'only read it whole, and say what it holds; nothing is handed in')
    .option('--system', 'processes of the system (procos_system_…), with their rights; refused for any other')
    .action(async (path: string, options: Options) => {
      const bytes = readBytes(shell, path);
      const report = await openBundle(path, bytes);
      if (options.dryRun) return options.json ? printJson(shell, report) : showBundle(shell, report);
      const client = clientOf(shell, options);
      const { name, version, signer } = report;
      const { draftId } = await client.draft({
        name: `${name} ${version}`,
        source: options.system ? 'system' : 'procos install',
        resources: [{ name: `${name}.bundle`, content: bytes }],
        skipUnchanged: true,
      });
      const detail = await runDeploying(shell, client, INSTALL_PROCESS, `bundle ${draftId}`, { bundle: draftId });
      const code = variableOf(detail, 'code');
      if (typeof code === 'string')
        throw new UserError(code, `${path}: ${printable(String(variableOf(detail, 'reason')))}`, EXIT.failed);
      const summary = String(variableOf(detail, 'summary') ?? '');
      if (!options.json) for (const line of summary.split('\n')) if (line !== '') shell.print(printable(line));
      const files = report.files.map((file) => ({ name: file.name, path: `${path}: ${file.name}` }));
      const deployed = await deployedBy(shell, client, files, detail);
      const difference = variableOf(detail, 'difference');
      const trustedAs = variableOf(detail, 'trusted_as');
      if (options.json) return printJson(shell, { name, version, signer, trustedAs, summary, difference, ...deployed });
      const by = typeof trustedAs === 'string' ? `, signed by ${printable(trustedAs)}` : '';
      const what = deployed.unchanged ? 'unchanged' : 'installed';
      shell.print(`${what}  ${name} ${version}${by}`);
      for (const row of deployed.definitions)
        shell.print(`${what}  ${row.bpmnProcessId} version ${row.version}  (${row.resourceName})`);
      for (const row of deployed.decisions)
        shell.print(`${what}  decision ${row.decisionId} version ${row.version}  (${row.resourceName})`);
      if (report.policy.length > 0)
        shell.print(`For the rules of policy that it proposes: procos policy adopt ${path}`);
    });
}
