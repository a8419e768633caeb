/** What building has read of the shipped models is what the first start of a store would read. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readDecisions, readProcesses } from '@procos/bpmn';
import { modelsRead } from './models-read.ts';

const ROOT = new URL('../../../', import.meta.url);
const { readSystemModels } = (await import(new URL('../bin/build-models.js', import.meta.url).href)) as {
  readSystemModels(root: URL): Promise<string>;
};
const folder = mkdtempSync(join(tmpdir(), 'procos-models-read-'));
const file = pathToFileURL(join(folder, 'models.json'));
writeFileSync(file, await readSystemModels(ROOT));
after(() => rmSync(folder, { recursive: true }));

const files = shipped('.bpmn');

function shipped(ending: string): { readonly name: string; readonly xml: string }[] {
  return readdirSync(new URL('system/', ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, xml: readFileSync(new URL(`system/${name.replaceAll('\\', '/')}`, ROOT), 'utf8') }));
}

test('every shipped model is known, as it is read, and as a store keeps it: names of elements inherit nothing', async () => {
  const read = modelsRead(file);
  assert.ok(files.length > 20);
  for (const { name, xml } of files) {
    const before = read.processes(xml);
    assert.ok(before !== undefined && before.processes.length > 0, name);
    const { processes, problems } = await readProcesses(xml);
    assert.equal(JSON.stringify(before), JSON.stringify({ processes, problems }), name);
    for (const { elements, flows } of before.processes)
      for (const named of [elements, flows]) assert.equal(Object.getPrototypeOf(named), null, name);
  }
});

test('so is every shipped table of decisions', () => {
  const read = modelsRead(file);
  const tables = shipped('.dmn');
  assert.ok(tables.length > 0);
  for (const { name, xml } of tables) assert.deepEqual(read.decisions(xml), readDecisions(xml), name);
});

test('each is given once, so that nothing of it stays in memory; other texts are not known, and nothing is where nothing was built', () => {
  const read = modelsRead(file);
  const [{ xml } = { xml: '' }] = files;
  assert.ok(read.processes(xml));
  assert.equal(read.processes(xml), undefined);
  assert.equal(read.processes(`${files[1]?.xml} `), undefined);
  assert.equal(modelsRead().processes(xml), undefined);
  const [{ xml: table } = { xml: '' }] = shipped('.dmn');
  assert.ok(read.decisions(table));
  assert.equal(read.decisions(table), undefined);
  assert.equal(modelsRead().decisions(table), undefined);
});
