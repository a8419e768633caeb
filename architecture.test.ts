/** The floors: imports go down, the towers meet only on the ground and on the roof, and the lower floors have no clock and no chance. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));

/** The one list of edges: a package may import these and no others. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  bpmn: ['protocol'],
  engine: ['bpmn'],
  store: ['bpmn', 'engine'],
  kernel: ['bpmn', 'engine', 'store'],
  rest: ['kernel', 'protocol'],
  client: ['protocol'],
  workers: ['client', 'protocol'],
  console: ['bpmn', 'protocol'],
  procos: ['bpmn', 'client', 'engine', 'kernel', 'protocol', 'rest', 'store', 'workers'],
  testing: ['bpmn', 'client', 'kernel', 'workers'],
};

/** Pure floors: compiled without node and dom, so they cannot name them; these words would still compile. */
const PURE = ['protocol', 'bpmn', 'engine'];
const IMPURE = /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bperformance\.now\b|\bTemporal\.Now\b/;

interface Source {
  readonly package: string;
  readonly path: string;
  readonly text: string;
}

const sources: readonly Source[] = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: ROOT })
  .filter((path) => !/\.test\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
  .map((path) => ({ package: path.split(/[\\/]/)[1] ?? '', path, text: readFileSync(join(ROOT, path), 'utf8') }));

function importsOf({ text }: Source): string[] {
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g,
    ),
  ]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .filter((name) => name !== '');
}

describe('floors', () => {
  it('every package is on the list', () => {
    assert.deepEqual([...new Set(sources.map((source) => source.package))].sort(), Object.keys(EDGES).sort());
  });

  it('a package imports only the packages below it, by their public face', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter((name) => name.startsWith('@procos/'))
        .filter((name) => !(EDGES[source.package] ?? []).includes(name.slice('@procos/'.length)))
        .map((name) => `${source.path} imports ${name}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('a relative import stays inside its package', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(join(ROOT, 'packages', source.package, 'src'), join(ROOT, dirname(source.path), name)))
        .filter((path) => path.startsWith('..'))
        .map((path) => `${source.path} imports ${path}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('the dependencies that a package declares are the edges of the list', () => {
    for (const [name, edges] of Object.entries(EDGES)) {
      const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as {
        dependencies?: Record<string, string>;
      };
      const declared = Object.keys(manifest.dependencies ?? {})
        .filter((dependency) => dependency.startsWith('@procos/'))
        .map((dependency) => dependency.slice('@procos/'.length));
      assert.deepEqual(declared.sort(), [...edges].sort(), name);
    }
  });

  it('the pure floors use no node module, no clock and no chance', () => {
    const wrong = sources
      .filter((source) => PURE.includes(source.package))
      .flatMap((source) => [
        ...importsOf(source)
          .filter((name) => name.startsWith('node:'))
          .map((name) => `${source.path} imports ${name}`),
        ...source.text
          .split('\n')
          .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && IMPURE.test(line))
          .map((line) => `${source.path}: ${line.trim()}`),
      ]);
    assert.deepEqual(wrong, []);
  });

  it('every file says on its first line what it is for', () => {
    const wrong = sources.filter((source) => !/^(\/\*\*|\/\/|#!)/.test(source.text)).map((source) => source.path);
    assert.deepEqual(wrong, []);
  });

  it('the engine floors are stacked: a lower folder imports none above it', () => {
    const order = ['records', 'state', 'appliers', 'actions', 'elements', 'steps', 'commands'];
    const wrong = sources
      .filter((source) => source.package === 'engine')
      .flatMap((source) => {
        const own = order.indexOf(source.path.split(/[\\/]/)[3] ?? '');
        return (
          importsOf(source)
            .filter((name) => name.startsWith('.'))
            .map((name) => relative('packages/engine/src', join(dirname(source.path), name)))
            .filter((path) => own >= 0 && order.indexOf(path.split(/[\\/]/)[0] ?? '') > own)
            // The words name each other: a step is part of an incident, an incident part of an event.
            .filter((path) => !(own === 0 && path.startsWith('state')))
            .map((path) => `${source.path} imports ${path}`)
        );
      });
    assert.deepEqual(wrong, []);
  });
});
