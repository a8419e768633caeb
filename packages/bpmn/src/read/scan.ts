/** First look at the XML text: where every element stands, which namespaces it uses, and what is wrong as XML. */
import { Parser } from 'saxen';
import type { Problem } from '../model.ts';

export interface Position {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

export interface ScannedElement extends Position {
  /** Namespace URI; empty where no default namespace is bound. */
  readonly namespace: string;
  readonly localName: string;
  readonly id?: string;
}

export interface Scan {
  readonly root?: ScannedElement;
  /** Elements with an id, in document order; an id used twice is in here twice. */
  readonly identified: readonly ScannedElement[];
  /** Namespace URIs of elements and attributes that really occur, each with its first position. */
  readonly used: ReadonlyMap<string, Position>;
  /** `modeler:executionPlatform` of the root: what the modeler drew it for. */
  readonly platform?: string;
  /** DOCTYPE, malformed XML, unbound prefixes. */
  readonly problems: readonly Problem[];
}

/** Deeper files are refused: nothing that a person draws comes near, and what reads them recurses. */
const MAX_DEPTH = 200;

/** Who made that many mistakes in XML sent something else; telling the place of each takes time. */
const MAX_PROBLEMS = 100;

type Context = () => { readonly line: number; readonly column: number };

type Bindings = Readonly<Record<string, string>>;

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const MODELER = 'http://camunda.org/schema/modeler/1.0';

/** Reads the text once, in linear time; never throws. */
export function scan(xml: string): Scan {
  const missing = nothingIn(xml);
  if (missing !== undefined) return { identified: [], used: new Map(), problems: [missing] };
  const problems: Problem[] = [];
  const identified: ScannedElement[] = [];
  const used = new Map<string, Position>();
  const cursor = new Cursor(xml);
  const bindings: Bindings[] = [{ xml: XML_NAMESPACE }];
  let root: ScannedElement | undefined;
  let platform: string | undefined;
  let depth = 0;

  function resolve(prefix: string, scope: Bindings, position: Position, what: string): string | undefined {
    const uri = Object.hasOwn(scope, prefix) ? scope[prefix] : undefined;
    if (uri === undefined && prefix !== '') {
      problems.push({
        severity: 'error',
        rule: 'unbound-prefix',
        message: `The prefix "${prefix}" of ${what} is not declared: add xmlns:${prefix}="…" to the root element.`,
        ...position,
      });
    }
    return uri;
  }

  function use(uri: string | undefined, position: Position): void {
    if (uri !== undefined && !used.has(uri)) used.set(uri, position);
  }

  function broken(error: Error, context: Context): void {
    // The parser stops after the tag that it is in, which may be the whole file.
    if (problems.length >= MAX_PROBLEMS) return;
    problems.push(malformed(error.message, oneBased(context())));
    if (problems.length >= MAX_PROBLEMS) parser.stop();
  }

  const parser: Parser = new Parser()
    .on('openTag', (name, readAttributes, decode) => {
      const position = cursor.tag(name);
      const attributes = readAttributes() || {};
      const scope = within(bindings.at(-1) ?? {}, attributes, decode);
      bindings.push(scope);
      const [prefix, localName] = split(name);
      const namespace = resolve(prefix, scope, position, `<${name}>`) ?? '';
      use(namespace, position);
      for (const [attribute, value] of Object.entries(attributes)) {
        const [attributePrefix, attributeName] = split(attribute);
        if (attributePrefix !== '' && attributePrefix !== 'xmlns') {
          const uri = resolve(attributePrefix, scope, position, `attribute ${attribute} on <${name}>`);
          // Modelers stamp their own attributes on the root, which are no use of an extension.
          if (depth > 0) use(uri, position);
          else if (uri === MODELER && attributeName === 'executionPlatform') platform = decode(value);
        }
      }
      const id = Object.hasOwn(attributes, 'id') ? decode(attributes['id'] ?? '') : undefined;
      const element: ScannedElement = { namespace, localName, ...position, ...(id === undefined ? {} : { id }) };
      if (depth === 0 && root === undefined) root = element;
      depth += 1;
      if (depth === MAX_DEPTH + 1) problems.push(malformed(`elements are nested deeper than ${MAX_DEPTH}`, position));
      if (id !== undefined) identified.push(element);
    })
    .on('closeTag', () => {
      depth -= 1;
      bindings.pop();
    })
    .on('comment', () => cursor.skip('<!--', '-->'))
    .on('cdata', () => cursor.skip('<![CDATA[', ']]>'))
    .on('attention', (text) => {
      const position = cursor.find('<!');
      if (/^<!doctype/i.test(text)) {
        problems.push({
          severity: 'error',
          rule: 'doctype',
          message: 'A DOCTYPE is refused because it can load or expand foreign content: remove it.',
          ...position,
        });
      } else problems.push(malformed(`unexpected ${text.slice(0, 40)}`, position));
    })
    .on('error', broken)
    .on('warn', broken);

  parser.parse(xml);
  if (root === undefined && problems.length === 0) {
    problems.push(malformed('there is no element in it', { line: 1, column: 1 }));
  }
  return {
    ...(root === undefined ? {} : { root }),
    ...(platform === undefined ? {} : { platform }),
    identified,
    used,
    problems,
  };
}

/** Follows the parser through the text to tell lines; every character is looked at a bounded number of times. */
class Cursor {
  private readonly xml: string;
  private offset = 0;
  private line = 1;
  private lineStart = 0;
  private counted = 0;

