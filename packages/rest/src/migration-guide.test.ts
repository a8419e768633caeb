/** What docs/migration.md has people send is taken, and does what it says there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startSystem } from './testing/real-kernel.test.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

test('an instance of another engine begins again at its place, once', async (t) => {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'claim.bpmn': read('examples/testing/claim.bpmn') });
  const page = read('docs/migration.md');
  const [, path = ''] = /curl -X POST http:\/\/[^/]+(\/\S+)/.exec(page) ?? [];
  const [, key = ''] = /idempotency-key: ([^']+)'/.exec(page) ?? [];
  const [, body = ''] = /-d '(\{[\s\S]*?\})'/.exec(page) ?? [];
  const send = async (): Promise<string> => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const response = await fetch(system.url + path, { method: 'POST', headers, body });
    assert.equal(response.status, 200);
    return ((await response.json()) as { readonly id: string }).id;
  };
  const [id, again] = [await send(), await send()];
  assert.equal(id, again);
  const process = await system.get<{
    readonly businessKey: string;
    readonly waitsAt: readonly { readonly elementId: string }[];
    readonly variables: readonly { readonly name: string; readonly value: unknown }[];
  }>(`/api/processes/${id}`);
  assert.equal(process.businessKey, 'C-4711');
  assert.deepEqual(
    process.waitsAt.map(({ elementId }) => elementId),
    ['decide'],
  );
  assert.deepEqual(Object.fromEntries(process.variables.map(({ name, value }) => [name, value])), {
    amount: 3000,
    contract: 'C1',
  });
});
