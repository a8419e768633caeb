/** `procos restore FILE`: a backup becomes the store of a data folder that no kernel uses. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcosClient, ProcosError } from '@procos/client';
import { type Command, Option } from 'commander';
import { type CommonOptions, clientOf, plainCommand, printJson } from '../cli/command.ts';
import { dataFolder } from '../cli/data-folder.ts';
import { BOOT_MS, onceUp, startedChild, whatHolds } from '../cli/following.ts';
import type { Shell } from '../cli/shell.ts';
import { count, recordsOf, size } from '../cli/text.ts';
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
      shell.print(`restored ${recordsOf(report)} (${size(report.bytes)}) into ${directory}`);
      if (report.before !== null) shell.print(`the store that was there is kept as ${report.before}`);
      shell.print('Locks of workers from before no longer count. Start it with procos start.');
    });
}

const PROCESS = 'procos_system_restore';

/** After so long without an answer something is said. */
const SILENCE_MS = 30_000;

/** Hands it to PID 1 and waits until the restored system waits for work. */
async function restoreLive(shell: Shell, file: string, options: Options): Promise<void> {
  const client = clientOf(shell, options);
  const signal = shell.interrupted;
  const { startedAt, store } = await client.system();
  const reply = await onceUp(() => client.request({ bpmnProcessId: PROCESS, variables: { file } }), BOOT_MS);
  const waiting = { businessKey: undefined, after: store.lastSequence, signal };
  const pid = reply.pid ?? (await startedChild(client, reply, waiting));
  let silentSince = performance.now();
  while (!signal.aborted) {
    await sleep(100);
    const now = await client.system().catch((error: unknown) => {
      if (error instanceof ProcosError && error.temporary) return undefined;
      throw error;
    });
    if (now === undefined) {
      if (performance.now() - silentSince < SILENCE_MS) continue;
      const long = `Nothing has answered at ${client.baseUrl} for ${SILENCE_MS / 1_000} s`;
      shell.note(`${long}; still waiting. The log of the system says what it does.`);
      silentSince = Number.POSITIVE_INFINITY;
      continue;
    }
    silentSince = performance.now();
    if (now.startedAt === startedAt) {
      if (pid !== undefined) await assertGoesOn(client, pid);
    } else if (now.phase === 'ready') {
      if (options.json) return printJson(shell, now);
      return shell.print(`restored from ${file}: ${count(now.store.lastSequence, 'record')}, PID 1 waits for work`);
    } else {
      const why = await whatHolds(client);
      if (why !== undefined) throw new UserError('RESTORE', `restored, but not ready: ${why}`, EXIT.incident);
    }
  }
  shell.exitCode = EXIT.interrupted;
  shell.note('Not waiting any longer; the restore goes on: procos status');
}

/** Throws what has stopped the restore. */
async function assertGoesOn(client: ProcosClient, pid: string): Promise<void> {
  const process = await client.process(pid).catch((error: unknown) => {
    // It goes down, or has gone with the life of the store that is lost.
    if (error instanceof ProcosError) return undefined;
    throw error;
  });
  const incidents = process?.incidents.filter(({ state }) => state === 'open') ?? [];
  if (incidents.length > 0)
    throw new UserError('RESTORE', incidents.map(({ message }) => message).join(' '), EXIT.incident);
  if (process !== undefined && (process.state === 'canceled' || process.state === 'terminated'))
    throw new UserError(
      'RESTORE',
      `the restore (process ${pid}) was ${process.state}; nothing was changed.`,
      EXIT.failed,
    );
}
