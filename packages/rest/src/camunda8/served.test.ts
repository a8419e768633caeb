/** Which of Camunda 8's operations are served: docs/compatibility-camunda8.md says it, this compares. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { createServer } from '../server.ts';
import { FakeKernel } from '../testing/fake-kernel.test.ts';
import { gatewayDefinition } from './grpc/definition.ts';
import { camunda8Methods, OPERATIONS } from './known-operations.ts';
import { PREFIX } from './prefix.ts';

const DOCUMENT = new URL('../../../../docs/compatibility-camunda8.md', import.meta.url);

/** The names in the first column of the table under a heading. */
function rows(heading: string): readonly string[] {
  const section = readFileSync(DOCUMENT, 'utf8')
    .split(/^## /m)
    .find((part) => part.startsWith(`${heading}\n`));
  return (section ?? '').split('\n').flatMap((line) => {
    const [before, first = ''] = line.split('|');
    if (before !== '') return [];
    return [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  });
}

describe('docs/compatibility-camunda8.md', () => {
  const served: string[] = [];
  before(async () => {
    const app = await createServer(new FakeKernel(), {
      onRoute: ({ method, url }) => {
        if (!url.startsWith(`${PREFIX}/`)) return;
        served.push(`${method} ${url.slice(PREFIX.length).replaceAll(/:(\w+)/g, '{$1}')}`);
      },
    });
    await app.close();
  });

  it('lists every operation that is served, each one of Camunda 8, and no other', () => {
    assert.deepEqual(rows('Served').toSorted(), served.toSorted());
    assert.deepEqual(
      served.filter((operation) => !OPERATIONS.includes(operation)),
      [],
    );
  });

  it('says something about every operation that is not', () => {
    const excused = rows('Not served');
    const isExcused = (operation: string): boolean => {
      const path = operation.split(' ')[1] ?? '';
      return excused.some((start) => path === start || path.startsWith(`${start}/`));
    };
    const missing = OPERATIONS.filter((operation) => !served.includes(operation));
    assert.deepEqual(
      missing.filter((operation) => !isExcused(operation)),
      [],
    );
    const needless = excused.filter((start) => {
      const told = missing.filter((operation) => isExcused(operation) && operation.includes(` ${start}`));
      return told.length === 0;
    });
    assert.deepEqual(needless, []);
  });

  it('has a row for every call of the gRPC service, and no other', () => {
    assert.deepEqual(rows('gRPC').toSorted(), Object.keys(gatewayDefinition()).toSorted());
  });

  it('knows of 183 operations, and the methods of a path', () => {
    assert.equal(OPERATIONS.length, 183);
    assert.deepEqual(camunda8Methods('/jobs/1'), ['PATCH']);
    assert.deepEqual(camunda8Methods('/jobs/activation'), ['POST']);
    assert.equal(camunda8Methods('/jobs/1/2/3'), undefined);
  });
});
