/** Names that are used twice, so that one hides the other. */
import type { Problem } from '../../model.ts';
import { childrenOf, type XmlNode } from '../xml.ts';
import { KINDS, problemAt } from './problem.ts';

/** What holds children of one kind under names of their own. */
const NAMED_WITHIN: ReadonlyMap<string, { readonly child: string; readonly what: string }> = new Map(
  Object.entries({
    definitions: { child: 'itemDefinition', what: 'Two item definitions are' },
    itemDefinition: { child: 'itemComponent', what: 'Two components of an item definition are' },
    itemComponent: { child: 'itemComponent', what: 'Two components of an item definition are' },
    encapsulatedLogic: { child: 'formalParameter', what: 'Two parameters are' },
    functionDefinition: { child: 'formalParameter', what: 'Two parameters are' },
    relation: { child: 'column', what: 'Two columns of a relation are' },
  }),
);

/** `owner`: the id of the element that the node belongs to. */
export function* checkNames(node: XmlNode, owner: string | undefined): Generator<Problem> {
  const { child, what } = NAMED_WITHIN.get(node.name) ?? {};
  if (child !== undefined) {
    for (const twice of repeated(childrenOf(node, child), ({ attributes }) => attributes['name'])) {
      const message = `${what} named "${twice.attributes['name']}": rename one.`;
      yield problemAt(twice, { rule: 'duplicate-name', message }, twice.attributes['id'] ?? owner);
    }
  }
  if (node.name === 'context') {
    const named = (entry: XmlNode) => childrenOf(entry, 'variable')[0]?.attributes['name'];
    for (const twice of repeated(childrenOf(node, 'contextEntry'), named)) {
      const message = `Two entries of a context are named "${named(twice)}": rename one.`;
      yield problemAt(twice, { rule: 'duplicate-name', message }, twice.attributes['id'] ?? owner);
    }
  }
  if (node.name === 'definitions') yield* elements(node);
}

/** Decisions, inputs and knowledge models are known to each other by name, and the last one hides the others. */
function* elements(root: XmlNode): Generator<Problem> {
  const drg = root.children.filter(({ name }) => KINDS.has(name));
  const named = (node: XmlNode) => childrenOf(node, 'variable')[0]?.attributes['name'] ?? node.attributes['name'];
  for (const twice of repeated(drg, named)) {
    const message = `Two elements of the file are named "${named(twice)}": what requires both sees only one of them; rename one.`;
    yield problemAt(twice, { rule: 'duplicate-name', message, severity: 'warning' });
  }
}

function repeated(nodes: readonly XmlNode[], named: (node: XmlNode) => string | undefined): XmlNode[] {
  const seen = new Set<string>();
  return nodes.filter((node) => {
    const name = named(node);
    if (name === undefined || name === '') return false;
    if (seen.has(name)) return true;
    seen.add(name);
    return false;
  });
}
