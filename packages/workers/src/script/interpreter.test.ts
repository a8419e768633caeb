/** The interpreter: that every script begins in the same memory. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Interpreter } from './interpreter.ts';
import type { ScriptReply } from './messages.ts';

const MEBIBYTE = 1024 * 1024;
let interpreter: Interpreter;
const run = (source: string, variables: unknown = {}): ScriptReply =>
  interpreter.run({ source, variables: JSON.stringify(variables), timeMs: 5000 });
const result = (source: string, variables: unknown = {}): unknown => {
  const reply = run(source, variables);
  assert.equal(reply.outcome, 'done', JSON.stringify(reply));
  return reply.outcome === 'done' && JSON.parse(reply.output).result;
};

before(async () => {
  interpreter = await Interpreter.create(16 * MEBIBYTE, MEBIBYTE);
});

/** Each ends, and leaves behind as much as it can. */
const MESSY: Readonly<Record<string, string>> = {
  nothing: '1',
  'globals and prototypes': 'globalThis.left = 1; Object.prototype.left = 1; Array.prototype.map = null; 1',
  'exchanged built-ins': 'JSON.stringify = JSON.parse = Math.random = Date.now = () => 7; 1',
  'locked world': 'Object.freeze(globalThis); Object.freeze(Object.prototype); Object.preventExtensions(Math); 1',
  text: '"x".repeat(300000).length',
  'many objects': 'const a = []; for (let i = 0; i < 3000; i++) a.push({ i }); globalThis.a = a; 1',
  cycles: 'const a = {}; a.a = a; globalThis.a = [a, a]; 1',
  recursion: 'function f(n) { return n === 0 ? [0] : [n].map(() => f(n - 1)); } JSON.stringify(f(100)).length',
  'deep nesting of source': `${'['.repeat(200)}1${']'.repeat(200)}`,
  'regular expression': '/(a|b)*c/.exec("ab".repeat(200) + "c")[0].length',
  promises: 'Promise.resolve(1).then((n) => n + 1)',
  'promises that stay': 'new Promise(() => {}); new Promise((resolve) => { globalThis.resolve = resolve; }); 1',
  'jobs that nobody waits for': 'for (let i = 0; i < 100; i++) Promise.reject(new Error("lost")); 1',
  'weak references': 'const o = {}; new WeakRef(o); new FinalizationRegistry(() => {}).register(o, 1); 1',
  'generators that stay':
    'function* g() { try { yield 1; } finally { globalThis.x = 1; } } globalThis.g = g(); g.next?.(); 1',
  'symbols and names': 'for (let i = 0; i < 2000; i++) globalThis["name" + i] = Symbol.for("symbol" + i); 1',
  bytes: 'globalThis.bytes = new Uint8Array(200000).fill(255); 1',
  'big numbers': '(7n ** 20000n).toString().length',
  exceptions: 'throw new TypeError("left")',
  'a business error': 'throw new BpmnError("CODE", "left")',
  'a mistake of syntax': 'let = ;',
  'a result that cannot be told': 'const a = {}; a.a = a; a',
  'the clock': 'new Date().toLocaleString() + Date.now()',
};

test('after every script the memory is what it was before the first, byte for byte', () => {
  const memory = (): Buffer => Buffer.from(interpreter.memory.buffer);
  const first = Buffer.from(memory());
  for (const [name, source] of Object.entries(MESSY)) {
    const reply = run(source, { given: 'g'.repeat(1000) });
    assert.notEqual(reply.outcome, 'limit', `${name}: ${JSON.stringify(reply)}`);
    assert.ok(interpreter.usable, name);
    assert.ok(!memory().equals(first), `${name} changed nothing, so it proves nothing`);
    interpreter.reset();
    assert.ok(memory().equals(first), name);
    assert.equal(result('typeof left + typeof given + [1].map((n) => n + 1)[0]'), 'undefinedundefined2', name);
    interpreter.reset();
  }
});

test('the same after a recursion that went to the end of the stack', async () => {
  const program = `
    import { parentPort } from 'node:worker_threads';
    import { Interpreter } from ${JSON.stringify(import.meta.resolve('./interpreter.ts'))};
    const interpreter = await Interpreter.create(${16 * MEBIBYTE}, ${4 * MEBIBYTE});
    const first = Buffer.from(interpreter.memory.buffer.slice());
    parentPort.postMessage(['f()', '[1].map(f)', 'try { f() } finally { n > 2000 || f() }', 'f.apply(null, new Array(20))'].map((step) => {
      const source = 'let n = 0; function f() { n++; ' + step + ' } try { f(); } catch (error) { error.message + (n > 100); }';
      const reply = interpreter.run({ source, variables: '{}', timeMs: 5000 });
      interpreter.reset();
      return [reply.output, interpreter.usable, Buffer.from(interpreter.memory.buffer).equals(first)];
    }));`;
  // The stack of the thread, as in a script process, is larger than what the interpreter allows.
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const thread = new Worker(url, { resourceLimits: { stackSizeMb: 8 } });
  const [outcomes] = await once(thread, 'message');
  const overflow = [JSON.stringify({ result: 'stack overflowtrue', variables: {} }), true, true];
  assert.deepEqual(outcomes, [overflow, overflow, overflow, overflow]);
});

test('a memory that has grown is given up', async () => {
  const other = await Interpreter.create(16 * MEBIBYTE, MEBIBYTE);
  const reply = other.run({ source: 'new Uint8Array(4 << 20).length', variables: '{}', timeMs: 5000 });
  assert.deepEqual(reply, { outcome: 'done', output: '{"result":4194304,"variables":{}}' });
  assert.equal(other.usable, false);
});

test('the memory itself has an end, whatever the interpreter counts', () => {
  assert.throws(() => interpreter.memory.grow(1024), RangeError);
});

test('chance is new in every script, and the time is that of the clock', () => {
  const drawn = new Set<unknown>();
  for (let script = 0; script < 20; script++) {
    const numbers = result('Array.from({ length: 20 }, Math.random)');
    assert.ok(Array.isArray(numbers));
    for (const number of numbers) {
      assert.ok(number >= 0 && number < 1);
      drawn.add(number);
    }
    interpreter.reset();
  }
  assert.equal(drawn.size, 400);
  const mean = Number(result('let sum = 0; for (let i = 0; i < 10000; i++) sum += Math.random(); sum / 10000'));
  interpreter.reset();
  // Eight standard errors.
  assert.ok(Math.abs(mean - 0.5) < 0.024, String(mean));
  assert.deepEqual(result('[Math.random.name, Math.random.length, typeof new Date().getTime()]'), [
    'random',
    0,
    'number',
  ]);
  interpreter.reset();
  const earlier = Date.now();
  const now = Number(result('Date.now()'));
  interpreter.reset();
  assert.ok(now >= earlier && now <= Date.now());
});

test('no memory is shared and nothing waits', () => {
  assert.equal(result('typeof SharedArrayBuffer + typeof Atomics'), 'undefinedundefined');
  interpreter.reset();
});

test('the name of a variable is only a name when the result is told', () => {
  const reply = run(
    'execution.setVariable("toJSON", () => 1); execution.setVariable("a", { toJSON: () => 2 }); variables',
    { toJSON: 3 },
  );
  assert.deepEqual(reply, { outcome: 'done', output: '{"result":{"toJSON":3},"variables":{"a":2}}' });
  interpreter.reset();
});
