/** Types that a file names: each is one of FEEL's or defined by the file, or its values are not checked. */

import { readType } from '../../expression/feel/parse-type.ts';
import type { Problem } from '../../model.ts';
import { childOf, childrenOf, type XmlNode } from '../xml.ts';
import { problemAt } from './problem.ts';

/** Known, though nothing is checked: what XML Schema and Camunda 7 call a number or a duration. */
const ALSO_KNOWN: readonly string[] = ['duration', 'int', 'decimal', 'float', 'short'];

export type KnownTypes = (typeRef: string) => boolean;

/** The types that a file may name; those of imported files are theirs to know. */
export function knownTypes(root: XmlNode): KnownTypes {
  const defined = childrenOf(root, 'itemDefinition').map(({ attributes }) => attributes['name'] ?? '');
  const names = new Set([...ALSO_KNOWN, ...defined]);
  const imports = childrenOf(root, 'import').map(({ attributes }) => attributes['name'] ?? '');
  return (typeRef) =>
    isFeels(typeRef) ||
    names.has(typeRef) ||
    names.has(typeRef.slice(typeRef.indexOf(':') + 1)) ||
    imports.some((name) => name === '' || typeRef.startsWith(`${name}.`) || typeRef.startsWith(`${name}:`));
}

function isFeels(typeRef: string): boolean {
  return [typeRef, typeRef.slice(typeRef.indexOf(':') + 1)].some((name) => readType(name).kind !== 'named');
}

/** `owner`: the id of the element that the node belongs to. */
export function* checkTypes(node: XmlNode, owner: string | undefined, isKnown: KnownTypes): Generator<Problem> {
  const written = [
    node.attributes['typeRef'],
    childOf(node, 'typeRef')?.text.trim(),
    node.name === 'functionItem' ? node.attributes['outputTypeRef'] : undefined,
  ];
  for (const typeRef of written) {
    if (typeRef === undefined || typeRef === '' || isKnown(typeRef)) continue;
    const message = `The type "${typeRef}" is none of FEEL's, and no item definition has this name: its values are not checked; define it or correct the name.`;
    yield problemAt(node, { rule: 'unknown-type', message, severity: 'warning' }, node.attributes['id'] ?? owner);
  }
}
