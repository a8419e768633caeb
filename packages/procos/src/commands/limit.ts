/** `procos limit` and `procos nice`: what owners allow processes, and how soon these get their turn. */
import { type LimitsRequest, limitText, type OwnerLimits, type ProcessLimit } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { limitName, readLimit } from '../cli/limit-values.ts';
import type { Shell } from '../cli/shell.ts';
import { table } from '../cli/text.ts';
import { UserError } from '../cli/user-error.ts';

interface Whom extends CommonOptions {
  readonly process?: string;
  readonly definitionVersion?: string;
  readonly tenant?: string;
  readonly reason?: string;
}

export function limitCommand(shell: Shell): Command {
  const command = remoteCommand('limit', 'show and set what a process, a definition or a tenant may use', [
    'procos limit 2251',
    'procos limit 2251 time=2h steps=5000 --reason "stuck since Monday"',
    'procos limit -p invoice instances=100 starts-per-minute=20 ai-cost-per-day=2.50 --reason "budget of May"',
    'procos limit --tenant acme children=none --reason "moved to the large plan"',
    'procos limit',
  ])
    .argument(
      '[pid]',
      'a running process, as `procos ps` shows it; without it and without -p or --tenant: all that is set',
    )
    .argument('[limits...]', 'name=value, or name=none; see docs/limits.md');
  return forWhom(command).action(async (first: string | undefined, rest: string[], options: Whom) => {
    const client = clientOf(shell, options);
    // Where the options say for whom, the first word is a limit already.
    const named = options.process !== undefined || options.tenant !== undefined;
    const pid = named ? undefined : first;
    const words = named && first !== undefined ? [first, ...rest] : rest;
    if (words.length > 0) {
      const limits = Object.fromEntries(words.map(readLimit));
      const reason = options.reason ?? '';
      if (reason === '') throw new UserError('USAGE', 'Say why with --reason: whoever reaches the limit is shown it.');
      await client.setLimits({ ...targetOf(pid, options), limits, reason });
    }
    if (pid !== undefined) {
      const held = await client.processLimits(pid);
      if (options.json) return printJson(shell, held);
      showLimits(
        shell,
        held.limits.map((one) => ['', one]),
      );
      shell.print(`nice ${held.nice}`);
      return;
    }
    const all = (await client.limits()).filter((one) => isMeant(one, options));
    if (options.json) return printJson(shell, all);
    if (all.length === 0) shell.print('No limits are set.');
    showLimits(
      shell,
      all.flatMap((one) => one.limits.map((limit): [string, ProcessLimit] => [whomText(one), limit])),
    );
    for (const one of all) if (one.nice !== null) shell.print(`nice ${one.nice}  (${whomText(one)})`);
  });
}

export function niceCommand(shell: Shell): Command {
  const command = remoteCommand('nice', 'set how soon a process, or those of a definition or tenant, get their turn', [
    'procos nice -5 2251',
    'procos nice 10 -p nightly-report',
    'procos nice none 2251',
  ])
    .argument('<nice>', '-20 (first) to 19 (last), or none')
    .argument('[pid]', 'a running process; or say -p or --tenant')
    // A negative number is no option.
    .allowUnknownOption(false);
  return forWhom(command).action(async (text: string, pid: string | undefined, options: Whom) => {
    if (!/^(none|-?\d{1,2})$/.test(text))
      throw new UserError('USAGE', `"${text}" must be a number from -20 to 19, or none.`);
    const nice = text === 'none' ? null : Number(text);
    const target = targetOf(pid, options);
    await clientOf(shell, options).setLimits({ ...target, nice, reason: options.reason ?? 'procos nice' });
    if (options.json) return printJson(shell, { ...target, nice });
    const whom = pid === undefined ? (options.process ?? `tenant ${options.tenant}`) : `process ${pid}`;
    shell.print(nice === null ? `nice as its definition  (${whom})` : `nice ${nice}  (${whom})`);
  });
}

function forWhom(command: Command): Command {
  return command
    .option('-p, --process <id>', 'all processes of this definition')
    .option('--definition-version <number>', 'with -p: of this version alone')
    .option('--tenant <id>', 'all processes of this tenant; with -p: the definition of this tenant')
    .option('--reason <text>', 'why, for the audit and for who reaches the limit');
}

function targetOf(
  pid: string | undefined,
  { process, definitionVersion, tenant }: Whom,
): Omit<LimitsRequest, 'reason'> {
  if (pid !== undefined && process === undefined && tenant === undefined) return { pid };
  if (pid !== undefined || (process === undefined && tenant === undefined))
    throw new UserError('USAGE', 'Say for whom: a process id, -p PROCESS, or --tenant TENANT.');
  return {
    ...(process === undefined ? {} : { bpmnProcessId: process }),
    ...(definitionVersion === undefined ? {} : { version: Number(definitionVersion) }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
  };
}

function isMeant({ bpmnProcessId, version, tenantId }: OwnerLimits, options: Whom): boolean {
  return (
    (options.process === undefined || options.process === bpmnProcessId) &&
    (options.definitionVersion === undefined || Number(options.definitionVersion) === version) &&
    (options.tenant === undefined || options.tenant === tenantId)
  );
}

function whomText({ bpmnProcessId, version, tenantId }: OwnerLimits): string {
  const tenant = tenantId === null ? '' : `tenant ${tenantId}`;
  if (bpmnProcessId === null) return tenant;
  return `${bpmnProcessId}${version === null ? '' : ` v${version}`}${tenant === '' ? '' : `, ${tenant}`}`;
}

function showLimits(shell: Shell, limits: readonly (readonly [string, ProcessLimit])[]): void {
  if (limits.length === 0) return;
  const whom = limits.some(([text]) => text !== '');
  const rows = limits.map(([text, { limit, value, used, from, by = '', reason = '' }]) => [
    ...(whom ? [text] : []),
    limitName(limit),
    limitText(limit, value),
    used === undefined ? '' : limitText(limit, used),
    from,
    by,
    reason,
  ]);
  const headers = [...(whom ? ['FOR'] : []), 'LIMIT', 'VALUE', 'USED', 'FROM', 'BY', 'REASON'];
  for (const line of table(shell, headers, rows)) shell.print(line);
}
