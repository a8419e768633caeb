/** `procos pack DIR -o FILE`: models, decisions, forms and what belongs to them in one signed file. */
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import type { BundleFile } from '@procos/kernel';
import { declaredBy, readPrivateKey, resourcesOf, writeBundle } from '@procos/kernel';
import type { Command } from 'commander';
import { openBundle, readBytes, refusing, showBundle } from '../cli/bundles.ts';
import { plainCommand, printJson } from '../cli/command.ts';
import { findingLines } from '../cli/files.ts';
import type { Shell } from '../cli/shell.ts';
import { UserError } from '../cli/user-error.ts';

interface Options {
  readonly json?: boolean;
  readonly output?: string;
  readonly key?: string;
  readonly name?: string;
  readonly bundleVersion?: string;
  readonly verify?: boolean;
}

export function packCommand(shell: Shell): Command {
  return plainCommand('pack', 'put a folder of models, decisions and forms into one file, signed', [
    'procos pack orders -o orders.bundle --bundle-version 1.2.0 --key ada.key',
    'procos pack --verify orders.bundle',
  ])
    .argument('<path>', 'the folder, with everything in it but what begins with a dot; with --verify a bundle')
    .option('-o, --output <file>', 'the bundle to write')
    .option('--key <file>', 'private key to sign with (procos key create); without it the bundle is not signed')
    .option('--name <name>', 'name of the bundle (default: that of the folder)')
    .option('--bundle-version <version>', 'version of the bundle', '1')
    .option('--verify', 'read a bundle whole, and say what it holds')
    .action(async (path: string, options: Options) => {
      if (options.verify) {
        const report = await openBundle(path, readBytes(shell, path));
        return options.json ? printJson(shell, report) : showBundle(shell, report);
      }
      const { output, key, name, bundleVersion = '1' } = options;
      if (output === undefined) throw new UserError('USAGE', 'Say where the bundle is to be written: -o FILE.');
      const folder = resolve(shell.workingDirectory, path);
      const files = filesIn(folder, path);
      const bytes = await refusing(path, async () => {
        const declares = await declaredBy(resourcesOf(files));
        for (const { resource, problems } of declares.findings)
          for (const line of findingLines(
            shell,
            problems.map((problem) => ({ path: join(path, resource), ...problem })),
          ))
            shell.note(line);
        const { processes, decisions } = declares;
        const content = { name: name ?? basename(folder), version: bundleVersion, files, processes, decisions };
        return writeBundle(
          content,
          key === undefined ? undefined : readPrivateKey(readBytes(shell, key).toString(), key),
        );
      });
      write(shell, output, bytes);
      const report = await openBundle(output, bytes);
      if (options.json) return printJson(shell, report);
      showBundle(shell, report);
    });
}

/** By name, with `/`; `path`: as the person wrote it. */
function filesIn(folder: string, path: string): BundleFile[] {
  try {
    const files: BundleFile[] = [];
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const inside = name.split(sep);
      if (inside.some((part) => part.startsWith('.'))) continue;
      const absolute = join(folder, name);
      const found = lstatSync(absolute);
      if (found.isDirectory()) continue;
      if (!found.isFile()) throw new UserError('FILE', `${absolute} is no plain file: a bundle holds no links.`);
      files.push({ name: inside.join('/'), bytes: readFileSync(absolute) });
    }
    return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('FILE', `${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function write(shell: Shell, output: string, bytes: Buffer): void {
  try {
    writeFileSync(resolve(shell.workingDirectory, output), bytes);
  } catch (error) {
    throw new UserError('FILE', `${output}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
