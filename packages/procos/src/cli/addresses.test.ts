import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inShellWords } from './addresses.ts';

const OWN_FACE = fileURLToPath(new URL('../../../rest/src/own/', import.meta.url));

test('every address of /api that a refusal of the server names is a command, or a page, in the shell', () => {
  const sources = globSync('**/*.ts', { cwd: OWN_FACE, exclude: (path) => path.endsWith('.test.ts') });
  const named = sources.flatMap((path) =>
    [...readFileSync(`${OWN_FACE}${path}`, 'utf8').matchAll(/[Ss]ee (\/api\/[^`'"\s]+?)\.?[`'"\s]/g)].map(
      ([, at]) => at ?? '',
    ),
  );
  assert.ok(named.includes('/api/processes?state=all'), String(named));
  assert.deepEqual(
    named.filter((address) => address !== '/api/openapi.json' && inShellWords(address) === address),
    [],
  );
});

test('the rest of a message stays as it is', () => {
  assert.equal(
    inShellWords('There is no process 7: see /api/processes?state=all. Not /api/nothing.'),
    'There is no process 7: see procos ps --all. Not /api/nothing.',
  );
});
