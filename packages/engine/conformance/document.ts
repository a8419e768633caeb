/** Writes the matrix into docs/bpmn-support.md: the document is by hand, what stands between the marks is not. */
import type { Dialect } from '@procos/bpmn';
import { type Answer, claimOf, ENGINES, type Engine, PAGES, READ } from './elsewhere.ts';
import { DIALECTS, type Row } from './row.ts';
import type { Result } from './run.ts';

export const DOCUMENT = new URL('../../../docs/bpmn-support.md', import.meta.url);
export const COMMAND = 'npm run docs:support';

const HEADINGS: readonly string[] = ['what', '`camunda:`', '`zeebe:`', 'Camunda 7', 'Camunda 8', 'bpmn-engine'];

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
  const rows = [...new Set(results.map(({ row }) => row))].filter(isAsked);
  const elsewhere = ENGINES.map((engine) => {
    const count = (...answers: readonly Answer[]) =>
      rows.filter((row) => answers.includes(claimOf(row.id, engine)?.answer ?? '–')).length;
    return `${NAMES[engine]} ${count('yes')} of ${rows.length - count('–')} (${count('partly')} partly, ${count('?')} not said)`;
  });
  return [
    `${seven.yes + eight.yes} of ${seven.all + eight.all} cells are a yes: ${seven.yes} of ${seven.all} in models with \`camunda:\` extensions, ${eight.yes} of ${eight.all} in models with \`zeebe:\` extensions.`,
    `Of the ${rows.length} rows, those that are a question for another engine, by its own documents (read on ${READ}): ${elsewhere.join(', ')}.`,
  ].join('\n');
}

const NAMES: Readonly<Record<Engine, string>> = {
  camunda7: 'Camunda 7',
  camunda8: 'Camunda 8',
  bpmnEngine: 'bpmn-engine',
};

/** A yes is a story that passed; without one there is none. */
function isYes({ cell, failure }: Result): boolean {
  return cell.kind === 'runs' && failure === undefined;
}

/** Rows about what BPMN does not have are no question for others. */
export function isAsked(row: Row): boolean {
  return Object.values(row.cells).some(({ kind }) => kind !== 'none');
}

function matrix(results: readonly Result[]): string {
  const groups = Map.groupBy(results, ({ row }) => row.group);
  const pages = Object.entries(PAGES).map(([name, address]) => `[${name}]: ${address}`);
  return [...[...groups].map(([group, own]) => table(group, own)), pages.join('\n')].join('\n\n');
}

function table(group: string, results: readonly Result[]): string {
  const lines = [...Map.groupBy(results, ({ row }) => row)].map(([row, own]) => ({
    name: row.name,
    cells: [
      ...DIALECTS.map((dialect) => cellText(own.find((result) => result.dialect === dialect))),
      ...ENGINES.map((engine) => claimText(row, engine)),
    ],
  }));
  return [
    `### ${group}`,
    '',
    `| ${HEADINGS.join(' | ')} |`,
    `|${'---|'.repeat(HEADINGS.length)}`,
    ...merged(lines).map(({ name, cells }) => `| ${name} | ${cells.join(' | ')} |`),
  ].join('\n');
}

function cellText(result: Result | undefined): string {
  if (result === undefined || result.failure !== undefined) return '**no**';
  const { cell } = result;
  if (cell.kind === 'runs') return 'yes';
  return cell.kind === 'none' ? `– ${cell.note}` : `${cell.kind}: ${cell.note}`;
}

function claimText(row: Row, engine: Engine): string {
  const claim = claimOf(row.id, engine);
  if (claim === undefined) return '–';
  const answer = claim.page === undefined ? claim.answer : `[${claim.answer}][${claim.page}]`;
  return claim.note === undefined ? answer : `${answer}: ${claim.note}`;
}

interface Line {
  readonly name: string;
  readonly cells: readonly string[];
}

/** Rows that say nothing in the same way share a line. */
function merged(lines: readonly Line[]): Line[] {
  const groups = Map.groupBy(lines, ({ name, cells }) =>
    cells.every((cell) => cell.startsWith('–')) ? cells.join() : name,
  );
  return [...groups.values()].map((own) => ({
    name: own.map(({ name }) => name).join(', '),
    cells: own[0]?.cells ?? [],
  }));
}
