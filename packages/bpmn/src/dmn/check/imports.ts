/** What can only be told from all decision files of a deployment: that what one imports from another is there. */
import type { Problem } from '../../model.ts';
import type { DecisionModel } from '../model.ts';
import { findCycles, type Requiring, requirementsOf } from './cycles.ts';

export interface DecisionFile {
  readonly resourceName: string;
  readonly model: DecisionModel;
}

export interface FileProblem {
  readonly resourceName: string;
  readonly problem: Problem;
}

type Files = ReadonlyMap<string, DecisionFile>;

export function checkImports(files: readonly DecisionFile[]): readonly FileProblem[] {
  const byNamespace: Files = new Map(files.map((file) => [file.model.namespace, file]));
  return [
    ...files.flatMap((file) => [...namespaces(file, files), ...references(file, byNamespace)]),
    ...cycles(files, byNamespace),
  ];
}

/** The models of all files, each with those that it imports, directly or through others: it can be evaluated alone. */
export function withImports<F extends DecisionFile>(files: readonly F[]): readonly F[] {
  return files.map((file) => {
    const { model } = file;
    const found = new Set<DecisionModel>();
    const collect = ({ imports }: DecisionModel): void => {
      for (const { namespace } of imports) {
        const imported = files.find((file) => file.model.namespace === namespace)?.model;
        if (imported === undefined || imported === model || found.has(imported)) continue;
        found.add(imported);
        collect(imported);
      }
    };
    collect(model);
    return found.size === 0 ? file : { ...file, model: { ...model, imported: [...found] } };
  });
}

function* namespaces(file: DecisionFile, files: readonly DecisionFile[]): Generator<FileProblem> {
  for (const { namespace, name, line = 0 } of file.model.imports) {
    const found = files.filter((other) => other.model.namespace === namespace);
    if (found.length === 1) continue;
    const what = `The import "${name}" wants the file with the namespace ${namespace}`;
    const message =
      found.length === 0
        ? `${what}, which is not in this deployment: deploy both together.`
        : `${what}, and there are ${found.length} (${found.map(({ resourceName }) => resourceName).join(', ')}): give each its own namespace.`;
    yield at(file, { severity: 'error', rule: 'missing-import', message, elementId: file.model.id, line });
  }
}

/** References `namespace#id` into files that are there. */
function* references(file: DecisionFile, byNamespace: Files): Generator<FileProblem> {
  const { decisions, knowledge } = file.model;
  const requiring = [
    ...decisions.map((one) => ({
      ...one,
      what: 'Decision',
      requires: [...one.inputs, ...one.decisions, ...one.knowledge],
    })),
    ...knowledge.map((one) => ({ ...one, what: 'Knowledge model', line: 0, requires: one.knowledge })),
  ];
  for (const { id, name, what, line, requires } of requiring) {
    for (const reference of requires) {
      const split = reference.indexOf('#');
      const imported = split < 0 ? undefined : byNamespace.get(reference.slice(0, split));
      const wanted = reference.slice(split + 1);
      if (imported === undefined || idsOf(imported.model).includes(wanted)) continue;
      const message = `${what} "${name}" requires "${wanted}" of ${imported.resourceName}, which has no such element: add it or correct the reference.`;
      yield at(file, { severity: 'error', rule: 'unresolved-reference', message, elementId: id, line });
    }
  }
}

/** Circles within one file are found by the check of that file. */
function* cycles(files: readonly DecisionFile[], byNamespace: Files): Generator<FileProblem> {
  const graph = new Map<string, Requiring>();
  for (const { model, resourceName } of files) {
    const keyOf = (reference: string) => (reference.includes('#') ? reference : `${model.namespace}#${reference}`);
    for (const [key, element] of requirementsOf(model, keyOf))
      graph.set(key, { ...element, label: `${element.label} (${resourceName})` });
  }
  for (const cycle of findCycles(graph)) {
    const spaces = cycle.map((key) => key.slice(0, key.indexOf('#')));
    const file = byNamespace.get(spaces[0] ?? '');
    if (file === undefined || new Set(spaces).size < 2) continue;
    const [first = ''] = cycle;
    const elementId = first.slice(first.indexOf('#') + 1);
    const way = cycle.map((key) => graph.get(key)?.label ?? key).join(' → ');
    const message = `"${elementId}" requires itself through other files (${way}): break the circle.`;
    const line = file.model.decisions.find(({ id }) => id === elementId)?.line ?? 0;
    yield at(file, { severity: 'error', rule: 'decision-cycle', message, elementId, line });
  }
}

function idsOf({ decisions, knowledge, inputs, services }: DecisionModel): readonly string[] {
  return [...decisions, ...knowledge, ...inputs, ...services].map(({ id }) => id);
}

function at({ resourceName }: DecisionFile, problem: Problem): FileProblem {
  return { resourceName, problem };
}
