/** The script worker: what a script may do, and that hostile ones reach nothing and end in time. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { BpmnError } from '@procos/client';
import type { Inputs, Outputs } from '../handler.ts';
import { failsForNow, refusesForGood, servicesWith } from '../testing.ts';
import { closeScripts, runScript } from './script.ts';

const services = servicesWith();
const hasty = servicesWith({ PROCOS_SCRIPT_SECONDS: '0.2' });
const run = (script_source: string, variables: Inputs = {}, by = services): Promise<Outputs> =>
  runScript({ ...variables, script_source, script_format: 'javascript' }, by);
const result = async (source: string, variables: Inputs = {}): Promise<unknown> =>
  (await run(source, variables)).local['result'];

after(closeScripts);

test('the value of the last expression is the result, and variables are seen in three ways', async () => {
  assert.equal(await result('const y = x * 2; y + variables.x + execution.getVariable("x")', { x: 10 }), 40);
  assert.deepEqual(await result('({ list: list.map((n) => n + 1) })', { list: [1, 2] }), { list: [2, 3] });
  assert.equal(await result('let nothing;'), null);
  assert.equal(await result('(async () => 7)()'), 7);
});

test('setVariable gives variables back, and a name from data is only a name', async () => {
  const out = await run(
    'execution.setVariable("a", [1]); execution.setVariable("__proto__", 2); execution.getVariable("a")[0]',
  );
  assert.deepEqual(out.local, { result: 1 });
  assert.deepEqual(Object.entries(out.variables ?? {}), [
    ['a', [1]],
    ['__proto__', 2],
  ]);
  assert.equal(
    await result('JSON.stringify([typeof Object, toString === "x"])', { Object: 1, toString: 'x' }),
    '["function",false]',
  );
});

test('more scripts than processes wait their turn', async () => {
  const results = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => result('n * n', { n })));
  assert.deepEqual(results, [1, 4, 9, 16, 25, 36]);
});

test('a script can throw a BPMN error', async () => {
  await assert.rejects(run('throw new BpmnError("NO_STOCK", "sold out")'), (error) => {
    assert.ok(error instanceof BpmnError);
    assert.deepEqual([error.code, error.message], ['NO_STOCK', 'sold out']);
    return true;
  });
});

test('mistakes are told with their line and not tried again', async () => {
  await refusesForGood(run('\n\nnull.x'), /TypeError.*line 3/);
  await refusesForGood(run('let = ;'), /SyntaxError/);
  await refusesForGood(run('const a = {}; a.a = a; a'), /circular/i);
  await refusesForGood(run('new Promise(() => {})'), /never settles/);
  await refusesForGood(runScript({ script_source: '1', script_format: 'groovy' }, services), /groovy/);
  await refusesForGood(runScript({}, services), /script_source/);
});

test('nothing of the host is within reach', async () => {
  const names = [
    'process',
    'require',
    'module',
    'fetch',
    'XMLHttpRequest',
    'WebAssembly',
    'setTimeout',
    'Deno',
    'std',
    'os',
    'scriptArgs',
    'print',
    'console',
    'Java',
  ];
  assert.deepEqual(
    await result(`[${names.map((name) => `typeof ${name}`).join()}].filter((kind) => kind !== 'undefined')`),
    [],
  );
  const attempts = [
    'this.constructor.constructor("return process")()',
    '(function () {}).constructor("return process")().mainModule.require("fs")',
    'execution.getVariable.constructor("return process")()',
    'Function.prototype.constructor.call(null, "return require")()("child_process")',
    'Reflect.construct(Function, ["return globalThis.process.env"])().PATH',
    'new Error().constructor.prepareStackTrace = (_, s) => s; new Error().stack[0].getThis().process.env',
  ];
  const outcomes = '(text) => { try { return String(eval(text)); } catch { return "refused"; } }';
  assert.deepEqual(
    await result(`attempts.map(${outcomes})`, { attempts }),
    attempts.map(() => 'refused'),
  );
  await refusesForGood(run('import("fs")'), /could not load module/);
  await refusesForGood(run('import("node:child_process").then((m) => m.execSync("id"))'), /could not load module/);
  assert.equal(await result('typeof new Function("return this")().process'), 'undefined');
});

test('one script leaves nothing behind for the next', async () => {
  const tricks = [
    'globalThis.left = 1; Object.prototype.left = 1; JSON.stringify = () => "{}"; Array.prototype.map = null; 1',
    'Object.defineProperty(Object.prototype, "a", { set() { throw 1; } }); Object.freeze(globalThis); 1',
    'Promise.prototype.then = () => { throw 1; }; Symbol.iterator in [] && delete Array.prototype[Symbol.iterator]; execution.setVariable("a", 1); 1',
    'BpmnError.prototype.name = "x"; execution.setVariable = () => {}; variables.left = 1; 1',
    'Object.setPrototypeOf(globalThis, null); globalThis.toString = null; 1',
    'queue = () => Promise.resolve().then(() => { globalThis.left = 1; }); queue(); new Promise(() => {}); 1',
    'globalThis.left = new WeakRef({}); new FinalizationRegistry(() => {}).register(left, 1); 1',
  ];
  for (const trick of tricks) {
    assert.equal(await result(trick), 1);
    const out = await run('execution.setVariable("b", [a].map((n) => n + 1)); typeof left + typeof ({}).left', {
      a: 1,
    });
    assert.deepEqual(out, { local: { result: 'undefinedundefined' }, variables: { b: [2] } }, trick);
  }
});

test('a script cannot exchange what carries its result out', async () => {
  const out = await run(`
    Object.prototype.toJSON = () => null;
    Object.keys = Object.create = JSON.stringify = () => { throw 1; };
    Object.prototype.result = 'other';
    String.prototype.concat = null;
    execution.setVariable('toJSON', 'only a name');
    execution.setVariable('left', undefined);
    42`);
  assert.deepEqual(out, { local: { result: 42 }, variables: { toJSON: 'only a name' } });
});

test('chance and clock are there, dates arrive as text, and numbers keep what JSON keeps of them', async () => {
  const random = 'Array.from({ length: 5 }, Math.random)';
  const drawn = [...((await result(random)) as number[]), ...((await result(random)) as number[])];
  assert.equal(new Set(drawn).size, 10);
  const now = Number(await result('new Date().getTime()'));
  assert.ok(Math.abs(Date.now() - now) < 60_000);
  assert.deepEqual(
    await result('[at, new Date(at).getUTCFullYear(), new Date(0), big, big + 1, -0, 1e300, 0.1 + 0.2]', {
      at: '2026-11-26T10:00:00.000Z',
      big: 9_007_199_254_740_991,
    }),
    ['2026-11-26T10:00:00.000Z', 2026, '1970-01-01T00:00:00.000Z', 2 ** 53 - 1, 2 ** 53, 0, 1e300, 0.1 + 0.2],
  );
  await refusesForGood(run('2n ** 64n'), /TypeError/);
});

test('a recursion to the end of the stack can be caught, and is told with its line', async (t) => {
  if (process.platform === 'win32') return t.skip('the stack of a thread is smaller there');
  assert.equal(await result('function f() { f(); } try { f(); } catch (error) { error.message; }'), 'stack overflow');
  await refusesForGood(run('function f() {\n f(); }\nf()'), /InternalError: stack overflow \(line \d\)/);
});

test('variables and results larger than what one interpreter has room for', async () => {
  const list = Array.from({ length: 10_000 }, (_, n) => ({ n, text: `entry ${n}` }));
  for (let round = 0; round < 4; round++)
    assert.equal(await result('list.map(({ n }) => n).reduce((sum, n) => sum + n, 0)', { list }), 49_995_000);
  assert.deepEqual(await result('list', { list }), list);
});

const HOSTILE: Readonly<Record<string, string>> = {
  'endless loop': 'for (;;);',
  'endless recursion': 'function f() { f(); } f()',
  'recursion through native code': 'function f() { return [1].map(f); } f()',
  'memory bomb of arrays': 'const a = []; for (;;) a.push(new Array(10000).fill(1))',
  'string doubling': 'let s = "x"; for (;;) s += s',
  'native join': 'const a = []; a.length = 200000000; a.join("xxxxxxxx")',
  'native sort': 'const a = []; a.length = 50000000; a.sort()',
  'big numbers': 'let n = 3n; for (;;) n *= n',
  'regular expression': '/^(a+)+$/.test("a".repeat(50) + "b")',
  'flood of promises': 'const again = () => Promise.resolve().then(again).then(again); again()',
  'loop while the result is read': '({ toJSON() { for (;;); } })',
  'exploding result': 'let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; a',
  'loop in a getter of the error': 'throw { get message() { for (;;); } }',
  'deep nesting': 'let a = []; for (let i = 0; i < 1e6; i++) a = [a]; a',
  'deep nesting of source': 'eval("(".repeat(1e6))',
  'deep nesting of text': 'JSON.parse("[".repeat(1e6))',
  'repeated text': '"x".repeat(2 ** 30).length; [].concat("x".repeat(2 ** 29))',
  'replaced text': '"x".repeat(1e6).replace(/x/g, "y".repeat(1e4))',
  'many captures': 'new RegExp("(x*)*".repeat(200) + "$").test("x".repeat(200) + "y")',
  'bytes without end': 'const a = []; for (;;) a.push(new Uint8Array(1e6))',
  'more bytes than there are': 'new Uint8Array(2 ** 31)',
  'list without end': 'Array.from({ length: 2 ** 32 })',
  'proxy that loops': 'new Proxy({}, { ownKeys() { for (;;); } })',
  'proxy without bottom': 'let p = {}; for (let i = 0; i < 1e6; i++) p = new Proxy(p, {}); p.x',
  'loop that cannot be caught': 'for (;;) { try { for (;;); } catch { } finally { } }',
  'memory that is caught': 'for (;;) { try { const a = []; for (;;) a.push("x".repeat(1e5)); } catch { } }',
  'endless generator': 'function* g() { for (;;) yield 1; } [...g()]',
  'endless iterator in a loop of promises':
    '(async () => { for await (const x of { async *[Symbol.asyncIterator]() { for (;;) yield 1; } }); })()',
  'jobs that make jobs':
    'const again = () => { Promise.resolve().then(again); Promise.resolve().then(again); }; again(); new Promise(() => {})',
  'then that loops': '({ then(resolve) { for (;;); } })[0]; Promise.resolve({ then() { for (;;); } })',
  'loop in a conversion': '`${{ [Symbol.toPrimitive]() { for (;;); } }}`',
  'code that writes code': 'let s = "1"; for (;;) s = `eval(${JSON.stringify(s)})`',
  'loop in the name of an error': 'throw { name: "E", message: "m", get stack() { for (;;); } }',
  'sort that never agrees':
    'const a = Array.from({ length: 1e6 }, Math.random); for (;;) a.sort(() => Math.random() - 0.5)',
};
test('hostile scripts end in time and the worker lives on', async () => {
  for (const [name, source] of Object.entries(HOSTILE)) {
    const before = Date.now();
    await assert.rejects(run(source, {}, hasty), { name: 'WorkerFailure', retry: false }, name);
    assert.ok(Date.now() - before < 5000, `${name} took ${Date.now() - before} ms`);
  }
  assert.deepEqual((await run('1 + 1', {}, hasty)).local, { result: 2 });
});

test('without a box scripts run and the log says so; with one demanded and missing they are refused', async (t) => {
  const plain = servicesWith({ PROCOS_SANDBOX: 'none', PROCOS_SCRIPT_SECONDS: '0.2' });
  assert.deepEqual((await runScript({ script_source: '6 * 7' }, plain)).local, { result: 42 });
  await refusesForGood(runScript({ script_source: HOSTILE['native join'] }, plain), /time|memory/);
  assert.deepEqual(
    plain.lines.map(({ level, event }) => `${level} ${event}`),
    ['warn sandbox_degraded'],
  );
  const path = process.env['PATH'];
  t.after(() => {
    process.env['PATH'] = path;
  });
  process.env['PATH'] = '/nowhere';
  await refusesForGood(runScript({ script_source: '1' }, servicesWith({ PROCOS_SANDBOX: 'bwrap' })), /bubblewrap/);
});

test('scripts run in a bubblewrap box', async (t) => {
  const bwrap = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0;
  if (!bwrap && process.env['PROCOS_REQUIRE_ALL'] !== '1') {
    return t.skip('bubblewrap does not work here; apt-get install bubblewrap');
  }
  const boxed = servicesWith({ PROCOS_SANDBOX: 'bwrap' });
  assert.deepEqual((await runScript({ script_source: '6 * 7' }, boxed)).local, { result: 42 });
  assert.deepEqual(boxed.lines, []);
});

test('a process that ends before the script begins is not the fault of the script', async (t) => {
  if (process.platform === 'win32') return t.skip('bubblewrap is a program of Linux');
  // A box that passes the probe and then starts nothing.
  const folder = await mkdtemp(join(tmpdir(), 'procos-box-'));
  const path = process.env['PATH'] ?? '';
  t.after(async () => {
    process.env['PATH'] = path;
    closeScripts();
    await rm(folder, { recursive: true });
  });
  const box = join(folder, 'bwrap');
  await writeFile(box, '#!/bin/sh\ncase "$*" in *"exit 0") exit 0 ;; *) exit 1 ;; esac\n');
  await chmod(box, 0o755);
  process.env['PATH'] = folder + delimiter + path;
  const boxed = servicesWith({ PROCOS_SANDBOX: 'bwrap' });
  await failsForNow(runScript({ script_source: '1' }, boxed), /ended before the script began/);
});
