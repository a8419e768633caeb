/** What a set permits, and that narrowing gives exactly what both sets permit: against a small reference, on random pairs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ACTIONS,
  type Capabilities,
  type CapabilityRequest,
  type CapabilitySet,
  CLASSIFICATIONS,
  type Grant,
  KINDS,
  type Kind,
  SANDBOX_LEVELS,
  type SandboxLevel,
} from './contract.ts';
import { canonicalSet, EVERYTHING, narrow, permits } from './decide.ts';
import { capabilityDifference } from './difference.ts';

/** The reference: every grant is a regular expression, every set is a question to each of its grants. No set is ever computed. */
function reference(set: CapabilitySet, request: CapabilityRequest): readonly SandboxLevel[] | false {
  if (request.kind === 'access') {
    const { roles, action } = request;
    const open = (set?.access ?? []).every((list) =>
      list.some((rule) => roles.includes(rule.role) && rule.may.includes(action)),
    );
    return open ? [] : false;
  }
  const { kind, name, access } = request;
  const isFor = (grant: Grant): boolean =>
    pattern(kind, grant.name).test(name) && (grant.access === undefined || grant.access === access);
  const isSystem = kind === 'tasks' && name.startsWith('procos.');
  if (set === null) return isSystem ? false : [];
  if (set.denied?.[kind]?.some(isFor)) return false;
  const granted = (set[kind] ?? []).filter(isFor);
  const levels = ['public', 'internal', 'confidential', 'restricted'];
  const { classification } = request;
  const leaks =
    kind === 'processes' &&
    set.classification !== undefined &&
    classification !== undefined &&
    levels.indexOf(classification) < levels.indexOf(set.classification);
  return granted.length === 0 || leaks ? false : granted.map(({ sandbox }) => sandbox ?? 'none');
}

function pattern(kind: Kind, name: string): RegExp {
  const literal = (text: string): string => text.replace(/[.[\]]/g, '\\$&');
  if (kind === 'paths') return name === '.' ? /^/ : new RegExp(`^${literal(name)}(/|$)`);
  if (kind === 'hosts') {
    const [host = '', port = '\\d+'] = name.split(':');
    const what = host === '*' ? '.+' : host.startsWith('*.') ? `.+${literal(host.slice(1))}` : literal(host);
    return new RegExp(`^${what}:${port}$`);
  }
  const system = kind === 'tasks' && !name.startsWith('procos.') ? '(?!procos\\.)' : '';
  return new RegExp(`^${system}${literal(name).replace(/\*$/, '.*')}$`);
}

const NAMES: Readonly<Record<Kind, readonly string[]>> = {
  tasks: ['*', 'a', 'a*', 'ab*', 'abc', 'p*', 'procos*', 'procos.*', 'procos.a', 'procos.a*', 'procos.ab'],
  scripts: ['*', 'javascript', 'python', 'p*'],
  processes: ['*', 'a', 'a*', 'ab', 'b*'],
  hosts: [
    '*',
    '*:443',
    'x.org',
    'x.org:443',
    '*.x.org',
    '*.x.org:80',
    'a.x.org',
    'b.a.x.org:80',
    '*.a.x.org',
    'ax.org',
  ],
  paths: ['.', 'a', 'a/b', 'a/b/c', 'ab', 'b'],
  models: ['*', 'ollama/*', 'ollama/llama*', 'openai/gpt', 'openai/*'],
  secrets: ['*', 'A', 'B', 'A*'],
  databases: ['*', 'a', 'b*'],
  brokers: ['*', 'a', 'b'],
};
const ASKED: Readonly<Record<Kind, readonly string[]>> = {
  tasks: ['a', 'ab', 'abc', 'p', 'procos', 'procosx', 'procos.a', 'procos.ab', 'procos.b'],
  scripts: ['javascript', 'python', 'perl'],
  processes: ['a', 'ab', 'b', 'c'],
  hosts: ['x.org:443', 'x.org:80', 'a.x.org:443', 'a.x.org:80', 'b.a.x.org:80', 'ax.org:443', 'y:443'],
  paths: ['a', 'a/b', 'a/b/c/d', 'ab', 'b/a', 'c'],
  models: ['ollama/llama3', 'ollama/x', 'openai/gpt', 'openai/gpt-2'],
  secrets: ['A', 'AB', 'B'],
  databases: ['a', 'b', 'bc'],
  brokers: ['a', 'b', 'c'],
};

const grants = (kind: Kind) =>
  fc.array(
    fc.record(
      {
        name: fc.constantFrom(...NAMES[kind]),
        ...(kind === 'tasks' || kind === 'scripts' ? { sandbox: fc.constantFrom(...SANDBOX_LEVELS) } : {}),
        ...(kind === 'paths' ? { access: fc.constantFrom('read' as const, 'write' as const) } : {}),
      },
      { requiredKeys: ['name'] },
    ),
    { maxLength: 3 },
  );
