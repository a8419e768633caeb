/** Reading and writing files keeps all that is in them, whoever drew them; what tools change is all that changes. */
/// <reference path="../read/libraries.d.ts" />
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Parser } from 'saxen';
import { scan } from '../read/scan.ts';
import { attributeOf, type BpmnDocument, elementById, elementsIn, setAttribute } from './document.ts';
import { readDocument } from './read-document.ts';
import { writeDocument } from './write-document.ts';

const PROJECT = fileURLToPath(new URL('../../../../', import.meta.url));
const MIWG = join(PROJECT, '../shared/data/miwg');

function document(xml: string): BpmnDocument {
  const { document, problems } = readDocument(xml);
  assert.ok(document !== undefined, JSON.stringify(problems));
  return document;
}

const again = (xml: string): string => writeDocument(document(xml));

function definitions(content: string): string {
  return `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">${content}</definitions>`;
}

describe('read, written and read again, a file says the same', () => {
  const skip = existsSync(MIWG) ? false : 'the MIWG models are not beside the project (../shared/data/miwg)';
  for (const path of skip ? [] : globSync(join(MIWG, '*.bpmn')).toSorted()) {
    it(`MIWG ${basename(path)}`, () => {
      const xml = readFileSync(path, 'utf8');
      assert.ok(canonical(xml).length > 50);
      assert.deepEqual(canonical(again(xml)), canonical(xml));
    });
  }
  it('all MIWG models', { skip }, () => {
    assert.equal(globSync(join(MIWG, '*.bpmn')).length, 21);
  });

  it('every model of this project that is sound BPMN', () => {
    const paths = ['packages/*/{fixtures,stories}/**/*.bpmn', 'examples/**/*.bpmn', 'system/**/*.bpmn'].flatMap(
      (pattern) => globSync(pattern, { cwd: PROJECT }),
    );
    let compared = 0;
    for (const path of paths) {
      const xml = readFileSync(join(PROJECT, path), 'utf8');
      if (readDocument(xml).document === undefined) continue;
      assert.deepEqual(canonical(again(xml)), canonical(xml), relative(PROJECT, path));
      compared += 1;
    }
    assert.ok(compared > 150, `${compared} of ${paths.length}`);
  });
});

