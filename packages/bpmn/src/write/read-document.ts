/** Reads a BPMN file into its document, without loss. */
import { Parser } from 'saxen';
import { rootProblems } from '../check/root.ts';
import type { Problem } from '../model.ts';
import { withAllCharacters } from '../read/references.ts';
import { scan } from '../read/scan.ts';
import { type BpmnDocument, type DocumentElement, type DocumentNode, XML, XMLNS } from './document.ts';

export interface ReadDocument {
  /** Absent when there are problems. */
  readonly document?: BpmnDocument;
  /** Why the file is no sound XML, or no BPMN. */
  readonly problems: readonly Problem[];
}

interface Open {
  readonly element: DocumentElement;
  readonly scope: ReadonlyMap<string, string>;
}

/**
 * A tree of our own, not bpmn-moddle's: that one writes numbers anew (`216.0` becomes `216`), drops attributes that equal
 * their default, the second of several references and what it does not know inside of elements that it knows.
 */
export function readDocument(file: string): ReadDocument {
  const xml = withAllCharacters(file);
  const scanned = scan(xml);
  const problems = [...scanned.problems, ...rootProblems(scanned)];
  if (problems.length > 0) return { problems };
  const nodes: DocumentNode[] = [];
  const open: Open[] = [];
  let root: DocumentElement | undefined;

  function add(node: DocumentNode): void {
    (open.at(-1)?.element.children ?? nodes).push(node);
  }

  new Parser()
    .on('openTag', (name, readAttributes, decode) => {
      const attributes = Object.entries(readAttributes() || {}).map(
        ([key, raw]) => [key, decode(attributeValue(raw))] as const,
      );
      const scope = new Map(open.at(-1)?.scope ?? [['xml', XML]]);
      for (const [key, value] of attributes) {
        if (key === 'xmlns') scope.set('', value);
        else if (key.startsWith('xmlns:')) scope.set(key.slice('xmlns:'.length), value);
      }
      const [prefix, localName] = split(name);
      const element: DocumentElement = {
        kind: 'element',
        namespace: scope.get(prefix) ?? '',
        prefix,
        localName,
        attributes: attributes.map(([key, value]) => ({ ...attributeName(key, scope), value })),
        children: [],
      };
      add(element);
      root ??= element;
      open.push({ element, scope });
    })
    .on('closeTag', () => {
      open.pop();
    })
    .on('text', (text, decode) => add({ kind: 'text', value: decode(lines(text)) }))
    .on('cdata', (text) => add({ kind: 'cdata', value: lines(text) }))
    .on('comment', (text) => add({ kind: 'comment', value: lines(text) }))
    .on('question', (text) => add({ kind: 'instruction', value: lines(text.slice(2, -2)) }))
    .parse(xml);
  return root === undefined ? { problems } : { document: { nodes, root }, problems };
}

function attributeName(key: string, scope: ReadonlyMap<string, string>) {
  if (key === 'xmlns') return { namespace: XMLNS, prefix: '', localName: 'xmlns' };
  const [prefix, localName] = split(key);
  if (prefix === 'xmlns') return { namespace: XMLNS, prefix, localName };
  return { namespace: prefix === '' ? '' : (scope.get(prefix) ?? ''), prefix, localName };
}

function split(name: string): [prefix: string, localName: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** Line ends are line feeds (XML 1.0, section 2.11). */
function lines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

/** Line ends and tabs in an attribute are spaces, unless written as references (XML 1.0, section 3.3.3). */
function attributeValue(raw: string): string {
  return lines(raw).replaceAll(/[\n\t]/g, ' ');
}
