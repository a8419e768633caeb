/** `procos top`: how the system is and what runs, again and again. */
import type { SystemStatus } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, count, size } from '../cli/text.ts';
import { processTable } from './ps.ts';

interface Options extends CommonOptions {
  readonly once?: boolean;
  readonly interval: number;
  readonly limit: number;
}

/** Moves the cursor home and clears what is below: no flicker. */
const HOME = '\u001b[H\u001b[J';

export function topCommand(shell: Shell): Command {
  return remoteCommand(
    'top',
    'watch the system and what runs, incidents first, until Ctrl-C; with --json one object per line',
    ['procos top', 'procos top --once', 'procos top --once --json | jq .system.counts'],
  )
    .option('--once', 'one picture and no more')
    .option('--interval <seconds>', 'between two pictures', positive, 2)
    .option('--limit <number>', 'at most so many processes', positive, 20)
    .action(async (options: Options) => {
      const client = clientOf(shell, options);
      let before: SystemStatus | undefined;
      for (;;) {
        const system = await client.system();
        const { processes, total } = await client.processes({ state: 'active', limit: 1000 });
        const first = processes.toSorted(
          (one, other) => Number(other.state === 'incident') - Number(one.state === 'incident'),
        );
        const shown = first.slice(0, options.limit);
        if (options.json) shell.print(JSON.stringify({ system, processes: shown, total }));
        else {
          const lines = [...heading(system, before), '', ...processTable(shell, shown)];
          shell.print(`${shell.terminal && !options.once ? HOME : ''}${lines.join('\n')}`);
        }
        before = system;
        if (options.once || !(await passes(options.interval * 1000, shell.interrupted))) return;
      }
    });
}

function heading(system: SystemStatus, before: SystemStatus | undefined): string[] {
  const { counts, store, startedAt, now, phase, residentBytes } = system;
  const seconds = before === undefined ? 0 : (Date.parse(now) - Date.parse(before.now)) / 1000;
  const rate =
    before === undefined || seconds <= 0
      ? ''
      : `, ${Math.round((store.lastSequence - before.store.lastSequence) / seconds)} records/s`;
  return [
    `ProcOS ${system.version} up ${age(startedAt, Date.parse(now))}, ${phase}, memory ${size(residentBytes)}`,
    `${count(counts.running, 'process', 'processes')}, ${count(counts.incidents, 'incident')}, ${count(counts.userTasks, 'user task')}, ${count(counts.externalTasks, 'external task')}`,
    `store ${size(store.sizeBytes)}, ${count(store.lastSequence, 'record')}${rate}`,
  ];
}

/** False when Ctrl-C came first. */
export function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const interrupt = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', interrupt);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', interrupt, { once: true });
  });
}