describe('kept', () => {
  it('defaults that are written, numbers as they are spelled, and elements that nobody knows', () => {
    const xml = definitions(
      '<process id="p"><startEvent id="s" isInterrupting="true"><x:y xmlns:x="urn:x" z="1.50"><x:deep>a<x:b/>c</x:deep></x:y></startEvent></process>',
    );
    assert.deepEqual(canonical(again(xml)), canonical(xml));
    assert.match(again(xml), /isInterrupting="true"><x:y xmlns:x="urn:x" z="1.50"><x:deep>a<x:b \/>c<\/x:deep>/);
  });

  it('white space in texts and references, also beyond the first plane', () => {
    const xml = definitions(
      '<documentation a="1&#10;2&quot;\'&#9;">  x\n  &lt;b&gt; &#128512; 😀 &#13;]]&gt;\n </documentation>',
    );
    const [, element] = elementsIn(document(xml).root);
    assert.equal(attributeOf(element ?? document(xml).root, 'a'), '1\n2"\'\t');
    assert.deepEqual(element?.children, [{ kind: 'text', value: '  x\n  <b> 😀 😀 \r]]>\n ' }]);
    assert.deepEqual(document(again(xml)), document(xml));
  });

  it('comments, instructions and CDATA, inside and around the root', () => {
    const body = definitions('<!-- in --><process id="p"><script><![CDATA[a < b && c]]></script></process>');
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<!-- before -->\n<?tool x?>\n${body}\n<!-- after -->\n`;
    assert.equal(again(xml), xml);
  });

  it('prefixes that mean something else further inside', () => {
    const xml = definitions('<a:x xmlns:a="urn:1"><a:x xmlns:a="urn:2" a:k="v"/><a:y/></a:x><y xmlns=""/>');
    assert.deepEqual(canonical(again(xml)), canonical(xml));
    assert.deepEqual([...elementsIn(document(xml).root)].map(({ namespace }) => namespace).slice(1), [
      'urn:1',
      'urn:2',
      'urn:1',
      '',
    ]);
  });

  it('a file without line feeds and with a byte order mark reads like any other', () => {
    const xml = definitions('<process id="p">\n  <task id="t"\n name="a\nb"/>\n</process>');
    assert.deepEqual(document(`\uFEFF${xml.replaceAll('\n', '\r\n')}`), document(xml));
  });
});

describe('changed', () => {
  it('what is set is all that changes', () => {
    const path = join(PROJECT, 'packages/engine/fixtures/sequence.bpmn');
    const xml = again(readFileSync(path, 'utf8'));
    const changed = document(xml);
    const element = elementById(changed, 'a');
    assert.ok(element);
    setAttribute(element, 'name', 'A & "B"');
    assert.equal(writeDocument(changed).replace(' name="A &amp; &quot;B&quot;"', ''), xml);
  });

  it('an element that comes from elsewhere brings its namespaces along', () => {
    const from = document(definitions('<x:a xmlns:x="urn:x"><x:b x:k="v" /></x:a>'));
    const [, , moved] = elementsIn(from.root);
    assert.ok(moved);
    const to = document(definitions('<x:c xmlns:x="urn:other" />'));
    const [root, inner] = elementsIn(to.root);
    root?.children.push(moved);
    inner?.children.push(moved);
    const read = document(writeDocument(to));
    const names = [...elementsIn(read.root)].map(({ namespace, localName }) => `${namespace} ${localName}`);
    assert.deepEqual(names.slice(1), ['urn:other c', 'urn:x b', 'urn:x b']);
    assert.deepEqual(
      [...elementsIn(read.root)].map((element) => attributeOf(element, 'k', 'urn:x')),
      [undefined, undefined, 'v', 'v'],
    );
  });
});

describe('refused', () => {
  for (const [what, xml] of [
    ['broken XML', definitions('<process>')],
    ['a DOCTYPE', `<!DOCTYPE x>${definitions('')}`],
    ['a prefix that is bound to nothing', definitions('<x:y />')],
    ['what is not BPMN', '<svg xmlns="http://www.w3.org/2000/svg" />'],
  ] as const) {
    it(`${what}, with its place`, () => {
      const { document, problems } = readDocument(xml);
      assert.equal(document, undefined);
      assert.ok((problems[0]?.line ?? 0) > 0);
    });
  }
});

/**
 * The content of a file as lines, read without the code under test: every element with its expanded name, its attributes
 * in any order, every text. Prefixes do not count, nor does white space beside elements.
 */
function canonical(xml: string): string[] {
  assert.deepEqual(scan(xml).problems, []);
  const lines: string[] = [];
  const open: { readonly prefixes: Readonly<Record<string, string>>; text: string; hasElements: boolean }[] = [];
  const say = (text: string): void => {
    lines.push(`${'  '.repeat(open.length)}${text}`);
  };
  const endText = (closing: boolean): void => {
    const top = open.at(-1);
    if (top === undefined) return;
    const { text, hasElements } = top;
    if (text.trim() !== '' || (closing && text !== '' && !hasElements)) say(`text ${JSON.stringify(text)}`);
    top.text = '';
  };
  const add = (text: string): void => {
    const top = open.at(-1);
    if (top !== undefined) top.text += text;
  };
  new Parser()
    .on('openTag', (name, readAttributes, decode) => {
      endText(false);
      const top = open.at(-1);
      if (top !== undefined) top.hasElements = true;
      const prefixes = { ...top?.prefixes };
      const attributes: (readonly [string, string])[] = [];
      for (const [key, raw] of Object.entries(readAttributes() || {})) {
        const value = decode(raw.replaceAll(/\r\n|[\r\n\t]/g, ' '));
        if (key === 'xmlns') prefixes[''] = value;
        else if (key.startsWith('xmlns:')) prefixes[key.slice('xmlns:'.length)] = value;
        else attributes.push([key, value]);
      }
      const said = attributes.map(
        ([key, value]) => `${expanded(key, { ...prefixes, '': '' })}=${JSON.stringify(value)}`,
      );
      say([expanded(name, prefixes), ...said.toSorted()].join(' '));
      open.push({ prefixes, text: '', hasElements: false });
    })
    .on('text', (text, decode) => add(decode(text.replaceAll('\r\n', '\n'))))
    .on('cdata', (text) => add(text.replaceAll('\r\n', '\n')))
    .on('comment', (text) => {
      endText(false);
      say(`comment ${text.replaceAll('\r\n', '\n')}`);
    })
    .on('closeTag', () => {
      endText(true);
      open.pop();
    })
    .parse(xml);
  return lines;
}

function expanded(name: string, prefixes: Readonly<Record<string, string>>): string {
  const colon = name.indexOf(':');
  return `{${prefixes[name.slice(0, Math.max(colon, 0))] ?? ''}}${name.slice(colon + 1)}`;
}
