/** `procos key create | list`: keys that bundles are signed with, and those that are trusted here. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { newKeyPair, PUBLIC_KEY_SUFFIX, trustedKeys } from '@procos/kernel';
import type { Command } from 'commander';
import { refusing } from '../cli/bundles.ts';
import { groupCommand, plainCommand, printJson } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { table } from '../cli/text.ts';
import { UserError } from '../cli/user-error.ts';
import { readSettings } from '../settings.ts';

export function keyCommand(shell: Shell): Command {
  return groupCommand('key', 'make keys that bundles are signed with, and show those that are trusted', [
    'procos key create ada.key',
    'cp ada.key.pub procos-data/trusted-keys/',
    'procos key list',
  ])
    .addCommand(createCommand(shell))
    .addCommand(listCommand(shell));
}

function createCommand(shell: Shell): Command {
  return plainCommand('create', 'a new pair: FILE is for nobody else to read, FILE.pub is for those who trust you', [
    'procos key create ada.key',
  ])
    .argument('<file>', 'where the private key goes; nothing may be there')
    .action((file: string, options: { readonly json?: boolean }) => {
      const { id, privateKey, publicKey } = newKeyPair();
      const path = resolve(shell.workingDirectory, file);
      writeNew(path, privateKey, 0o600);
      writeNew(path + PUBLIC_KEY_SUFFIX, publicKey, 0o644);
      if (options.json) return printJson(shell, { id, privateKey: path, publicKey: path + PUBLIC_KEY_SUFFIX });
      shell.print(`key ${id}`);
      shell.print(`private: ${file}, to sign with: procos pack --key ${file}`);
      shell.print(`public: ${file}${PUBLIC_KEY_SUFFIX}, for the folder of trusted keys of a system`);
    });
}

function listCommand(shell: Shell): Command {
  return plainCommand('list', 'public keys in the folder of trusted keys', ['procos key list', 'procos key list keys'])
    .argument('[folder]', 'the folder (default: that of the settings, see procos start)')
    .option('--data <folder>', 'data folder (default: as procos start)')
    .action(async (folder: string | undefined, options: { readonly json?: boolean; readonly data?: string }) => {
      const { environment, workingDirectory } = shell;
      const settings = readSettings({ flags: { data: options.data }, environment, workingDirectory });
      const path = folder === undefined ? settings.bundles.trustedKeys : resolve(workingDirectory, folder);
      const keys = await refusing(path, () => trustedKeys(path));
      if (options.json) return printJson(shell, { folder: path, keys });
      if (keys.length === 0) return shell.print(`no key in ${path}`);
      for (const line of table(
        shell,
        ['NAME', 'KEY'],
        keys.map(({ name, id }) => [name, id]),
      ))
        shell.print(line);
    });
}

function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: 'wx' });
  } catch (error) {
    throw new UserError('FILE', `${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
