/** What a set permits, and that narrowing gives exactly what both sets permit: against a small reference, on random pairs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  manyTimes,
  randomCapabilities,
  randomRequest,
  randomSet,
  reference,
  walls,
} from '../../reference/reference.ts';
import type { Capabilities, SandboxLevel } from './contract.ts';
import { canonicalSet, EVERYTHING, narrow, permits } from './decide.ts';
import { capabilityDifference } from './difference.ts';

test('100,000 random pairs: what narrowing leaves is what the reference says that both permit', () => {
  manyTimes(100_000, (random) => {
    const [one, other, request] = [randomSet(random), randomSet(random), randomRequest(random)];
    const [left, right] = [reference(one, request), reference(other, request)];
    const expected = left === false || right === false ? 'refused' : walls([...left, ...right]);
    for (const verdict of [permits(narrow(one, other), request), permits(narrow(other, one), request)])
      assert.equal(verdict.allowed ? verdict.sandbox : 'refused', expected);
  });
});

test('a set permits what the reference says, in its canonical form, too', () => {
  manyTimes(20_000, (random) => {
    const [set, request] = [randomCapabilities(random), randomRequest(random)];
    const expected = reference(set, request);
    for (const form of [set, canonicalSet(set), narrow(set, set), narrow(set, EVERYTHING)]) {
      const verdict = permits(form, request);
      assert.equal(verdict.allowed ? verdict.sandbox : 'refused', expected === false ? 'refused' : walls(expected));
    }
  });
});

test('it does not matter in which order sets are narrowed, nor how often', () => {
  manyTimes(10_000, (random) => {
    const [one, two, three] = [randomSet(random), randomSet(random), randomSet(random)];
    const together = narrow(narrow(one, two), three);
    assert.deepEqual(narrow(one, narrow(two, three)), together);
    assert.deepEqual(narrow(narrow(three, one), two), together);
    assert.deepEqual(narrow(together, one), together);
  });
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
