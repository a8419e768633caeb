/** A DMN file as a tree of elements: local names, attributes, text, and where they stand. */
import { Parser } from 'saxen';
import type { Problem } from '../model.ts';
import { withAllCharacters } from '../read/references.ts';
import { scan } from '../read/scan.ts';

export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  readonly text: string;
  /** Line of the nearest element with an id, 1-based. */
  readonly line: number;
}

interface Building extends XmlNode {
  readonly children: Building[];
  text: string;
}

/** Problems (also of the XML itself) instead of a tree. */
export function readXml(file: string): { readonly root: XmlNode } | { readonly problems: readonly Problem[] } {
  const xml = withAllCharacters(file);
  const scanned = scan(xml);
  if (scanned.problems.length > 0) return { problems: scanned.problems };
  // In document order, an id used twice is in here twice.
  let identified = 0;
  const open: Building[] = [];
  let root: Building | undefined;
  new Parser()
    .on('openTag', (name, readAttributes, decode) => {
      const attributes: Record<string, string> = Object.create(null);
      for (const [key, value] of Object.entries(readAttributes() || {})) attributes[local(key)] = decode(value);
      const parent = open.at(-1);
      const own = Object.hasOwn(attributes, 'id') ? scanned.identified[identified++]?.line : undefined;
      const line = own ?? parent?.line ?? scanned.root?.line ?? 1;
      const node: Building = { name: local(name), attributes, children: [], text: '', line };
      if (parent === undefined) root ??= node;
      else parent.children.push(node);
      open.push(node);
    })
    .on('closeTag', () => {
      open.pop();
    })
    .on('text', (text, decode) => {
      const node = open.at(-1);
      if (node !== undefined) node.text += decode(text);
    })
    .on('cdata', (text) => {
      const node = open.at(-1);
      if (node !== undefined) node.text += text;
    })
    .parse(xml);
  return root === undefined ? { problems: scanned.problems } : { root };
}

export function childrenOf(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  return node?.children.filter((child) => child.name === name) ?? [];
}

export function childOf(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((child) => child.name === name);
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
