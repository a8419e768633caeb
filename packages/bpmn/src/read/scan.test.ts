/** The first look: lines of elements and what is wrong as XML. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scan } from './scan.ts';

test('elements are found in the line where their tag begins, comments and CDATA notwithstanding', () => {
  const xml = `<?xml version="1.0"?>
<!-- <b id="not" /> -->
<a id="one"><![CDATA[<b id="nor">]]>
  <b
    id="two" /><bb id="three" /> <b id="four" />
</a>`;
  const found = scan(xml).identified.map(({ id, line, column }) => [id, line, column]);
  assert.deepEqual(found, [
    ['one', 3, 1],
    ['two', 4, 3],
    ['three', 5, 16],
    ['four', 5, 34],
  ]);
});

test('every unbound prefix is reported, not only the first', () => {
  const { problems } = scan('<a>\n<x:b />\n<c y:d="1" /></a>');
  assert.deepEqual(
    problems.map(({ rule, line }) => [rule, line]),
    [
      ['unbound-prefix', 2],
      ['unbound-prefix', 3],
    ],
  );
});

test('a prefix is bound only inside the element that declares it', () => {
  assert.deepEqual(scan('<a><b xmlns:x="u"><x:c /></b></a>').problems, []);
  assert.equal(scan('<a><b xmlns:x="u" /><x:c /></a>').problems.length, 1);
});

test('a hundred mistakes in XML are enough, also when all are in one tag', () => {
  const tags = scan(`<a>${'<b c />'.repeat(500)}</a>`);
  assert.equal(tags.problems.length, 100);
  const attributes = scan(`<a ${'c '.repeat(500)}></a>`);
  assert.equal(attributes.problems.length, 100);
});

test('a file with nothing in it, or with no tag, is called that', () => {
  for (const empty of ['', ' \r\n\t', '\ufeff'])
    assert.deepEqual(
      scan(empty).problems.map(({ rule, message, line }) => [rule, message.split('.')[0], line]),
      [['malformed-xml', 'The file is empty', 1]],
    );
  const [text] = scan('order;amount\n1;2').problems;
  assert.match(text?.message ?? '', /^The file is no XML: there is not one tag in it\. Save the model/);
});

test('an attribute given twice is malformed', () => {
  assert.deepEqual(
    scan('<a\n b="1" b="2" />').problems.map((problem) => problem.rule),
    ['malformed-xml'],
  );
});
