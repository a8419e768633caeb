/** `procos kill`, `stop`, `cont` and `migrate`: signals to processes. */
import type { ProcosClient } from '@procos/client';
import type { ProcessSignal, SignaledProcess, SignalReply, SignalsReply } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { count } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

const SIGNALS: readonly ProcessSignal[] = ['TERM', 'KILL', 'STOP', 'CONT', 'HUP', 'USR1'];

interface Options extends CommonOptions {
  readonly definition?: string;
  readonly tree?: boolean;
  readonly reason?: string;
  /** Version. */
  readonly to?: number;
}

export function killCommand(shell: Shell): Command {
  return signalCommand('kill', 'send processes a signal; without -s they undo what they have completed, and end', [
    'procos kill 2251 2260',
    "procos kill -s KILL 2251 --reason 'stands still for ever'",
    'procos kill -s STOP --tree 2251',
    'procos kill -s HUP -d order',
  ])
    .option('-s, --signal <name>', 'what to do (see below)', signalOf, 'TERM' as ProcessSignal)
    .addHelpText(
      'after',
      `
Signals:
  TERM  what runs is canceled, what was completed is undone by its compensation handlers, then the process ends
  KILL  the process ends at once
  STOP  it is suspended, CONT: and goes on
  HUP   it runs the latest version of its process from now on
  USR1  the BPMN signal procos.USR1, inside this process alone
TERM and KILL end called processes with it; TERM lets those undo first what they have completed.`,
    )
    .action((pids: string[], options: Options & { readonly signal: ProcessSignal }) =>
      send(shell, options.signal, pids, options),
    );
}

export function stopCommand(shell: Shell): Command {
  return signalCommand('stop', 'suspend processes, as kill -s STOP does', [
    'procos stop 2251',
    'procos stop --tree 2251',
    'procos stop -d order',
  ]).action((pids: string[], options: Options) => send(shell, 'STOP', pids, options));
}

export function contCommand(shell: Shell): Command {
  return signalCommand('cont', 'let suspended processes go on, as kill -s CONT does', [
    'procos cont 2251',
    'procos cont --tree 2251',
    'procos cont -d order',
  ]).action((pids: string[], options: Options) => send(shell, 'CONT', pids, options));
}

export function migrateCommand(shell: Shell): Command {
  return signalCommand('migrate', 'let processes run another version from now on, as kill -s HUP does', [
    'procos migrate 2251',
    'procos migrate 2251 --to 3',
    'procos migrate -d order',
  ])
    .option('--to <version>', 'this version (default: the latest)', positive)
    .action((pids: string[], options: Options) => send(shell, 'HUP', pids, options));
}

function signalCommand(name: string, about: string, examples: readonly string[]): Command {
  return remoteCommand(name, about, examples)
    .argument('[pids...]', 'process ids as `procos ps` shows them')
    .option('-d, --definition <key>', 'instead of pids: all that run this process, as a batch')
    .option('--tree', 'also the processes that they have called')
    .option('--reason <text>', 'why, kept in the audit, and with a process that is ended');
}

function signalOf(text: string): ProcessSignal {
  const name = text.toUpperCase().replace(/^SIG/, '');
  const signal = SIGNALS.find((one) => one === name);
  if (signal === undefined) throw new UserError('USAGE', `"${text}" is no signal: give ${SIGNALS.join(', ')}.`);
  return signal;
}

async function send(shell: Shell, signal: ProcessSignal, pids: readonly string[], options: Options): Promise<void> {
  const { definition, tree, reason, to: version } = options;
  if ((definition === undefined) === (pids.length === 0))
    throw new UserError('USAGE', 'Give process ids, or -d and the id of a process; not both.');
  const client = clientOf(shell, options);
  const body = {
    signal,
    ...(reason === undefined ? {} : { reason }),
    ...(version === undefined ? {} : { version }),
  };
  if (definition !== undefined) {
    if (tree) throw new UserError('USAGE', '--tree goes with process ids: -d reaches all that run one process.');
    return showBatches(shell, await client.sendSignalToAll(definition, body), options);
  }
  const received: SignaledProcess[] = [];
  const refused: SignalReply['refused'][number][] = [];
  for (const pid of pids) {
    if (signal === 'TERM' || signal === 'KILL') await refuseToEnd(client, pid);
    const reply = await client.sendSignal(pid, { ...body, ...(tree ? { tree } : {}) });
    received.push(...reply.received);
    refused.push(...reply.refused);
    if (options.json) continue;
    for (const one of reply.received) shell.print(`${done(signal, one)} ${one.pid}  ${one.bpmnProcessId}`);
    for (const one of reply.refused) shell.note(`procos: ${one.pid}: ${one.message}`);
  }
  if (options.json) printJson(shell, { signal, received, refused });
  if (refused.length > 0) shell.exitCode = EXIT.failed;
}

async function refuseToEnd(client: ProcosClient, pid: string): Promise<void> {
  const detail = await client.process(pid);
  if (detail.pid === '1') {
    throw new UserError('PID_1', 'PID 1 is the system itself; it ends with procos shutdown.', EXIT.failed);
  }
  if (detail.endedAt !== null) {
    throw new UserError('ENDED', `process ${pid} has ended already (${detail.state}).`, EXIT.failed);
  }
}

function done(signal: ProcessSignal, { state, version }: SignaledProcess): string {
  switch (signal) {
    case 'TERM':
      return state === 'active' || state === 'incident' ? 'undoing' : 'killed';
    case 'KILL':
      return 'killed';
    case 'STOP':
      return 'stopped';
    case 'CONT':
      return 'continued';
    case 'HUP':
      return `runs version ${version}:`;
    case 'USR1':
      return 'signaled';
  }
}

function showBatches(shell: Shell, reply: SignalsReply, options: Options): void {
  if (options.json) {
    printJson(shell, reply);
    return;
  }
  for (const { pid, total } of reply.batches)
    shell.print(
      `batch ${pid} sends ${reply.signal} to ${count(total, 'process', 'processes')}: procos batch show ${pid}`,
    );
}
