/** `procos publish`: a message for whoever waits for its correlation key, now or within its time to live. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import { withFiles } from '../cli/file-values.ts';
import type { Shell } from '../cli/shell.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface Options extends CommonOptions {
  readonly key?: string;
  readonly keep?: number;
  readonly id?: string;
  readonly var?: VariableMap;
}

export function publishCommand(shell: Shell): Command {
  return remoteCommand('publish', 'publish a message to the processes that wait for it', [
    'procos publish payment --key order-7 --var amount:=12.5',
    'procos publish order --key order-8 --keep 3600 --id from-shop-8',
  ])
    .argument('<name>', 'name of the message')
    .option('--key <text>', 'correlation key')
    .option('--keep <seconds>', 'how long it is kept for who comes later (default: not at all)', positive)
    .option('--id <text>', 'your name for it: while it is kept, the same one is refused')
    .option('--var <name=text>', 'variable to bring; name:=json for others than text', collectVariable)
    .action(async (name: string, options: Options) => {
      const { key, keep, id } = options;
      const client = clientOf(shell, options);
      const reply = await client.publish({
        name,
        ...(key === undefined ? {} : { correlationKey: key }),
        ...(keep === undefined ? {} : { timeToLiveMs: keep * 1_000 }),
        ...(id === undefined ? {} : { uniqueId: id }),
        variables: await withFiles(shell, client, options.var),
      });
      if (options.json) return printJson(shell, reply);
      for (const { pid, started } of reply.received) shell.print(started ? `started ${pid}` : `received by ${pid}`);
      if (reply.received.length > 0) return;
      shell.print(keep === undefined ? 'nobody waits for it' : `nobody waits for it yet: kept for ${keep} s`);
    });
}
