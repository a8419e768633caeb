/** What a coverage holds: as JSON that can be kept and put together, and as text for people. */

/** One thing of a model that a run can pass. */
export interface CoveredPart {
  readonly kind: 'element' | 'flow' | 'rule';
  /** Of a rule of a decision table without an id: its number, from 1. */
  readonly id: string;
  /** For people: type and name, `source -> target`, number of the rule. */
  readonly label: string;
  /** In the file; 0: not known. */
  readonly line: number;
  /** How often an element has begun, a sequence flow was taken, a rule counted. */
  readonly passed: number;
}

export interface CoveredModel {
  readonly kind: 'process' | 'decision';
  readonly id: string;
  readonly resource: string;
  /** sha256 of the file: a changed model is another one. */
  readonly checksum: string;
  readonly parts: readonly CoveredPart[];
}

/** JSON. */
export interface CoverageReport {
  readonly models: readonly CoveredModel[];
}

/** Passed parts of all parts, 0 to 100; 100 where there are none. */
export function percentOf(...models: readonly CoveredModel[]): number {
  const parts = models.flatMap((model) => model.parts);
  if (parts.length === 0) return 100;
  return (100 * parts.filter(({ passed }) => passed > 0).length) / parts.length;
}

/** One report of several, e.g. of all test files. */
export function mergeReports(reports: readonly CoverageReport[]): CoverageReport {
  const models = new Map<string, CoveredModel>();
  for (const model of reports.flatMap((report) => report.models)) {
    const key = JSON.stringify([model.kind, model.id, model.resource, model.checksum]);
    const known = models.get(key);
    models.set(
      key,
      known === undefined ? model : { ...known, parts: known.parts.map((part, at) => added(part, model.parts[at])) },
    );
  }
  return { models: [...models.values()].sort((one, other) => compare(one.id, other.id)) };
}

function added(part: CoveredPart, other: CoveredPart | undefined): CoveredPart {
  return { ...part, passed: part.passed + (other?.passed ?? 0) };
}

/** One paragraph for each model, what was missed with its line. */
export function reportText({ models }: CoverageReport): string {
  if (models.length === 0) return 'Path coverage: nothing was deployed.';
  const lines = models.flatMap((model) => [
    `${model.id} (${model.resource})  ${percentText(percentOf(model))}  ${countsOf(model).join(', ')}`,
    ...model.parts.filter(({ passed }) => passed === 0).map(missedLine),
  ]);
  return [`Path coverage ${percentText(percentOf(...models))}`, ...lines].join('\n');
}

export function percentText(percent: number): string {
  // Never 100 while something is missing.
  return `${Math.floor(percent * 10) / 10} %`;
}

const NAMES = { element: 'elements', flow: 'sequence flows', rule: 'rules' } as const;

function countsOf({ parts }: CoveredModel): string[] {
  return (['element', 'flow', 'rule'] as const).flatMap((kind) => {
    const all = parts.filter((part) => part.kind === kind);
    return all.length === 0 ? [] : [`${all.filter(({ passed }) => passed > 0).length} of ${all.length} ${NAMES[kind]}`];
  });
}

function missedLine({ id, label, line }: CoveredPart): string {
  return `  not passed: ${id}  ${label}${line > 0 ? `  line ${line}` : ''}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