const allGrants = fc.record(
  Object.fromEntries(KINDS.map((kind) => [kind, grants(kind)])) as Record<Kind, fc.Arbitrary<Grant[]>>,
  { requiredKeys: [] },
);
const rules = fc.array(
  fc.record({ role: fc.constantFrom('r', 's', 't'), may: fc.uniqueArray(fc.constantFrom(...ACTIONS)) }),
  { maxLength: 2 },
);
const capabilities: fc.Arbitrary<Capabilities> = fc
  .tuple(
    allGrants,
    fc.record(
      {
        denied: allGrants,
        classification: fc.constantFrom(...CLASSIFICATIONS),
        access: fc.array(rules, { maxLength: 2 }),
        limits: fc.dictionary(fc.constantFrom('x', 'y'), fc.integer({ min: 1, max: 9 })),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([granted, rest]) => structuredClone({ ...granted, ...rest }) as Capabilities);
const sets: fc.Arbitrary<CapabilitySet> = fc.option(capabilities, { freq: 20 });
const requests: fc.Arbitrary<CapabilityRequest> = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...KINDS).chain((kind) => requestOf(kind)) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('access' as const),
      action: fc.constantFrom(...ACTIONS),
      roles: fc.uniqueArray(fc.constantFrom('r', 's', 't')),
    }),
  },
);
function requestOf(kind: Kind): fc.Arbitrary<CapabilityRequest> {
  return fc.record({
    kind: fc.constant(kind),
    name: fc.constantFrom(...ASKED[kind]),
    ...(kind === 'paths' ? { access: fc.constantFrom('read' as const, 'write' as const) } : {}),
    ...(kind === 'processes' ? { classification: fc.constantFrom(...CLASSIFICATIONS) } : {}),
  });
}

const walls = (levels: readonly SandboxLevel[]): string =>
  ['wasm', 'box'].filter((wall) => levels.some((level) => level.split('-in-').includes(wall))).join('-in-') || 'none';

test('100,000 random pairs: what narrowing leaves is what the reference says that both permit', () => {
  fc.assert(
    fc.property(sets, sets, requests, (one, other, request) => {
      const [left, right] = [reference(one, request), reference(other, request)];
      // A call into a lower class is judged by the higher of the two that call.
      const expected = left === false || right === false ? 'refused' : walls([...left, ...right]);
      for (const verdict of [permits(narrow(one, other), request), permits(narrow(other, one), request)])
        assert.equal(verdict.allowed ? verdict.sandbox : 'refused', expected);
    }),
    { numRuns: 100_000 },
  );
});

test('a set permits what the reference says, in its canonical form, too', () => {
  fc.assert(
    fc.property(capabilities, requests, (set, request) => {
      const expected = reference(set, request);
      for (const form of [set, canonicalSet(set), narrow(set, set), narrow(set, EVERYTHING)]) {
        const verdict = permits(form, request);
        assert.equal(verdict.allowed ? verdict.sandbox : 'refused', expected === false ? 'refused' : walls(expected));
      }
    }),
    { numRuns: 20_000 },
  );
});

test('it does not matter in which order sets are narrowed, nor how often', () => {
  fc.assert(
    fc.property(sets, sets, sets, (one, two, three) => {
      const together = narrow(narrow(one, two), three);
      assert.deepEqual(narrow(one, narrow(two, three)), together);
      assert.deepEqual(narrow(narrow(three, one), two), together);
      assert.deepEqual(narrow(together, one), together);
    }),
    { numRuns: 5_000 },
  );
});

test('a demanded sandbox level is refused where it cannot be given', () => {
  const set: Capabilities = {
    scripts: [
      { name: '*', sandbox: 'wasm' },
      { name: 'python', sandbox: 'box' },
    ],
  };
  const ask = (name: string, offered: SandboxLevel) => permits(set, { kind: 'scripts', name, offered });
  assert.equal(ask('javascript', 'wasm').allowed, true);
  assert.equal(ask('javascript', 'wasm-in-box').allowed, true);
  const refused = ask('python', 'box');
  assert.ok(!refused.allowed && /demands the sandbox level wasm-in-box, and there is only box/.test(refused.reason));
});

test('a refusal says what would have to be declared', () => {
  const refused = permits({}, { kind: 'paths', name: 'a/b', access: 'write' });
  assert.ok(!refused.allowed);
  assert.equal(refused.reason, 'to write path a/b is not declared (<procos:path name="a/b" access="write"/>)');
});

test('a path that is asked for without saying how needs both', () => {
  const set: Capabilities = { paths: [{ name: 'a', access: 'read' }] };
  assert.equal(permits(set, { kind: 'paths', name: 'a' }).allowed, false);
  assert.equal(permits({ paths: [{ name: 'a' }] }, { kind: 'paths', name: 'a' }).allowed, true);
});

test('data never goes to a process that is for less delicate data', () => {
  const set: Capabilities = { processes: [{ name: '*' }], classification: 'confidential' };
  const refused = permits(set, { kind: 'processes', name: 'p', classification: 'internal' });
  assert.ok(!refused.allowed && /confidential, and process p is only for what is internal/.test(refused.reason));
  assert.equal(permits(set, { kind: 'processes', name: 'p', classification: 'restricted' }).allowed, true);
});

test('the difference says what may be used now that could not be before', () => {
  const before: Capabilities = { tasks: [{ name: 'a' }], paths: [{ name: 'x', access: 'read' }] };
  const after: Capabilities = { tasks: [{ name: 'a' }, { name: 'b' }], paths: [{ name: 'x' }], limits: { n: 3 } };
  assert.deepEqual(capabilityDifference(before, after), {
    declares: true,
    added: ['tasks b', 'paths x', 'limit n 3'],
    removed: [],
  });
  assert.deepEqual(capabilityDifference(undefined, before).added, ['tasks a', 'paths x (only read)']);
  const given = capabilityDifference(null, before);
  assert.deepEqual(given.added, []);
  assert.ok(given.removed.includes('hosts *'));
});
