/** Reads a BPMN file: its executable processes, or all that keeps them from being deployed. */
import type { Finding, Placed, Subject } from '../check/contract.ts';
import { duplicateIds } from '../check/duplicate-ids.ts';
import { lint } from '../check/lint.ts';
import { dialectProblems, rootProblems } from '../check/root.ts';
import { RULES } from '../check/rules.ts';
import { syntaxProblem } from '../check/syntax.ts';
import { warningProblems } from '../check/warnings.ts';
import type { Dialect, Expression, Problem, ReadResult } from '../model.ts';
import { toCondition, toExpression, toFeel } from './expressions.ts';
import { globalTaskModel, globalTasks } from './global-tasks.ts';
import { processModel } from './graph.ts';
import { child, children, flag, isScope, type Node, nearestId, type Parsed, parse } from './moddle.ts';
import type { Reading } from './reading.ts';
import { withAllCharacters } from './references.ts';
import { type Position, type Scan, scan } from './scan.ts';
import { withoutMarks, withUniqueIds } from './unique-ids.ts';

const CAMUNDA_7 = 'http://camunda.org/schema/1.0/bpmn';
const CAMUNDA_8 = 'http://camunda.org/schema/zeebe/1.0';

export interface ReadOptions {
  /** Topics for Java classes (`com.x.Y`) and delegate expressions (`\${bean}`): their work is done by external workers. */
  readonly delegates?: Readonly<Record<string, string>>;
}

/** Translates and checks in one go. Never rejects: whatever is wrong with the file is a problem of the result. */
export async function readProcesses(file: string, options: ReadOptions = {}): Promise<ReadResult> {
  const xml = withAllCharacters(file);
  const scanned = scan(xml);
  const duplicates = [...duplicateIds(scanned)];
  const early = [...scanned.problems, ...rootProblems(scanned), ...dialectProblems(scanned)];
  if (early.length > 0) return refused([...early, ...duplicates]);
  if (duplicates.length === 0) return read(xml, scanned, options);
  const unique = withUniqueIds(xml, duplicates);
  const { problems } = await read(unique, scan(unique), options);
  return refused([...duplicates, ...problems.map(withoutMarks)]);
}

/** Reads a file whose XML is sound. */
async function read(xml: string, scanned: Scan, options: ReadOptions): Promise<ReadResult> {
  const dialect = dialectOf(scanned);
  let parsed: Parsed;
  try {
    parsed = await parse(xml, dialect);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const message = `The file cannot be read as BPMN (${reason}): repair it or export it again.`;
    return refused([{ severity: 'error', rule: 'malformed-xml', message, line: 0 }]);
  }
  const positions = positionsOf(scanned);
  const problems = [...warningProblems(parsed, positions)];
  const delegates = options.delegates ?? {};
  const drawn = children(parsed.root, 'rootElements').filter(isProcess);
  const isPicture = drawn.length > 0 && !drawn.some((process) => flag(process, 'isExecutable') === true);
  const tasks = isPicture ? [] : globalTasks(parsed.root);
  const subject = subjectOf(parsed.root, dialect, delegates, tasks);
  if (subject.processes.length === 0 && tasks.length === 0) problems.push(nothingExecutable(scanned));
  for (const rule of RULES) for (const finding of rule(subject)) problems.push(toProblem(finding, positions));
  const read = (node: Node) => readingOf(node, dialect, delegates, positions, problems);
  const processes = [
    ...subject.processes.map((process) => processModel(read(process))),
    ...tasks.map((task) => globalTaskModel(read(task))),
  ];
  if (problems.some(isError)) return refused(problems);
  return { processes, problems: [...problems, ...lint(subject, positions)].toSorted(byPlace) };
}

/** By the extensions; a file without any has the expressions of the platform that it was drawn for. */
function dialectOf({ used, platform }: Scan): Dialect {
  if (used.has(CAMUNDA_8)) return 'camunda8';
  return platform === 'Camunda Cloud' && !used.has(CAMUNDA_7) ? 'camunda8' : 'camunda7';
}

