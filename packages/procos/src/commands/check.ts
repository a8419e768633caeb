/** `procos check FILES…`: what runs here as it is, what is refused, what behaves otherwise, and what is to be done. */
import type { Command } from 'commander';
import { checkAlone, checkBy, checkFiles } from '../check/check.ts';
import { filesToCheck } from '../check/files.ts';
import { heldBy, summaryOf } from '../check/summary.ts';
import { fileLines, summaryLines } from '../check/text.ts';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { EXIT, UserError } from '../cli/user-error.ts';
import { readDelegates } from '../settings.ts';

interface Options extends CommonOptions {
  readonly delegates?: string;
}

export function checkCommand(shell: Shell): Command {
  return remoteCommand(
    'check',
    'say what of models runs here, what is refused and what behaves otherwise, without deploying them',
    [
      'procos check order.bpmn',
      'procos check src/main/resources',
      'procos check models --json',
      "procos check models --delegates 'com.example.Charge=charge, ${mailBean}=mail'",
    ],
  )
    .argument('<files...>', '.bpmn, .dmn, .form and .cmmn files, or folders, with all that is below them')
    .option(
      '--delegates <list>',
      'topics for Java classes and beans, as the setting delegates (default: PROCOS_DELEGATES)',
    )
    .addHelpText(
      'after',
      '\nIt needs no running system. With --url or PROCOS_URL that one is asked, which knows its own settings and what is deployed.\nExit code: 0 when everything can be deployed, 1 when something is refused.',
    )
    .action(async (paths: string[], options: Options) => {
      const files = filesToCheck(shell, paths);
      const isRemote = (options.url ?? shell.environment['PROCOS_URL'] ?? '') !== '';
      const check = isRemote ? checkBy(clientOf(shell, options)) : checkAlone(delegatesOf(shell, options));
      const checked = await checkFiles(check, files);
      const summary = summaryOf(checked, heldBy(files));
      if (summary.refused > 0) shell.exitCode = EXIT.failed;
      if (options.json) return printJson(shell, { refused: summary.refused > 0, summary, files: checked });
      for (const file of checked) for (const line of fileLines(shell, file)) shell.print(line);
      for (const line of summaryLines(summary)) shell.print(line);
    });
}

function delegatesOf(shell: Shell, options: Options): Readonly<Record<string, string>> {
  const text = options.delegates ?? shell.environment['PROCOS_DELEGATES'] ?? '';
  const delegates = readDelegates(text);
  if (delegates !== undefined) return delegates;
  const from = options.delegates === undefined ? 'PROCOS_DELEGATES' : '--delegates';
  throw new UserError(
    'USAGE',
    `${from} is "${text}", but must be a list such as com.example.Charge=charge, \${mailBean}=mail.`,
  );
}
