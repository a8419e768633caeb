/** Writes a document as XML. */
import { type BpmnDocument, type DocumentElement, type DocumentNode, XML, XMLNS } from './document.ts';

/** Prefix to namespace. */
type Scope = ReadonlyMap<string, string>;

/**
 * What was not changed comes out as it was read, white space between elements included. A namespace that is not bound to
 * its prefix where an element or attribute needs it is declared there, so that elements may be moved between documents.
 */
export function writeDocument(document: BpmnDocument): string {
  const scope: Scope = new Map([['xml', XML]]);
  return `${document.nodes.map((node) => written(node, scope)).join('\n')}\n`;
}

function written(node: DocumentNode, scope: Scope): string {
  switch (node.kind) {
    case 'element':
      return writtenElement(node, scope);
    case 'text':
      return escaped(node.value);
    case 'cdata':
      return `<![CDATA[${node.value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
    case 'comment':
      return `<!--${node.value}-->`;
    case 'instruction':
      return `<?${node.value}?>`;
  }
}

function writtenElement(element: DocumentElement, outer: Scope): string {
  const bindings = new Bindings(element, outer);
  const name = qualified(bindings.prefixOf(element.namespace, element.prefix), element.localName);
  const attributes = element.attributes.map(({ namespace, prefix, localName, value }) => {
    const plain = namespace === '' || namespace === XMLNS;
    return attribute(qualified(plain ? prefix : bindings.prefixOf(namespace, prefix || 'ns'), localName), value);
  });
  const open = `<${name}${attributes.join('')}${bindings.added.join('')}`;
  if (element.children.length === 0) return `${open} />`;
  return `${open}>${element.children.map((child) => written(child, bindings.scope)).join('')}</${name}>`;
}

/** The prefixes that hold on an element and inside. */
class Bindings {
  readonly scope: Map<string, string>;
  /** Declarations that the element does not have yet, as written. */
  readonly added: string[] = [];
  /** Declared here or used here: not to be bound to anything else. */
  readonly #taken = new Set<string>();

  constructor(element: DocumentElement, outer: Scope) {
    this.scope = new Map(outer);
    for (const { namespace, prefix, localName, value } of element.attributes) {
      if (namespace === XMLNS) this.#bind(prefix === '' ? '' : localName, value);
    }
  }

  prefixOf(namespace: string, preferred: string): string {
    if ((this.scope.get(preferred) ?? '') === namespace) {
      this.#taken.add(preferred);
      return preferred;
    }
    let prefix = namespace === '' ? '' : preferred;
    for (let count = 1; this.#taken.has(prefix); count += 1) prefix = `${preferred || 'ns'}${count}`;
    this.#bind(prefix, namespace);
    this.added.push(attribute(prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace));
    return prefix;
  }

  #bind(prefix: string, namespace: string): void {
    this.scope.set(prefix, namespace);
    this.#taken.add(prefix);
  }
}

function attribute(name: string, value: string): string {
  const quoted = escaped(value).replaceAll('"', '&quot;');
  return ` ${name}="${quoted.replaceAll(/[\n\t]/g, (blank) => `&#${blank.charCodeAt(0)};`)}"`;
}

function qualified(prefix: string, localName: string): string {
  return prefix === '' ? localName : `${prefix}:${localName}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}
