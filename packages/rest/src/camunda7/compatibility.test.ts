/** docs/compatibility.md says of every operation of Camunda 7.24 whether it is served; this compares it with the routes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { createServer } from '../server.ts';
import { shapeOf } from '../testing/camunda-contract.test.ts';
import { FakeKernel } from '../testing/fake-kernel.test.ts';
import { INSTEAD, insteadOf } from './instead.ts';
import { OPERATIONS } from './known-operations.ts';
import { PREFIX } from './prefixes.ts';

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
  /** Of every face, as they are written. */
  const routes = new Set<string>();
  let refusals: readonly string[] = [];
  before(async () => {
    const app = await createServer(new FakeKernel(), {
      onRoute: ({ method, url }) => {
        routes.add(`${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
        if (!url.startsWith(`${PREFIX}/`)) return;
        served.add(shapeOf(String(method), url.slice(PREFIX.length)));
      },
    });
    refusals = await Promise.all(
      rows('Not served').map(async (operation) => {
        const [method = '', path = ''] = operation.split(' ');
        const url = PREFIX + path.replaceAll(/\{[^}]+\}/g, '1');
        const answer = await app.inject({ method: method as 'GET', url });
        assert.deepEqual(
          [answer.statusCode, answer.json().type, answer.json().code],
          [501, 'NotImplementedException', null],
        );
        return answer.json().message as string;
      }),
    );
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

  it('a refusal of what is not served tells where else to look, and nothing is told of what is', () => {
    assert.deepEqual(
      refusals.filter((message) => !/ not served by this server: \w/.test(message)),
      [],
    );
    const used = new Set(rows('Not served').map((operation) => insteadOf(operation.split(' ')[1] ?? '')));
    assert.deepEqual([...used].toSorted(), Object.values(INSTEAD).toSorted());
  });

  it('it sends nobody to a route, a command or a setting that there is not', () => {
    const told = Object.values(INSTEAD).join('\n');
    const named = [...told.matchAll(/\b(?:GET|POST|PUT|DELETE) \/[\w{}/-]+/g)].map(([route]) => route);
    assert.ok(named.length > 8);
    assert.deepEqual(
      named.filter((route) => !routes.has(route)),
      [],
    );
    const read = (name: string) => readFileSync(new URL(name, DOCUMENT), 'utf8');
    for (const [, command = ''] of told.matchAll(/\bprocos (\w+)/g))
      assert.match(read('shell.md') + read('backup.md'), new RegExp(`\`(procos )?${command}\\b`));
    for (const [, setting = ''] of told.matchAll(/\bsetting ([\w-]+)/g))
      assert.ok(read('settings.md').includes(`| \`${setting}\``), setting);
  });
});
