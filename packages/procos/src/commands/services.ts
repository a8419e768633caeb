/** `procos services` and `procos mount`: what has registered, and everything that serves something, as mount lists file systems. */
import type { ServiceRow } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, type Cell, printable, table } from '../cli/text.ts';

export function servicesCommand(shell: Shell): Command {
  return remoteCommand('services', 'list the services that have registered: health, circuit breaker, calls', [
    'procos services',
    'procos services --name slack --json',
  ])
    .option('--name <name>', 'only services of this name')
    .action(async (options: CommonOptions & { readonly name?: string }) => {
      const { services } = await clientOf(shell, options).services(options.name);
      if (options.json) return printJson(shell, { services });
      const headers = [
        'NAME',
        'VERSION',
        'HEALTH',
        'BREAKER',
        'CALLS',
        'FAILED',
        'NOW',
        'EXPIRES',
        'ENDPOINT',
        'TAGS',
        'ID',
      ];
      for (const line of table(
        shell,
        headers,
        services.map((row) => serviceCells(row, shell.now())),
      ))
        shell.print(line);
    });
}

function serviceCells(row: ServiceRow, now: number): (string | Cell)[] {
  const left = new Date(2 * now - Date.parse(row.expiresAt)).toISOString();
  return [
    row.name,
    row.version ?? '',
    { text: healthOf(row), style: row.healthy === false ? 'red' : 'green' },
    { text: row.breaker, style: row.breaker === 'closed' ? 'green' : 'red' },
    String(row.calls),
    String(row.failures),
    String(row.active),
    `in ${age(left, now)}`,
    row.endpoint,
    row.tags.join(', '),
    row.id,
  ];
}

function healthOf({ healthy }: ServiceRow): string {
  return healthy === null ? '?' : healthy ? 'healthy' : 'unhealthy';
}

export function mountCommand(shell: Shell): Command {
  return remoteCommand(
    'mount',
    'list what serves what: workers and processes on topics, endpoints on names of services',
    ['procos mount', 'procos mount --json'],
  ).action(async (options: CommonOptions) => {
    const client = clientOf(shell, options);
    const [{ workers }, { topics }, { services }] = await Promise.all([
      client.workers(),
      client.topics(),
      client.services(),
    ]);
    if (options.json) return printJson(shell, { topics, workers, services });
    const processes = topics.flatMap(({ topic, process }) => (process === null ? [] : { topic, process }));
    for (const { topic, process } of processes) shell.print(line(`process:${process}`, topic, 'process', ['declared']));
    for (const worker of workers) {
      const { name, version, kind, silent } = worker;
      const about = [...(version === null ? [] : [version]), silent ? 'silent' : 'alive'];
      for (const topic of worker.topics) shell.print(line(name, topic, kind, about));
    }
    for (const row of services) {
      const about = [...(row.version === null ? [] : [row.version]), healthOf(row), row.breaker, ...row.tags];
      shell.print(line(row.endpoint, row.name, 'service', about));
    }
  });
}

function line(what: string, on: string, type: string, about: readonly string[]): string {
  return printable(`${what} on ${on} type ${type} (${about.join(',')})`);
}
