/** docs/compatibility.md says of every operation of Camunda 7.24 whether it is served; this compares it with the routes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { createServer } from '../server.ts';
import { shapeOf } from '../testing/camunda-contract.test.ts';
import { FakeKernel } from '../testing/fake-kernel.test.ts';
import { OPERATIONS } from './known-operations.ts';
import { PREFIXES } from './prefixes.ts';

const DOCUMENT = new URL('../../../../docs/compatibility.md', import.meta.url);

/** The operations in the first column of the tables under a heading. */
function rows(heading: string): readonly string[] {
  const section = readFileSync(DOCUMENT, 'utf8')
    .split(/^## /m)
    .find((part) => part.startsWith(`${heading}\n`));
  return (section ?? '').split('\n').flatMap((line) => {
    const [first, cell = ''] = line.split('|');
    return first === '' ? [...cell.matchAll(/`([A-Z]+ \/[^`]+)`/g)].map(([, operation = '']) => operation) : [];
  });
}

describe('docs/compatibility.md', () => {
  const served = new Set<string>();
  before(async () => {
    const app = await createServer(new FakeKernel(), {
      onRoute: ({ method, url }) => {
        if (!url.startsWith(`${PREFIXES[0]}/`) || url.startsWith(`${PREFIXES[1]}/`)) return;
        served.add(shapeOf(String(method), url.slice(PREFIXES[0].length)));
      },
    });
    await app.close();
  });
  const isServed = (operation: string): boolean => {
    const [method = '', path = ''] = operation.split(' ');
    return served.has(shapeOf(method, path));
  };

  it('lists every operation once: as served, or as not served', () => {
    const listed = [...rows('Served'), ...rows('Not served')];
    assert.deepEqual(listed.toSorted(), OPERATIONS.toSorted());
  });

  it('counts them', () => {
    const [, some, all] = /(\d+) of (\d+) operations/.exec(readFileSync(DOCUMENT, 'utf8')) ?? [];
    assert.deepEqual([Number(some), Number(all)], [OPERATIONS.filter(isServed).length, OPERATIONS.length]);
  });

  it('says of each what the server does', () => {
    assert.deepEqual(
      rows('Served').filter((operation) => !isServed(operation)),
      [],
    );
    assert.deepEqual(rows('Not served').filter(isServed), []);
  });
});
