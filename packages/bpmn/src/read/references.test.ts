/** Characters that are written as references. */
/// <reference path="./libraries.d.ts" />
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDecisions } from '../dmn/read.ts';
import { readDocument } from '../write/read-document.ts';
import { readProcesses } from './processes.ts';
import { withAllCharacters } from './references.ts';

describe('characters beyond U+FFFF', () => {
  const named = (name: string) =>
    `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"><process id="p" isExecutable="true" name="${name}"><startEvent id="s" /></process></definitions>`;

  test('written as references they are read by every reader', async () => {
    for (const reference of ['&#128512;', '&#x1F600;', '&#x1f600;']) {
      const { processes } = await readProcesses(named(reference));
      assert.equal(processes[0]?.name, '😀');
      const { document } = readDocument(named(reference));
      assert.match(JSON.stringify(document), /"value":"😀"/);
    }
    const { model } = readDecisions(
      '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n"><decision id="e" name="&#128512;"><literalExpression id="l"><text>"&#x1F600;"</text></literalExpression></decision></definitions>',
    );
    assert.equal(model?.decisions[0]?.name, '😀');
  });

  test('in comments and CDATA a reference is mere text, and what names no character stays', () => {
    const far = '&#128512;';
    for (const [xml, read] of [
      [`<![CDATA[${far}]]>${far}<!--${far}-->${far}`, `<![CDATA[${far}]]>😀<!--${far}-->😀`],
      [`${far}<![CDATA[${far}`, `😀<![CDATA[${far}`],
      [`${far}&#1114112;&#65;&amp;#128512;`, '😀&#1114112;&#65;&amp;#128512;'],
    ] as const)
      assert.equal(withAllCharacters(xml), read);
  });

  test('a file full of beginnings is read in linear time', () => {
    const before = performance.now();
    withAllCharacters(`&#128512;${'<!--<![CDATA['.repeat(400_000)}`);
    assert.ok(performance.now() - before < 2_000);
  });
});
