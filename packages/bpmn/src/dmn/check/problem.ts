/** One problem of a DMN file, at the element it is about. */
import type { Problem } from '../../model.ts';
import type { XmlNode } from '../xml.ts';

export interface Found {
  readonly rule: string;
  readonly message: string;
  readonly severity?: 'warning';
}

/** At the line of the node; named after it, or after what encloses it. */
export function problemAt(node: XmlNode, { rule, message, severity }: Found, elementId?: string): Problem {
  const named = elementId ?? node.attributes['id'] ?? node.attributes['name'];
  const where = named === undefined ? {} : { elementId: named };
  return { severity: severity ?? 'error', rule, message, line: node.line, ...where };
}

/** `decision "Discount"`: by its name, or its id where it has none. */
export function described(node: XmlNode): string {
  return `${KINDS.get(node.name) ?? node.name} "${node.attributes['name'] ?? node.attributes['id'] ?? ''}"`;
}

/** What requires and is required: DMN's word for each. */
export const KINDS: ReadonlyMap<string, string> = new Map([
  ['decision', 'decision'],
  ['inputData', 'input'],
  ['businessKnowledgeModel', 'knowledge model'],
  ['decisionService', 'decision service'],
]);
