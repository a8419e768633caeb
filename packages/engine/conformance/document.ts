/** Writes the matrix into docs/bpmn-support.md: the document is by hand, what stands between the marks is not. */
import type { Dialect } from '@procos/bpmn';
import { DIALECTS } from './row.ts';
import type { Result } from './run.ts';

export const DOCUMENT = new URL('../../../docs/bpmn-support.md', import.meta.url);
export const COMMAND = 'npm run docs:support';

const PREFIX: Readonly<Record<Dialect, string>> = { camunda7: '`camunda:`', camunda8: '`zeebe:`' };

/** The document with its marked parts written anew; throws where a mark is missing. */
export function written(document: string, results: readonly Result[]): string {
  return replaced(replaced(document, 'summary', summary(results)), 'matrix', matrix(results));
}

function replaced(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: written by ${COMMAND} -->`, `<!-- ${name} ends -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/bpmn-support.md lacks the marks ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

function summary(results: readonly Result[]): string {
  const of = (dialect: Dialect) => {
    const cells = results.filter((result) => result.dialect === dialect && result.cell.kind !== 'none');
    return { yes: cells.filter(isYes).length, all: cells.length };
  };
  const [seven, eight] = [of('camunda7'), of('camunda8')];
  return [
    `${seven.yes + eight.yes} of ${seven.all + eight.all} cells are a yes: ${seven.yes} of ${seven.all} in models with \`camunda:\` extensions, ${eight.yes} of ${eight.all} in models with \`zeebe:\` extensions.`,
  ].join('\n');
}

/** A yes is a story that passed; without one there is none. */
function isYes({ cell, failure }: Result): boolean {
  return cell.kind === 'runs' && failure === undefined;
}

function matrix(results: readonly Result[]): string {
  const groups = Map.groupBy(results, ({ row }) => row.group);
  return [...groups].map(([group, own]) => table(group, own)).join('\n\n');
}

function table(group: string, results: readonly Result[]): string {
  const rows = [...Map.groupBy(results, ({ row }) => row)];
  const lines = rows.map(([row, own]) => ({ name: row.name, cells: cellsOf(own) }));
  return [
    `### ${group}`,
    '',
    `| what | ${DIALECTS.map((dialect) => PREFIX[dialect]).join(' | ')} |`,
    `|---|${DIALECTS.map(() => '---|').join('')}`,
    ...merged(lines).map(({ name, cells }) => `| ${name} | ${cells} |`),
  ].join('\n');
}

function cellsOf(results: readonly Result[]): string {
  return DIALECTS.map((dialect) => text(results.find((result) => result.dialect === dialect))).join(' | ');
}

function text(result: Result | undefined): string {
  if (result === undefined || result.failure !== undefined) return '**no**';
  const { cell } = result;
  if (cell.kind === 'runs') return 'yes';
  return cell.kind === 'none' ? `– ${cell.note}` : `${cell.kind}: ${cell.note}`;
}

interface Line {
  readonly name: string;
  readonly cells: string;
}

/** Rows that say nothing in the same way share a line. */
function merged(lines: readonly Line[]): Line[] {
  const groups = Map.groupBy(lines, ({ name, cells }) =>
    cells.split(' | ').every((cell) => cell.startsWith('–')) ? cells : name,
  );
  return [...groups.values()].map((own) => ({
    name: own.map(({ name }) => name).join(', '),
    cells: own[0]?.cells ?? '',
  }));
}
