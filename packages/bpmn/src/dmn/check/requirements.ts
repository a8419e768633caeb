/** What decisions, knowledge models and decision services require: that it is there, is of the right kind, and ends somewhere. */
import type { Problem } from '../../model.ts';
import type { DecisionModel } from '../model.ts';
import { targetOf } from '../reference.ts';
import { childrenOf, type XmlNode } from '../xml.ts';
import { findCycles, requirementsOf } from './cycles.ts';
import { described, KINDS, problemAt } from './problem.ts';

type Elements = ReadonlyMap<string, XmlNode>;

/** Which kinds of element each reference may lead to. */
const TARGETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['requiredInput', ['inputData']],
  ['requiredDecision', ['decision']],
  ['requiredKnowledge', ['businessKnowledgeModel', 'decisionService']],
  ['outputDecision', ['decision']],
  ['encapsulatedDecision', ['decision']],
  ['inputDecision', ['decision']],
  ['inputData', ['inputData']],
]);

interface Reference {
  readonly role: string;
  readonly target: string;
}

export function* checkRequirements(root: XmlNode, model: DecisionModel): Generator<Problem> {
  const nodes = root.children.filter(({ name }) => KINDS.has(name));
  const elements: Elements = new Map(nodes.map((node) => [node.attributes['id'] ?? '', node]));
  const imported = new Set(childrenOf(root, 'import').map(({ attributes }) => attributes['namespace'] ?? ''));
  for (const node of nodes)
    for (const reference of referencesOf(node, root)) yield* broken(node, reference, elements, imported);
  yield* cycles(model, elements);
}

function* broken(
  node: XmlNode,
  { role, target }: Reference,
  elements: Elements,
  imported: ReadonlySet<string>,
): Generator<Problem> {
  const who = capital(described(node));
  const wanted = (TARGETS.get(role) ?? []).map((kind) => KINDS.get(kind) ?? kind).join(' or ');
  if (target === '') {
    yield problemAt(node, {
      rule: 'unresolved-reference',
      message: `${who} has a ${role} without href: name a ${wanted}.`,
    });
  } else if (target.includes('#')) {
    const namespace = target.slice(0, target.indexOf('#'));
    if (imported.has(namespace)) return;
    const message = `${who} refers to "${target}" (${role}), and no import has the namespace "${namespace}": import its file or correct the reference.`;
    yield problemAt(node, { rule: 'unresolved-reference', message });
  } else {
    const found = elements.get(target);
    if (found === undefined) {
      const message = `${who} requires "${target}" (${role}), which is not in this file: add it or correct the reference.`;
      yield problemAt(node, { rule: 'unresolved-reference', message });
    } else if (!TARGETS.get(role)?.includes(found.name)) {
      const message = `${who} requires the ${described(found)} as ${role}, which takes a ${wanted}: correct the reference.`;
      yield problemAt(node, { rule: 'unresolved-reference', message });
    }
  }
}

/** Everything an element refers to, in the order of the file. */
function referencesOf(node: XmlNode, root: XmlNode): Reference[] {
  const holders = [
    node,
    ...node.children.filter(({ name }) => name === 'informationRequirement' || name === 'knowledgeRequirement'),
  ];
  return holders.flatMap(({ children }) =>
    children
      .filter(({ name, attributes }) => TARGETS.has(name) && 'href' in attributes)
      .map((child) => ({ role: child.name, target: targetOf(child, root) })),
  );
}

function* cycles(model: DecisionModel, elements: Elements): Generator<Problem> {
  const graph = requirementsOf(model, (reference) => reference);
  for (const cycle of findCycles(graph)) {
    const first = elements.get(cycle[0] ?? '');
    if (first === undefined) continue;
    const way = cycle.map((id) => graph.get(id)?.label ?? id).join(' → ');
    const message = `${capital(described(first))} requires itself (${way}): break the circle.`;
    yield problemAt(first, { rule: 'decision-cycle', message });
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
