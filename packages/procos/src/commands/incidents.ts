/** `procos incidents` and `procos recovery`: what waits for somebody, what recovers from it, and which row of the table would. */
import type { ProcosClient } from '@procos/client';
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
  readonly limit: number;
}

export function recoveryCommand(shell: Shell): Command {
  return remoteCommand('recovery', 'say which row of the table of recoveries holds; nothing is done', [
    'procos recovery',
    'procos recovery 4711',
    'procos recovery --fact process=order --fact error=failedExternalTask --fact attempt:=2',
  ])
    .argument('[incident]', 'an open incident, as `procos incidents` shows it (default: all that are open)')
    .option('--fact <name=text>', 'input of the tables; name:=json for others than text', collectVariable)
    .option('-n, --limit <number>', 'so many incidents at most, newest first', positive, 20)
    .action(async (incident: string | undefined, { fact, limit, ...options }: PlanOptions) => {
      if (incident !== undefined && fact !== undefined)
        throw new UserError('USAGE', 'Give an incident, or facts with --fact, not both.');
      const client = clientOf(shell, options);
      if (incident === undefined && fact === undefined) return showPlans(shell, client, limit, options.json === true);
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

/** What the table says about each open incident. */
async function showPlans(shell: Shell, client: ProcosClient, limit: number, json: boolean): Promise<void> {
  const { incidents, total } = await client.incidents({ state: 'open', limit });
  const planned: (IncidentEntry & { readonly plan: RecoveryPlanReply })[] = [];
  for (const { incidentId } of incidents) {
    const { plan, ...incident } = await client.incident(incidentId);
    // null: resolved since it was listed.
    if (plan !== null) planned.push({ ...incident, plan });
  }
  if (json) return printJson(shell, { incidents: planned, total });
  if (planned.length === 0) return shell.note('No incident is open. What the table would do: procos recovery --fact …');
  const rows = planned.map(({ incidentId, pid, bpmnProcessId, elementId, recovery, plan }) => [
    ...[incidentId, pid, bpmnProcessId, elementId],
    ...[rowText(plan), actionText(plan), recovery?.pid ?? ''],
  ]);
  const headers = ['INCIDENT', 'PID', 'PROCESS', 'ELEMENT', 'ROW', 'ACTION', 'RECOVERY'];
  for (const line of table(shell, headers, rows)) shell.print(line);
  if (total > incidents.length) shell.note(`${total - incidents.length} more: procos recovery --limit ${total}`);
}

function rowText({ rule }: RecoveryPlanReply): string {
  return rule === null ? 'none' : `${rule.index} (${rule.id})`;
}

/** What would be done, or why nothing is. */
function actionText({ problem, without, outputs }: RecoveryPlanReply): string {
  const action = outputs['process'] ?? outputs['action'];
  return printable(problem ?? without ?? (typeof action === 'string' ? action : 'nothing'));
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
