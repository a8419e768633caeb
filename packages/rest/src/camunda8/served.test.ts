/** Which of Camunda 8's operations are served: docs/compatibility-camunda8.md says it, this compares. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { createServer } from '../server.ts';
import { FakeKernel } from '../testing/fake-kernel.test.ts';
import { gatewayDefinition } from './grpc/definition.ts';
import { INSTEAD } from './instead.ts';
import { camunda8Methods, OPERATIONS } from './known-operations.ts';
import { PREFIX } from './prefix.ts';

function document(name: string): string {
  return readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
}

/** The names in the first column of the table under a heading. */
function rows(heading: string): readonly string[] {
  const section = document('compatibility-camunda8.md')
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
  /** Of every face. */
  const routes = new Set<string>();
  before(async () => {
    const app = await createServer(new FakeKernel(), {
      onRoute: ({ method, url }) => {
        routes.add(`${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
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

  it('has a row for each beginning of a path whose refusal tells where else to look, and no other', () => {
    assert.deepEqual(rows('Not served').toSorted(), Object.keys(INSTEAD).toSorted());
  });

  it('sends nobody to a route, a command or a setting that there is not', () => {
    const told = Object.values(INSTEAD).join('\n');
    const named = [...told.matchAll(/\b(GET|POST) (\/[\w{}/-]+)/g)].map(([route]) => route);
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((route) => !routes.has(route)),
      [],
    );
    const commands = [...told.matchAll(/\bprocos (\w+)/g)].map(([, command]) => command);
    const shell = document('shell.md');
    assert.deepEqual(
      commands.filter((command) => !new RegExp(`\`(procos )?${command}\\b`).test(shell)),
      [],
    );
    const settings = document('settings.md');
    for (const setting of ['history-days', 'log-days']) assert.ok(settings.includes(`| \`${setting}\``));
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
