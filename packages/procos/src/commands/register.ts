/** `procos register`: says that a service is there, for as long as it runs; services that cannot say so themselves. */
import { ProcosError } from '@procos/client';
import type { ServiceLease, ServiceRegistration } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { passes } from './top.ts';

interface Options extends CommonOptions {
  readonly id?: string;
  readonly serviceVersion?: string;
  readonly health?: string;
  readonly tag: readonly string[];
}

/** Until a ProcOS that is away is asked again, ms. */
const AGAIN_MS = 2_000;

export function registerCommand(shell: Shell): Command {
  return remoteCommand('register', 'register a service and say that it is there, until Ctrl-C', [
    'procos register slack http://127.0.0.1:9000/ --health http://127.0.0.1:9000/health --tag eu',
  ])
    .argument('<name>', 'by which processes call it')
    .argument('<endpoint>', 'its URL')
    .option('--id <id>', 'of this instance (default: made of name and endpoint)')
    .option('--service-version <text>', 'its version')
    .option('--health <url>', 'answers 200 to 299 while it is well')
    .option(
      '--tag <tag>',
      'by which it may be chosen; several times',
      (tag: string, all: string[]) => [...all, tag],
      [],
    )
    .action(async (name: string, endpoint: string, options: Options) => {
      const { id, serviceVersion: version, health: healthUrl, tag: tags } = options;
      const registration: ServiceRegistration = {
        name,
        endpoint,
        tags,
        ...(id === undefined ? {} : { id }),
        ...(version === undefined ? {} : { version }),
        ...(healthUrl === undefined ? {} : { healthUrl }),
      };
      await keepRegistered(shell, options, registration);
    });
}

/** Registering again is a heartbeat, and what a ProcOS that was started anew needs. */
async function keepRegistered(shell: Shell, options: Options, registration: ServiceRegistration): Promise<void> {
  const client = clientOf(shell, options);
  let lease: ServiceLease | undefined;
  for (;;) {
    let waitMs = AGAIN_MS;
    try {
      const now = await client.registerService(registration);
      if (lease === undefined) {
        if (options.json) printJson(shell, now);
        else shell.print(`${registration.name} is registered as ${now.id} until this ends (Ctrl-C)`);
      }
      lease = now;
      waitMs = now.heartbeatMs;
    } catch (error) {
      // What is refused once is refused for good; a ProcOS that is away may come back.
      if (lease === undefined || !(error instanceof ProcosError && error.temporary)) throw error;
      shell.note(`procos: ${error.message}`);
    }
    if (!(await passes(waitMs, shell.interrupted))) break;
  }
  if (lease !== undefined) await client.removeService(lease.id);
}