function refused(problems: readonly Problem[]): ReadResult {
  return { processes: [], problems: problems.toSorted(byPlace) };
}

function byPlace(one: Problem, other: Problem): number {
  return one.line - other.line || (one.column ?? 0) - (other.column ?? 0);
}

function isError(problem: Problem): boolean {
  return problem.severity === 'error';
}

function positionsOf(scanned: Scan): ReadonlyMap<string, Position> {
  const positions = new Map<string, Position>();
  for (const element of scanned.identified) {
    if (element.id !== undefined && !positions.has(element.id)) positions.set(element.id, element);
  }
  return positions;
}

function toProblem(finding: Finding, positions: ReadonlyMap<string, Position>): Problem {
  const elementId = nearestId(finding.node);
  const position = elementId === undefined ? undefined : positions.get(elementId);
  return {
    severity: finding.severity ?? 'error',
    rule: finding.rule,
    message: finding.message,
    line: position?.line ?? 0,
    ...(position === undefined ? {} : { column: position.column }),
    ...(elementId === undefined ? {} : { elementId }),
  };
}

function isProcess(node: Node): boolean {
  return node.$type === 'bpmn:Process';
}

/** Only executable processes are looked at; pools that merely show a partner are left alone. */
function subjectOf(root: Node, dialect: Dialect, delegates: Subject['delegates'], tasks: readonly Node[]): Subject {
  const processes = children(root, 'rootElements').filter(
    (node) => isProcess(node) && flag(node, 'isExecutable') === true,
  );
  const scopes: Node[] = [];
  const elements: Placed[] = tasks.map((node) => ({ node, scope: root }));
  const outgoing = new Map<Node, Node[]>();
  function visit(scope: Node): void {
    scopes.push(scope);
    for (const node of children(scope, 'flowElements')) {
      elements.push({ node, scope });
      const source = node.$type === 'bpmn:SequenceFlow' ? child(node, 'sourceRef') : undefined;
      if (source !== undefined) outgoing.set(source, [...(outgoing.get(source) ?? []), node]);
      if (children(node, 'flowElements').length > 0 || isScope(node)) visit(node);
    }
  }
  for (const process of processes) visit(process);
  const artifacts = scopes.flatMap((scope) => children(scope, 'artifacts'));
  return { dialect, delegates, processes, scopes, elements, outgoing, artifacts };
}

/** Such a file is a picture: it is kept with its deployment and defines nothing, as in Camunda 7. */
function nothingExecutable(scanned: Scan): Problem {
  const position = scanned.identified.find((element) => element.localName === 'process') ?? scanned.root;
  return {
    severity: 'warning',
    rule: 'no-executable-process',
    message: 'No process in this file is executable, so none is defined: set isExecutable="true" on what is to run.',
    line: position?.line ?? 0,
    ...(position === undefined ? {} : { column: position.column }),
    ...(position?.id === undefined ? {} : { elementId: position.id }),
  };
}

function readingOf(
  process: Node,
  dialect: Dialect,
  delegates: Readonly<Record<string, string>>,
  positions: ReadonlyMap<string, Position>,
  problems: Problem[],
): Reading {
  function checked(node: Node, expression: Expression): Expression {
    const finding = syntaxProblem(node, expression);
    if (finding !== undefined) problems.push(toProblem(finding, positions));
    return expression;
  }
  return {
    dialect,
    delegates,
    process,
    line: (node) => positions.get(nearestId(node) ?? '')?.line ?? 0,
    expression: (node, value) => checked(node, toExpression(dialect, value)),
    condition: (node, value) => checked(node, toCondition(dialect, value)),
    feel: (node, value) => checked(node, toFeel(value)),
    juel: (node, value) => checked(node, { language: 'juel', text: value }),
  };
}
