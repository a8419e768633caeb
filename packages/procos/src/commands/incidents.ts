/** `procos incidents` and `procos recovery`: what waits for somebody, what recovers from it, and which row of the table would. */
import type { IncidentEntry, RecoveryPlanReply } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, pairs, printable, table } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface ListOptions extends CommonOptions {
  readonly all?: boolean;
  readonly definition?: string;
  readonly limit: number;
}

export function incidentsCommand(shell: Shell): Command {
  return remoteCommand('incidents', 'list what waits in an incident, newest first, and what recovers from it', [
    'procos incidents',
    'procos incidents --all --definition order',
  ])
    .option('--all', 'also those that were resolved')
    .option('-d, --definition <process>', 'of this process only')
    .option('-n, --limit <number>', 'so many at most', positive, 100)
    .action(async ({ all, definition, limit, ...options }: ListOptions) => {
      const { incidents, total } = await clientOf(shell, options).incidents({
        state: all === true ? 'all' : 'open',
        limit,
        ...(definition === undefined ? {} : { definition }),
      });
      if (options.json) return printJson(shell, { incidents, total });
      const headers = ['INCIDENT', 'PID', 'PROCESS', 'ELEMENT', 'AGE', 'STATE', 'RECOVERY', 'MESSAGE'];
      for (const line of table(
        shell,
        headers,
        incidents.map((incident) => row(shell, incident)),
      ))
        shell.print(line);
      if (total > incidents.length) shell.note(`${total - incidents.length} more: --limit ${total}`);
    });
}

function row(shell: Shell, incident: IncidentEntry) {
  const { incidentId, pid, bpmnProcessId, elementId, createdAt, state, recovery, message } = incident;
  const by = recovery === null ? '' : `${recovery.pid} (attempt ${recovery.attempt}, ${recovery.state ?? 'gone'})`;
  const shown = { text: state, ...(state === 'open' ? { style: 'red' as const } : {}) };
  return [incidentId, pid, bpmnProcessId, elementId, age(createdAt, shell.now()), shown, by, printable(message)];
}

interface PlanOptions extends CommonOptions {
  readonly fact?: VariableMap;
}

export function recoveryCommand(shell: Shell): Command {
  return remoteCommand('recovery', 'say which row of the table of recoveries holds; nothing is done', [
    'procos recovery 4711',
    'procos recovery --fact process=order --fact error=failedExternalTask --fact attempt:=2',
  ])
    .argument('[incident]', 'an open incident, as `procos incidents` shows it')
    .option('--fact <name=text>', 'input of the tables; name:=json for others than text', collectVariable)
    .action(async (incident: string | undefined, { fact, ...options }: PlanOptions) => {
      if ((incident === undefined) === (fact === undefined))
        throw new UserError('USAGE', 'Give an incident, or facts with --fact.');
      const client = clientOf(shell, options);
      const plan =
        incident === undefined ? await client.recoveryPlan(fact ?? {}) : (await client.incident(incident)).plan;
      if (plan === null)
        throw new UserError(
          'NOT_OPEN',
          `Incident ${incident} is not open any more: nothing is done about it.`,
          EXIT.failed,
        );
      if (options.json) return printJson(shell, plan);
      for (const line of pairs(shell, planLines(plan))) shell.print(line);
    });
}

function planLines({ facts, severity, rule, outputs, without, problem }: RecoveryPlanReply): [string, string][] {
  const shown = (value: unknown): string => (typeof value === 'string' ? printable(value) : JSON.stringify(value));
  const known = (values: Readonly<Record<string, unknown>>): [string, string][] =>
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, shown(value)]]));
  return [
    ...known(facts),
    ['severity', shown(severity)],
    ['row', rule === null ? 'none: nothing is done' : `${rule.index} (${rule.id}) of version ${rule.version}`],
    ...known(outputs).map(([name, value]): [string, string] => [`→ ${name}`, value]),
    ...(without === null ? [] : [['but', without] as [string, string]]),
    ...(problem === null ? [] : [['problem', problem] as [string, string]]),
  ];
}
