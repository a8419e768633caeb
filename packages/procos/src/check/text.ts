/** What `procos check` prints for people. */
import type { Shell } from '../cli/shell.ts';
import { count, paint, printable } from '../cli/text.ts';
import type { CheckedFile, Note } from './contract.ts';
import type { Summary, Wanted } from './summary.ts';

const COLOURS = { refused: 'red', otherwise: 'yellow', hint: 'dim' } as const;
const VERDICTS = { runs: 'runs as it is', otherwise: 'runs, not all as before', refused: 'refused' } as const;

/** `order.bpmn:12: refused: … (element) [rule]`, one line each, then what becomes of the file. */
export function fileLines(shell: Pick<Shell, 'colour'>, { path, verdict, notes, defines }: CheckedFile): string[] {
  const defined = defines.map(({ kind, id }) => (kind === 'decision' ? `decision ${id}` : id)).join(', ');
  const text = `${VERDICTS[verdict]}  ${path}${defined === '' ? '' : `  (${defined})`}`;
  return [...notes.map((note) => noteLine(shell, path, note)), printable(text)];
}

function noteLine(shell: Pick<Shell, 'colour'>, path: string, { kind, rule, message, elementId, line }: Note): string {
  const where = line > 0 ? `${path}:${line}` : path;
  const element = elementId === undefined ? '' : ` (${elementId})`;
  return `${printable(where)}: ${paint(shell, COLOURS[kind], kind)}: ${printable(message + element)} [${rule}]`;
}

export function summaryLines(summary: Summary): string[] {
  const { files, runs, otherwise, refused, processes, decisions, reasons, missing, twice } = summary;
  const defined = [count(processes, 'process', 'processes'), count(decisions, 'decision')].join(' and ');
  return [
    '',
    `${count(files, 'file')}: ${runs} ${runs === 1 ? 'runs' : 'run'} as ${runs === 1 ? 'it is' : 'they are'}, ${otherwise} ${otherwise === 1 ? 'runs' : 'run'} and ${otherwise === 1 ? 'behaves' : 'behave'} otherwise in places, ${refused} ${refused === 1 ? 'is' : 'are'} refused.`,
    `What can be deployed defines ${defined}.`,
    ...section('Refused because of', reasons.filter(({ kind }) => kind === 'refused').map(reasonLine)),
    ...section('Otherwise because of', reasons.filter(({ kind }) => kind === 'otherwise').map(reasonLine)),
    ...section('Java that has to become workers', wantedLines(summary.java)),
    ...section('Connectors that have to become workers', wantedLines(summary.connectors)),
    ...delegateAdvice([...summary.java, ...summary.connectors.filter(({ name }) => !isJobType(name))]),
    ...section('Beans that expressions call, whose values have to come from workers', wantedLines(summary.beans)),
    ...section('Scripts', wantedLines(summary.scripts)),
    ...section('Workers that these models need', wantedLines(summary.workers)),
    ...section('Served by built-in workers', wantedLines(summary.builtIn)),
    ...section(
      'Named, and in none of these files',
      missing.map(({ kind, ...one }) => `${kind} ${wantedText(one)}`),
    ),
    ...section('Defined by more than one file', wantedLines(twice)),
  ].map(printable);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function reasonLine({ rule, times, files, message }: Summary['reasons'][number]): string {
  return `${times} x in ${count(files, 'file')}  ${rule}  e.g. ${message}`;
}

function wantedLines(wanted: readonly Wanted[]): string[] {
  return wanted.map(wantedText);
}

function wantedText({ name, times, paths }: Wanted): string {
  return `${name}  ${times === 1 ? 'once' : `${times} times`} in ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;
}

/** As a connector of Camunda 8 is named. */
function isJobType(name: string): boolean {
  return name.includes(':');
}

function delegateAdvice(java: readonly Wanted[]): string[] {
  if (java.length === 0) return [];
  const taken = new Map<string, number>();
  const entries = java
    .map(({ name }) => {
      const topic = topicFor(name);
      const times = (taken.get(topic) ?? 0) + 1;
      taken.set(topic, times);
      // Two classes of one name are two kinds of work.
      return `${name}=${topic}${times === 1 ? '' : `-${times}`}`;
    })
    .join(', ');
  return section('To leave the models as they are, map these to topics that workers serve, and start ProcOS so', [
    `PROCOS_DELEGATES='${entries}'`,
  ]);
}

/** `com.acme.ScoringDelegate` and `\${scoringDelegate}`: `scoring`. */
export function topicFor(name: string): string {
  const last = name.replace(/^[$#]\{|\}$/g, '').replace(/^.*[.$]/, '');
  const short = last.replace(/(?:Java)?(?:Delegate|Listener|Bean|Service)$/, '') || last;
  return short
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9-]/g, '-')
    .toLowerCase();
}
