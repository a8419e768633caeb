/** Every rule of the deploy check, shown by a file in fixtures/refused that says itself what is wrong in which line. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readProcesses } from '../read/processes.ts';

const folder = new URL('../../fixtures/refused/', import.meta.url);

/** `<!-- expect: rule, warning rule -->` stands in the line where the problem is to be found. */
function expected(xml: string): string[] {
  return xml.split('\n').flatMap((line, index) => {
    const list = /<!-- expect: (.*) -->/.exec(line)?.[1]?.split(', ') ?? [];
    return list.map((entry) => `${index + 1} ${entry.startsWith('warning ') ? entry : `error ${entry}`}`);
  });
}

for (const name of readdirSync(folder)) {
  test(`${name} is refused for exactly what is marked in it`, async () => {
    const xml = readFileSync(new URL(name, folder), 'utf8');
    const { processes, problems } = await readProcesses(xml);
    const found = problems.map((problem) => `${problem.line} ${problem.severity} ${problem.rule}`);
    assert.deepEqual(found.toSorted(), expected(xml).toSorted());
    assert.deepEqual(processes, []);
    const lines = problems.map((problem) => problem.line);
    assert.deepEqual(
      lines,
      lines.toSorted((one, other) => one - other),
    );
    for (const { message, elementId, line } of problems) {
      assert.match(message, /[.…)]$/, message);
      if (elementId !== undefined) assert.match(xml.split('\n')[line - 1] ?? '', new RegExp(`"${elementId}"`));
    }
  });
}
