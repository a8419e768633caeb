/** `procos inspect PID`: one process with its elements, variables, incidents and children. */
import type { ElementRow, ProcessDetail } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, clock, paint, pairs, printable, table, valueText } from '../cli/text.ts';
import { waitText } from '../cli/wait-text.ts';

export function inspectCommand(shell: Shell): Command {
  return remoteCommand('inspect', 'show one process: elements, variables, incidents, children', [
    'procos inspect 1',
    'procos inspect 2251 --json',
  ])
    .argument('<pid>', 'process id as `procos ps` shows it')
    .action(async (pid: string, options: CommonOptions) => {
      const detail = await clientOf(shell, options).process(pid);
      if (options.json) return printJson(shell, detail);
      for (const line of detailLines(shell, detail)) shell.print(line);
    });
}

function detailLines(shell: Shell, detail: ProcessDetail): string[] {
  const section = (title: string, lines: readonly string[], rows: number): string[] =>
    rows === 0 ? [] : ['', paint(shell, 'bold', title), ...lines];
  return [
    ...pairs(shell, heading(detail, shell.now())),
    ...section(
      'Incidents',
      detail.incidents.map(
        ({ state, elementId, message, kind, recovery }) =>
          `${state}  ${elementId}: ${printable(message)} [${kind}]${recovery === null ? '' : `, recovery ${recovery.pid}`}`,
      ),
      detail.incidents.length,
    ),
    ...section(
      'Warnings',
      detail.warnings.map((warning) => `${clock(warning.at)}  ${warning.elementId}: ${printable(warning.message)}`),
      detail.warnings.length,
    ),
    ...section('Elements', elementLines(shell, detail.elements), detail.elements.length),
    ...section(
      'Variables',
      table(
        shell,
        ['NAME', 'TYPE', 'SCOPE', 'VALUE'],
        detail.variables.map((row) => [row.name, row.type, row.elementId ?? '', valueText(row.value)]),
      ),
      detail.variables.length,
    ),
    ...section(
      'Children',
      table(
        shell,
        ['PID', 'NAME', 'STATE', 'CALLED BY'],
        detail.children.map((child) => [child.pid, child.bpmnProcessId, child.state, child.elementId ?? '']),
      ),
      detail.children.length,
    ),
  ];
}

function heading(detail: ProcessDetail, nowMs: number): [string, string][] {
  const lines: [string, string][] = [
    [
      'pid',
      detail.pid === detail.processInstanceId ? detail.pid : `${detail.pid} (instance ${detail.processInstanceId})`,
    ],
    ['process', `${detail.bpmnProcessId} version ${detail.version}${detail.name === null ? '' : ` (${detail.name})`}`],
    [
      'state',
      detail.endedAt === null
        ? `${detail.state}, ${detail.suspended ? 'suspended, ' : ''}${waitText(detail.waitsAt)}`
        : detail.state,
    ],
    ['started', `${age(detail.startedAt, nowMs)} ago by ${detail.startedBy}`],
  ];
  if (detail.endedAt !== null) lines.push(['ended', `${age(detail.endedAt, nowMs)} ago`]);
  if (detail.reason !== null) lines.push(['reason', detail.reason]);
  if (detail.businessKey !== null) lines.push(['business key', detail.businessKey]);
  if (detail.parentPid !== null) lines.push(['parent', detail.parentPid]);
  if (detail.recovers.length > 0)
    lines.push([
      'recovers',
      detail.recovers.map(({ incidentId, pid }) => `incident ${incidentId} of ${pid}`).join(', '),
    ]);
  return lines;
}

function elementLines(shell: Shell, elements: readonly ElementRow[]): string[] {
  return table(
    shell,
    ['SINCE', 'ELEMENT', 'TYPE', 'OUTCOME', 'CALLED PID'],
    elements.map((row) => [
      clock(row.startedAt),
      row.elementName ?? row.elementId,
      row.elementType,
      { text: row.outcome, ...(row.outcome === 'active' ? { style: 'green' as const } : {}) },
      row.calledPid ?? '',
    ]),
  );
}
