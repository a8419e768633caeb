/** `procos verify [FILE]`: reads a store or a backup whole, and names the first thing that is wrong with it. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type CommonOptions, plainCommand, printJson } from '../cli/command.ts';
import { dataFolder } from '../cli/data-folder.ts';
import type { Shell } from '../cli/shell.ts';
import { recordsOf, size } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

interface Options extends CommonOptions {
  readonly data?: string;
  readonly deep?: boolean;
}

export function verifyCommand(shell: Shell): Command {
  return plainCommand('verify', 'check pages, sequence, checksums and the chain of hashes of a store or a backup', [
    'procos verify',
    'procos verify --deep procos-data/backups/backup-2009.db',
  ])
    .argument('[file]', 'the store file (default: that of the data folder, also while a system runs on it)')
    .option('--data <folder>', 'data folder (default: as procos start)')
    .option('--deep', 'also replay the whole log and compare the state with what it tells')
    .addHelpText(
      'after',
      '\nThat records are missing at the end of a log is told by procos.anchor in the data folder; a backup says it itself.',
    )
    .action(async (file: string | undefined, options: Options) => {
      const path =
        file === undefined ? join(dataFolder(shell, options.data), 'procos.db') : resolve(shell.workingDirectory, file);
      const { StoreRefusal, verifySqliteFile } = await import('@procos/store');
      try {
        const found = verifySqliteFile(path, { deep: options.deep === true });
        if (!found.ok) shell.exitCode = EXIT.failed;
        if (options.json) return printJson(shell, { path, ...found });
        if (found.ok) {
          return shell.print(
            `${path} is whole: ${recordsOf(found)}, format ${found.format}, ${size(found.bytes)}${
              found.notCompared === undefined ? '' : `; its state was not compared with its log: ${found.notCompared}`
            }`,
          );
        }
        const where = found.sequence > 0 ? 'first bad record' : 'damaged file';
        shell.print(`${path}: ${where}: ${found.problem}`);
      } catch (error) {
        if (error instanceof StoreRefusal) throw new UserError(error.code, error.message, EXIT.failed);
        throw error;
      }
    });
}