  constructor(xml: string) {
    this.xml = xml;
  }

  tag(name: string): Position {
    const open = `<${name}`;
    let at = this.xml.indexOf(open, this.offset);
    while (at >= 0 && !/[\s/>]/.test(this.xml[at + open.length] ?? '>')) at = this.xml.indexOf(open, at + 1);
    return this.moveTo(at, open.length);
  }

  find(what: string): Position {
    return this.moveTo(this.xml.indexOf(what, this.offset), what.length);
  }

  skip(from: string, to: string): void {
    const start = this.xml.indexOf(from, this.offset);
    const end = start < 0 ? -1 : this.xml.indexOf(to, start + from.length);
    if (end >= 0) this.offset = end + to.length;
  }

  private moveTo(at: number, length: number): Position {
    if (at < 0) return { line: this.line, column: 1 };
    for (let index = this.xml.indexOf('\n', this.counted); index >= 0 && index < at; ) {
      this.line += 1;
      this.lineStart = index + 1;
      index = this.xml.indexOf('\n', index + 1);
    }
    this.counted = Math.max(this.counted, at);
    this.offset = at + length;
    return { line: this.line, column: at - this.lineStart + 1 };
  }
}

/** The bindings inside a tag: those around it where it declares none, as nearly every tag. */
function within(
  around: Bindings,
  attributes: Readonly<Record<string, string>>,
  decode: (text: string) => string,
): Bindings {
  let found: Record<string, string> | undefined;
  for (const name in attributes) {
    if (!name.startsWith('xmlns')) continue;
    found ??= { ...around };
    if (name === 'xmlns') found[''] = decode(attributes[name] ?? '');
    else if (name.startsWith('xmlns:')) found[name.slice(6)] = decode(attributes[name] ?? '');
  }
  return found ?? around;
}

function split(name: string): [prefix: string, localName: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** Where the parser would only miss a tag: it is no file that somebody could repair. */
function nothingIn(xml: string): Problem | undefined {
  if (xml.includes('<')) return undefined;
  const what = xml.trim() === '' ? 'The file is empty' : 'The file is no XML: there is not one tag in it';
  return notXml(`${what}. Save the model from the modeler again, or leave the file out.`, { line: 1, column: 1 });
}

function malformed(reason: string, position: Position): Problem {
  return notXml(`The file is not well-formed XML (${reason}): repair it here.`, position);
}

function notXml(message: string, position: Position): Problem {
  return { severity: 'error', rule: 'malformed-xml', message, ...position };
}

function oneBased(context: Position): Position {
  return { line: context.line + 1, column: context.column + 1 };
}
