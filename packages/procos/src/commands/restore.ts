/** `procos restore FILE`: a backup becomes the store of a data folder that no kernel uses. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcosError } from '@procos/client';
import { type Command, Option } from 'commander';
import { type CommonOptions, clientOf, plainCommand, printJson } from '../cli/command.ts';
import { dataFolder } from '../cli/data-folder.ts';
import type { Shell } from '../cli/shell.ts';
import { count, size } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

interface Options extends CommonOptions {
  readonly data?: string;
  readonly replace?: boolean;
  readonly live?: boolean;
}

export function restoreCommand(shell: Shell): Command {
  return plainCommand('restore', 'put a backup in the place of the store', [
    'procos restore procos-data/backups/backup-2009.db --data ./restored',
    'procos restore before-upgrade.db --replace',
    'procos restore before-upgrade.db --live',
  ])
    .argument('<file>', 'the backup; with --live the name of one in the backups folder')
    .addOption(
      new Option(
        '--live',
        'of a system that runs: rehearse it there, drain the workers, and start again from the backup',
      ).conflicts(['data', 'replace']),
    )
    .option('--url <url>', 'where that system runs (default: PROCOS_URL, else as procos start)')
    .option('--data <folder>', 'data folder to restore into (default: as procos start)')
    .option('--replace', 'move the store that is there aside, into a file beside it')
    .action(async (file: string, options: Options) => {
      if (options.live) return restoreLive(shell, file, options);
      if (options.url !== undefined)
        throw new UserError('USAGE', '--url names a system that runs: say --live too, or leave it out.', EXIT.usage);
      const backup = resolve(shell.workingDirectory, file);
      const directory = dataFolder(shell, options.data);
      // Loaded here: other commands need neither engine nor store.
      const { restoreStore } = await import('../restore-store.ts');
      const by = { kind: 'user', id: 'procos restore' } as const;
      const report = restoreStore(backup, { directory, replace: options.replace === true, by });
      if (options.json) return printJson(shell, { directory, ...report });
      shell.print(`restored ${count(report.records, 'record')} (${size(report.bytes)}) into ${directory}`);
      if (report.before !== null) shell.print(`the store that was there is kept as ${report.before}`);
      shell.print('Locks of workers from before no longer count. Start it with procos start.');
    });
}

const PROCESS = 'procos_system_restore';

/** Hands it to PID 1 and waits until the restored system waits for work. */
async function restoreLive(shell: Shell, file: string, options: Options): Promise<void> {
  const client = clientOf(shell, options);
  const before = await client.system();
  const { pid } = await client.request({ bpmnProcessId: PROCESS, variables: { file } });
  for (;;) {
    await sleep(100);
    const now = await client.system().catch((error: unknown) => {
      if (error instanceof ProcosError && error.temporary) return undefined;
      throw error;
    });
    if (now === undefined) continue;
    if (now.startedAt === before.startedAt) {
      const incidents = pid === null ? [] : await openIncidents(client, pid);
      if (incidents.length > 0) throw new UserError('RESTORE', incidents.join(' '), EXIT.incident);
    } else if (now.phase === 'ready') {
      if (options.json) return printJson(shell, now);
      return shell.print(`restored from ${file}: ${count(now.store.lastSequence, 'record')}, PID 1 waits for work`);
    }
  }
}

async function openIncidents(client: ReturnType<typeof clientOf>, pid: string): Promise<string[]> {
  try {
    const { incidents } = await client.process(pid);
    return incidents.filter(({ state }) => state === 'open').map(({ message }) => message);
  } catch (error) {
    // It goes down, or has gone with the life of the store that is lost.
    if (error instanceof ProcosError) return [];
    throw error;
  }
}
