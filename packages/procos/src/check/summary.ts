/** What somebody wants to know who has a folder of models: how many run, what is to be done, and what they need. */
import { isSystemProcess, SYSTEM_PREFIX } from '@procos/bpmn';
import { BUILTIN_TOPICS } from '@procos/workers';
import type { CheckedFile, Need, NeedKind } from './contract.ts';
import { isDecisionFile, isProcessFile } from './files.ts';

/** Something that several places ask for. */
export interface Wanted {
  readonly name: string;
  readonly times: number;
  readonly paths: readonly string[];
}

/** A reason why files are refused or behave otherwise. */
export interface Reason {
  readonly rule: string;
  readonly kind: 'refused' | 'otherwise';
  readonly times: number;
  readonly files: number;
  /** The first one, as an example. */
  readonly message: string;
}

export interface Summary {
  readonly files: number;
  readonly runs: number;
  readonly otherwise: number;
  readonly refused: number;
  readonly processes: number;
  readonly decisions: number;
  /** The most frequent first. */
  readonly reasons: readonly Reason[];
  /** Topics that a worker of one's own has to serve. */
  readonly workers: readonly Wanted[];
  /** Topics that built-in workers serve. */
  readonly builtIn: readonly Wanted[];
  readonly java: readonly Wanted[];
  /** Whose methods expressions call. */
  readonly beans: readonly Wanted[];
  readonly connectors: readonly Wanted[];
  readonly scripts: readonly Wanted[];
  /** Named by a model, and in none of these files. */
  readonly missing: readonly (Wanted & { readonly kind: 'process' | 'decision' | 'form' })[];
  /** A process or decision id that more than one file defines. */
  readonly twice: readonly Wanted[];
}

export function summaryOf(files: readonly CheckedFile[], held: Held): Summary {
  const needs = files.flatMap(({ path, needs: own }) => own.map((need) => ({ ...need, path })));
  const of = (kind: NeedKind): readonly Wanted[] => wanted(needs.filter((need) => need.kind === kind));
  const workers = of('worker');
  const count = (verdict: CheckedFile['verdict']): number => files.filter((file) => file.verdict === verdict).length;
  const defines = files.flatMap((file) => file.defines.map((one) => ({ ...one, path: file.path })));
  return {
    files: files.length,
    runs: count('runs'),
    otherwise: count('otherwise'),
    refused: count('refused'),
    processes: defines.filter(({ kind }) => kind === 'process').length,
    decisions: defines.filter(({ kind }) => kind === 'decision').length,
    reasons: reasonsOf(files),
    workers: workers.filter(({ name }) => !BUILTIN_TOPICS.includes(name) && !name.startsWith(SYSTEM_PREFIX)),
    builtIn: workers.filter(({ name }) => BUILTIN_TOPICS.includes(name)),
    java: of('java'),
    beans: of('bean'),
    connectors: of('connector'),
    scripts: of('script'),
    missing: (['process', 'decision', 'form'] as const).flatMap((kind) =>
      of(kind)
        // An expression names something else each time.
        .filter(({ name }) => !/^=|[$#]\{/.test(name) && !isSystemProcess(name) && !held[kind].has(name))
        .map((one) => ({ kind, ...one })),
    ),
    twice: wanted(
      defines.map(({ kind, id, path }) => ({ name: kind === 'process' ? id : `decision ${id}`, path })),
    ).filter(({ paths }) => paths.length > 1),
  };
}

/** Ids that the files hold, also those of models that are refused. */
export interface Held {
  readonly process: ReadonlySet<string>;
  readonly decision: ReadonlySet<string>;
  readonly form: ReadonlySet<string>;
}

export function heldBy(files: readonly { readonly path: string; readonly content: string }[]): Held {
  const ids = (chosen: (path: string) => boolean, pattern: RegExp): ReadonlySet<string> =>
    new Set(
      files
        .filter(({ path }) => chosen(path))
        .flatMap(({ content }) => [...content.matchAll(pattern)].map((match) => match[1] ?? '')),
    );
  const forms = files.filter(({ path }) => /\.form$/i.test(path));
  return {
    process: ids(isProcessFile, /<(?:\w+:)?process\b[^>]*?\bid="([^"]+)"/g),
    decision: ids(isDecisionFile, /<(?:\w+:)?decision\b[^>]*?\bid="([^"]+)"/g),
    // By the name of their file or by their id.
    form: new Set([
      ...forms.map(({ path }) => path.replace(/^.*[/\\]/, '')),
      ...forms.map(({ content }) => formId(content)),
    ]),
  };
}

function formId(content: string): string {
  try {
    const form: unknown = JSON.parse(content);
    return typeof form === 'object' && form !== null && 'id' in form ? String(form.id) : '';
  } catch {
    return '';
  }
}

function reasonsOf(files: readonly CheckedFile[]): readonly Reason[] {
  const reasons = new Map<string, Reason & { readonly paths: Set<string> }>();
  for (const { path, notes } of files) {
    for (const { kind, rule, message } of notes) {
      if (kind === 'hint') continue;
      const known = reasons.get(rule);
      const paths = (known?.paths ?? new Set<string>()).add(path);
      reasons.set(rule, {
        rule,
        kind,
        message: known?.message ?? message,
        times: (known?.times ?? 0) + 1,
        files: paths.size,
        paths,
      });
    }
  }
  const rank = ({ kind }: Reason): number => (kind === 'refused' ? 0 : 1);
  return [...reasons.values()]
    .sort((one, other) => rank(one) - rank(other) || other.times - one.times)
    .map(({ paths: _, ...reason }) => reason);
}

function wanted(needs: readonly (Pick<Need, 'name'> & { readonly path: string })[]): readonly Wanted[] {
  return [...Map.groupBy(needs, ({ name }) => name)]
    .map(([name, all]) => ({ name, times: all.length, paths: [...new Set(all.map(({ path }) => path))] }))
    .sort((one, other) => other.times - one.times || (one.name < other.name ? -1 : 1));
}
