/** The documents say what the code does: tables of names are compared with the code in both directions. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The names in the first column of the table under a heading. */
function rows(document: string, heading: string): string[] {
  const section =
    read(document)
      .split(/^## /m)
      .find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '').sort();
}

/** The literals of a union type or of a member typed as one. */
function union(path: string, start: string): string[] {
  const text = read(path);
  const from = text.indexOf(start);
  assert.notEqual(from, -1, `${start} in ${path}`);
  return [...text.slice(from, text.indexOf(';', from)).matchAll(/'([A-Za-z_]+)'/g)]
    .map((match) => match[1] ?? '')
    .sort();
}

describe('docs/errors.md', () => {
  it('has a row for every rule of the deploy check, and no other', () => {
    const rules = globSync('packages/{bpmn,kernel}/src/**/*.ts', { cwd: ROOT })
      .filter((path) => !path.endsWith('.test.ts'))
      .flatMap((path) => [...read(path).matchAll(/rule: '([a-z-]+)'/g)].map((match) => match[1] ?? ''));
    assert.deepEqual(rows('docs/errors.md', 'Deploy check'), [...new Set(rules)].sort());
  });

  it('has a row for every rejection', () => {
    assert.deepEqual(
      rows('docs/errors.md', 'Rejections'),
      union('packages/engine/src/records/rejection.ts', 'type RejectionCode'),
    );
  });

  it('has a row for every kind of incident', () => {
    assert.deepEqual(
      rows('docs/errors.md', 'Incidents'),
      union('packages/engine/src/state/entities.ts', 'type IncidentKind'),
    );
  });

  it('has a row for every reason why the store or the kernel refuses', () => {
    const codes = [
      ...union('packages/store/src/contract.ts', "readonly code: 'LOCKED'"),
      ...union('packages/kernel/src/process-engine.ts', "readonly code: 'STOPPING'"),
    ];
    assert.deepEqual(rows('docs/errors.md', 'Store and kernel'), codes.sort());
  });
});

describe('docs/errors.md, bundles', () => {
  it('has a row for every reason why a bundle is refused', () => {
    const codes = union('packages/kernel/src/bundle/refusal.ts', 'readonly code:');
    assert.deepEqual(rows('docs/errors.md', 'Bundles'), codes);
  });
});

describe('docs/errors.md, faces and shell', () => {
  /** Codes given as a literal where an error of the class is made. */
  const codesOf = (pattern: string, made: RegExp): string[] => {
    const texts = globSync(pattern, { cwd: ROOT })
      .filter((path) => !path.endsWith('.test.ts'))
      .map(read);
    return [...new Set(texts.flatMap((text) => [...text.matchAll(made)].map((match) => match[1] ?? '')))];
  };

  it('has a row for every code that only the own face gives', () => {
    const codes = codesOf('packages/rest/src/own/*.ts', /(?:reply\([\w. ]+, |new ApiRefusal\(\s*\d+,\s*)'([A-Z_]+)'/g);
    const shared = rows('docs/errors.md', 'Rejections');
    assert.deepEqual(rows('docs/errors.md', 'The own face'), codes.filter((code) => !shared.includes(code)).sort());
  });

  it('has a row for every note of procos check', () => {
    const files = globSync('packages/procos/src/check/*.ts', { cwd: ROOT }).filter(
      (path) => !path.endsWith('.test.ts'),
    );
    const noted = files.flatMap((path) => [
      ...[...read(path).matchAll(/#otherwise\(\s*'([a-z-]+)'/g)].map((match) => `otherwise/${match[1]}`),
      ...[...read(path).matchAll(/#note\(\s*'hint',\s*'([a-z-]+)'/g)].map((match) => `hint/${match[1]}`),
      ...[...read(path).matchAll(/rule: '([a-z-]+)'/g)].map((match) => match[1] ?? ''),
    ]);
    assert.deepEqual(rows('docs/errors.md', 'Notes of'), [...new Set(noted)].sort());
  });

  it('has a row for every code of the shell', () => {
    const codes = codesOf('packages/procos/src/**/*.ts', /new UserError\(\s*'([A-Z_0-9]+)'/g);
    assert.deepEqual(rows('docs/errors.md', 'The shell'), codes.sort());
  });
});

describe('docs/events.md', () => {
  it('has a row for every reason why a stream ends', () => {
    const listed = [...read('docs/events.md').matchAll(/^\| `([a-z]+)` \| .*$/gm)].map((match) => match[1]);
    const reasons = union('packages/rest/src/own/sse.ts', 'type EndReason');
    assert.deepEqual(listed.filter((name) => name !== 'after' && name !== 'pid').sort(), reasons);
  });
});

describe('docs/bpmn-support.md', () => {
  it('has a row for every element type of the engine, and no other', () => {
    const registry = read('packages/engine/src/elements/registry.ts');
    const types = [...registry.matchAll(/^ {2}([a-zA-Z]+): [a-zA-Z]+Behavior,$/gm)].map((match) => match[1] ?? '');
    assert.deepEqual(rows('docs/bpmn-support.md', 'Elements'), types.sort());
  });

  it('names for every element a story that runs it', () => {
    const fixtures = globSync('packages/engine/fixtures/*.bpmn', { cwd: ROOT }).map((path) => read(path));
    for (const [, name, tag] of read('docs/bpmn-support.md').matchAll(/^\| `([^`]+)` \| `bpmn:([a-zA-Z]+)/gm)) {
      assert.ok(
        fixtures.some((fixture) => fixture.includes(`<bpmn:${tag}`)),
        `a fixture with bpmn:${tag} for ${name}`,
      );
    }
  });
});

describe('README.md', () => {
  it('links only to files that are there', () => {
    for (const [, target] of read('README.md').matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      assert.ok(globSync(target ?? '', { cwd: ROOT }).length > 0, target);
    }
  });
});
