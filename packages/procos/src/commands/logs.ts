/** `procos logs`: what happened, from the record log or (--kernel) from the kernel's own log. */
import type { ProcosClient } from '@procos/client';
import type { FeedRecord, LogLine } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { clock, paint, printable } from '../cli/text.ts';

interface Options extends CommonOptions {
  readonly follow?: boolean;
  readonly kernel?: boolean;
  readonly pid?: string;
  readonly lines: number;
}

export function logsCommand(shell: Shell): Command {
  return remoteCommand('logs', 'show what happened, oldest first; with --json one object per line', [
    'procos logs -f',
    'procos logs --pid 2251',
    'procos logs --kernel --json',
  ])
    .option('-f, --follow', 'go on with what happens now, until Ctrl-C')
    .option('--kernel', 'lines of the kernel and its hosts instead of the record log')
    .option('--pid <pid>', 'only what concerns this process')
    .option('-n, --lines <number>', 'so many records (or kernel lines) of the past', positive, 50)
    .action(async (options: Options) => {
      const client = clientOf(shell, options);
      if (options.kernel) return kernelLog(shell, client, options);
      return recordLog(shell, client, options);
    });
}

/** Of the past, and with `follow` what comes. */
export async function kernelLog(
  shell: Shell,
  client: ProcosClient,
  options: CommonOptions & { readonly follow?: boolean; readonly lines: number },
): Promise<void> {
  const show = (line: LogLine): void => shell.print(options.json ? JSON.stringify(line) : kernelLine(shell, line));
  if (!options.follow) {
    for (const line of await client.logs(options.lines)) show(line);
    return;
  }
  for await (const line of client.followLogs(options.lines, shell.interrupted)) show(line);
}

async function recordLog(shell: Shell, client: ProcosClient, options: Options): Promise<void> {
  const last = (await client.system()).store.lastSequence;
  const after = Math.max(0, last - options.lines);
  if (after === last && !options.follow) return;
  const pid = options.pid === undefined ? undefined : (await client.process(options.pid)).processInstanceId;
  const end = new AbortController();
  const signal = AbortSignal.any([shell.interrupted, end.signal]);
  for await (const record of client.events(after, signal)) {
    for (const line of recordLines(shell, record, pid, options.json === true)) shell.print(line);
    if (!options.follow && record.sequence >= last) end.abort();
  }
}

function recordLines(shell: Shell, record: FeedRecord, pid: string | undefined, json: boolean): string[] {
  const events = record.events.filter((event) => pid === undefined || event.pid === pid);
  if (events.length === 0) return [];
  if (json) return [JSON.stringify({ ...record, events })];
  return events.map((event) => {
    const process = event.pid === undefined ? '' : `${event.pid} `;
    return `${paint(shell, 'dim', clock(record.at))}  ${paint(shell, 'cyan', process)}${printable(event.text)}`;
  });
}

const STYLES = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' } as const;

/** One kernel line for a person. */
export function kernelLine(shell: Pick<Shell, 'colour'>, line: LogLine): string {
  const level = paint(shell, STYLES[line.level], line.level.padEnd(5));
  return `${paint(shell, 'dim', clock(line.at))}  ${level}  ${line.source}  ${printable(line.text)}`;
}
