/** The pool of script processes: that they are reused, replaced, started and ended as they should. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '../settings.ts';
import type { ScriptReply } from './messages.ts';
import { Pool, type PoolLimits } from './pool.ts';
import { createSandbox } from './sandbox.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const sandbox = createSandbox(readSettings({ PROCOS_SANDBOX: 'none' }), SILENT);
const NEVER = new AbortController().signal;
const ENDLESS = 'for (;;);';

interface Set {
  readonly pool: Pool;
  /** Runs a script that may take `timeMs`. */
  readonly run: (source: string, timeMs?: number, signal?: AbortSignal) => Promise<ScriptReply>;
}

function setUp(t: TestContext, limits: Partial<PoolLimits> = {}): Set {
  const pool = new Pool(sandbox, limits);
  t.after(() => pool.close());
  return {
    pool,
    run: (source, timeMs = 5000, signal = NEVER) =>
      pool.run(JSON.stringify({ source, variables: '{}', timeMs }), timeMs + 1000, signal),
  };
}

function answered(result: unknown): ScriptReply {
  return { outcome: 'done', output: JSON.stringify({ result, variables: {} }) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

test('nothing runs before the first script, and one process serves one script after the other', async (t) => {
  const { pool, run } = setUp(t);
  assert.deepEqual(pool.processIds, []);
  assert.deepEqual(await run('1 + 1'), answered(2));
  const processIds = pool.processIds;
  assert.equal(processIds.length, 1);
  for (let n = 0; n < 20; n++) assert.deepEqual(await run(`${n} + 1`), answered(n + 1));
  assert.deepEqual(pool.processIds, processIds);
});

test('a script that waits too long gets another process, and there is an end to their number', async (t) => {
  const { pool, run } = setUp(t, { processes: 2 });
  const slow = [run(ENDLESS, 3000), run(ENDLESS, 3000)];
  const quick = [1, 2, 3].map((n) => run(`${n}`));
  await until(() => pool.processIds.length === 2);
  let most = 0;
  const counting = setInterval(() => {
    most = Math.max(most, pool.processIds.length);
  }, 1);
  assert.deepEqual(await Promise.all(quick), [answered(1), answered(2), answered(3)]);
  for (const reply of await Promise.all(slow)) assert.equal(reply.outcome, 'limit');
  clearInterval(counting);
  assert.ok(most <= 2, String(most));
});

test('a process that has run its number of scripts is replaced, and no script waits or is lost', async (t) => {
  const { pool, run } = setUp(t, { scripts: 5 });
  await run('0');
  const [first] = pool.processIds;
  let n = 0;
  while (pool.processIds.includes(first ?? 0)) assert.deepEqual(await run(`${++n}`), answered(n));
  assert.ok(n >= 4, String(n));
  await until(() => pool.processIds.length === 1);
  assert.deepEqual(await run('7'), answered(7));
});

test('an old process is replaced', async (t) => {
  const { pool, run } = setUp(t, { ageMs: 1 });
  await run('0');
  const [first] = pool.processIds;
  await until(() => !pool.processIds.includes(first ?? 0));
  assert.deepEqual(await run('7'), answered(7));
});

test('a script that went to a limit leaves its process to nobody', async (t) => {
  const { pool, run } = setUp(t);
  for (const [source, outcome] of Object.entries({
    [ENDLESS]: 'limit',
    'const a = []; for (;;) a.push(new Array(10000).fill(1))': 'limit',
    'function f() { f(); } f()': 'thrown',
  })) {
    await run('0');
    const [before] = pool.processIds;
    assert.equal((await run(source, 300)).outcome, outcome, source);
    assert.ok(!pool.processIds.includes(before ?? 0), source);
    assert.deepEqual(await run('1'), answered(1));
  }
});

test('a script whose process was killed by somebody else runs again', async (t) => {
  const { pool, run } = setUp(t);
  await run('0');
  const [first = 0] = pool.processIds;
  const running = run('const end = Date.now() + 300; while (Date.now() < end); 7');
  process.kill(first, 'SIGKILL');
  assert.deepEqual(await running, answered(7));
  assert.ok(!pool.processIds.includes(first));
});

test('a process that nobody needs ends, and the next script starts one', async (t) => {
  const { pool, run } = setUp(t, { idleMs: 30 });
  await run('0');
  const [first = 0] = pool.processIds;
  await until(() => pool.processIds.length === 0);
  await until(() => !isThere(first));
  assert.deepEqual(await run('7'), answered(7));
});

test('a task that is given up ends its script, whether it runs or waits', async (t) => {
  const { pool, run } = setUp(t, { processes: 1 });
  await run('0');
  const [first = 0] = pool.processIds;
  const [running, waiting] = [new AbortController(), new AbortController()];
  const replies = [run(ENDLESS, 60_000, running.signal), run('1', 5000, waiting.signal)];
  waiting.abort(new Error('no longer wanted'));
  await assert.rejects(replies[1] as Promise<unknown>, /no longer wanted/);
  running.abort(new Error('lock lost'));
  await assert.rejects(replies[0] as Promise<unknown>, /lock lost/);
  await until(() => !isThere(first));
  assert.deepEqual(await run('7'), answered(7));
});

test('what waits when the pool is closed is told so', async (t) => {
  const { pool, run } = setUp(t, { processes: 1 });
  const waiting = run('1');
  pool.close();
  await assert.rejects(waiting, /closed/);
});

test('a job and an answer may be longer than what a pipe holds', async (t) => {
  const { run } = setUp(t);
  const text = 'ä"\\\n'.repeat(100_000);
  assert.deepEqual(await run(`${JSON.stringify(text)} + "!"`), answered(`${text}!`));
  assert.deepEqual(await run('1'), answered(1));
});

function isThere(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
