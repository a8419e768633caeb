/** Which of Camunda's operations are served: all that applications and operators call. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createServer } from '../server.ts';
import { operations, shapeOf, skip } from '../testing/camunda-contract.test.ts';
import { FakeKernel } from '../testing/fake-kernel.test.ts';
import { camundaMethods } from './known-operations.ts';
import { PREFIX } from './prefixes.ts';

async function served(): Promise<readonly { readonly method: string; readonly path: string }[]> {
  const routes: { readonly method: string; readonly path: string }[] = [];
  const app = await createServer(new FakeKernel(), {
    onRoute: ({ method, url }) => {
      if (!url.startsWith(`${PREFIX}/`)) return;
      routes.push({ method: String(method), path: url.slice(PREFIX.length) });
    },
  });
  await app.close();
  return routes;
}

describe('the operations of the Camunda 7 face', () => {
  it('are operations of Camunda', async () => {
    for (const { method, path } of await served()) {
      // Our own: what is served.
      if (path === '/openapi.json') continue;
      assert.ok(camundaMethods(path.replaceAll(/:\w+/g, 'x'))?.includes(method), `${method} ${path}`);
    }
  });

  it('are all that applications and operators call', { skip }, async () => {
    const shapes = new Set((await served()).map(({ method, path }) => shapeOf(method, path)));
    const missing = operations().filter(
      ({ priority, method, path }) => priority !== 'P2' && !shapes.has(shapeOf(method, path)),
    );
    assert.deepEqual(missing, []);
  });
});
