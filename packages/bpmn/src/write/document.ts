/** A BPMN file as a tree that keeps everything: what tools change and write again. */

/** Bound to the prefix `xmlns` (Namespaces in XML 1.0, section 3): declarations are attributes of this namespace. */
export const XMLNS = 'http://www.w3.org/2000/xmlns/';
export const XML = 'http://www.w3.org/XML/1998/namespace';

/**
 * The whole file, in document order: XML declaration, comments, `<definitions>`. It is text: who writes it into a file
 * encodes it as its XML declaration says (a byte order mark is not part of it).
 */
export interface BpmnDocument {
  readonly nodes: readonly DocumentNode[];
  /** `<definitions>`; one of the nodes. */
  readonly root: DocumentElement;
}

export type DocumentNode = DocumentElement | DocumentText;

/** Of BPMN, of its diagram or of any extension: all are kept alike, also unknown ones. */
export interface DocumentElement {
  readonly kind: 'element';
  /** Empty where there is none. */
  namespace: string;
  /** Preferred prefix, empty for the default namespace. Names inside of values (`xsi:type="bpmn:tFormalExpression"`) lean on it. */
  prefix: string;
  localName: string;
  /** In the order of the file, namespace declarations among them. */
  readonly attributes: DocumentAttribute[];
  readonly children: DocumentNode[];
}

export interface DocumentAttribute {
  /** Empty for an attribute without prefix. */
  readonly namespace: string;
  readonly prefix: string;
  readonly localName: string;
  value: string;
}

/** `value` is what the text says, without escapes; of an instruction all between `<?` and `?>`. */
export interface DocumentText {
  readonly kind: 'text' | 'cdata' | 'comment' | 'instruction';
  value: string;
}

/** The element and all that are inside, in document order. */
export function* elementsIn(element: DocumentElement): Generator<DocumentElement> {
  yield element;
  for (const child of element.children) if (child.kind === 'element') yield* elementsIn(child);
}

/** The element with that `id` (of BPMN or of its diagram). */
export function elementById(document: BpmnDocument, id: string): DocumentElement | undefined {
  for (const element of elementsIn(document.root)) if (attributeOf(element, 'id') === id) return element;
  return undefined;
}

export function attributeOf(element: DocumentElement, localName: string, namespace = ''): string | undefined {
  return element.attributes.find((one) => one.localName === localName && one.namespace === namespace)?.value;
}

/** Sets an attribute without prefix; the others keep their places. */
export function setAttribute(element: DocumentElement, localName: string, value: string): void {
  const known = element.attributes.find((one) => one.localName === localName && one.namespace === '');
  if (known === undefined) element.attributes.push({ namespace: '', prefix: '', localName, value });
  else known.value = value;
}
