/** The external-task worker against a server in Camunda's shape. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeCamunda } from '../testing/fake-camunda.ts';
import type { Worker, WorkerOptions } from './contract.ts';
import { BpmnError, WorkerFailure } from './outcome.ts';
import { createWorker } from './worker.ts';

const FAST = { firstMs: 20, maxMs: 40 };

async function setUp(
  t: TestContext,
  options: Partial<WorkerOptions> = {},
): Promise<{ server: FakeCamunda; worker: Worker }> {
  const server = await new FakeCamunda().listen();
  const worker = createWorker({
    baseUrl: server.url,
    longPollMs: 5000,
    retryBackOff: FAST,
    reconnectBackOff: FAST,
    ...options,
  });
  t.after(async () => {
    await worker.stop({ drainMs: 100 });
    await server.close();
  });
  return { server, worker };
}

test('a task is fetched by long poll, its typed variables arrive as plain values and results go back typed', async (t) => {
  const { server, worker } = await setUp(t);
  let seen: unknown;
  worker.subscribe('greet', ({ variables, headers }) => {
    seen = { ...variables, ...headers };
    return {
      variables: { total: 3 },
      localVariables: { list: [1], text: 'x', none: null, big: 3_000_000_000, half: 0.5 },
    };
  });
  await worker.start();
  server.add({
    id: 'a',
    topicName: 'greet',
    extensionProperties: { tone: 'warm' },
    variables: {
      name: { type: 'String', value: 'Ada' },
      data: { type: 'Json', value: '{"n":1}' },
      at: { type: 'Date', value: '2025-01-15T10:30:00.000+0100' },
    },
  });
  const [call] = await server.until(/\/a\/complete/);
  assert.deepEqual(seen, { name: 'Ada', data: { n: 1 }, at: new Date('2025-01-15T09:30:00Z'), tone: 'warm' });
  assert.deepEqual(call?.body['variables'], { total: { type: 'Integer', value: 3 } });
  assert.deepEqual(call?.body['localVariables'], {
    list: { type: 'Json', value: '[1]' },
    text: { type: 'String', value: 'x' },
    none: { type: 'Null', value: null },
    big: { type: 'Long', value: 3_000_000_000 },
    half: { type: 'Double', value: 0.5 },
  });
});

test('no more tasks run than there are slots, and a poll asks only for free slots', async (t) => {
  const { server, worker } = await setUp(t, { concurrency: 2 });
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  worker.subscribe('slow', async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => release.push(resolve));
    running--;
    return undefined;
  });
  for (const id of ['a', 'b', 'c', 'd']) server.add({ id, topicName: 'slow' });
  await worker.start();
  for (let done = 1; done <= 4; done++) {
    while (release.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    release.shift()?.();
    await server.until(/complete/, done);
  }
  assert.equal(most, 2);
  for (const { body } of server.called(/fetchAndLock/)) assert.ok(Number(body['maxTasks']) <= 2);
});

test('the first failure leaves two attempts, back-off doubles, the last attempt leaves none', async (t) => {
  const { server, worker } = await setUp(t, { retryBackOff: { firstMs: 20, maxMs: 1000 } });
  worker.subscribe('fail', () => {
    throw new Error('nothing works');
  });
  server.add({ id: 'a', topicName: 'fail' });
  await worker.start();
  const calls = await server.until(/failure/, 3);
  assert.deepEqual(
    calls.map(({ body }) => body['retries']),
    [2, 1, 0],
  );
  const [first = 0, second = 0, third = 0] = calls.map(({ body }) => Number(body['retryTimeout']));
  assert.ok(first >= 20 && first <= 24, String(first));
  assert.ok(second >= 40 && second <= 48, String(second));
  assert.equal(third, 0);
  assert.equal(calls[0]?.body['errorMessage'], 'nothing works');
});

test('a BpmnError becomes bpmnError with its variables; a WorkerFailure without retry leaves no attempt', async (t) => {
  const { server, worker } = await setUp(t);
  worker.subscribe('business', () => {
    throw new BpmnError('NO_STOCK', 'sold out', { left: 0 });
  });
  worker.subscribe('final', () => {
    throw new WorkerFailure('bad input', { retry: false });
  });
  server.add({ id: 'a', topicName: 'business' });
  server.add({ id: 'b', topicName: 'final' });
  await worker.start();
  const [error] = await server.until(/a\/bpmnError/);
  assert.deepEqual([error?.body['errorCode'], error?.body['errorMessage']], ['NO_STOCK', 'sold out']);
  assert.deepEqual(error?.body['variables'], { left: { type: 'Integer', value: 0 } });
  const [failure] = await server.until(/b\/failure/);
  assert.deepEqual([failure?.body['retries'], failure?.body['errorMessage']], [0, 'bad input']);
});

test('the lock is extended while the handler runs', async (t) => {
  const { server, worker } = await setUp(t, { lockMs: 60 });
  worker.subscribe('long', async () => {
    await server.until(/extendLock/, 3);
    return undefined;
  });
  server.add({ id: 'a', topicName: 'long' });
  await worker.start();
  await server.until(/complete/);
  assert.equal(server.called(/fetchAndLock/).length >= 1, true);
  assert.deepEqual(server.called(/extendLock/)[0]?.body['newDuration'], 60);
});

test('a lost lock aborts the handler, and its result is not sent', async (t) => {
  const { server, worker } = await setUp(t, { lockMs: 60 });
  const aborted = Promise.withResolvers<void>();
  worker.subscribe('long', async ({ signal }) => {
    server.tasks.delete('a');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    aborted.resolve();
    return undefined;
  });
  server.add({ id: 'a', topicName: 'long' });
  await worker.start();
  await aborted.promise;
  await worker.stop({ drainMs: 1000 });
  assert.equal(server.called(/complete/).length, 0);
});

test('a result is told again after the connection came back', async (t) => {
  const { server, worker } = await setUp(t);
  let runs = 0;
  worker.subscribe('once', async () => {
    runs++;
    await server.close();
    setTimeout(() => void server.listen(), 100);
    return { localVariables: { ok: true } };
  });
  server.add({ id: 'a', topicName: 'once' });
  await worker.start();
  await server.until(/a\/complete/);
  assert.equal(runs, 1);
  assert.equal(server.tasks.size, 0);
});

test('a result whose answer was lost is told again with the same key', async (t) => {
  const { server, worker } = await setUp(t);
  server.faults.push({ path: /complete/, status: 0 }, { path: /complete/, status: 503 });
  worker.subscribe('a', () => ({}));
  server.add({ id: '1', topicName: 'a' });
  server.add({ id: '2', topicName: 'a' });
  void worker.start();
  const calls = await server.until(/complete/, 4);
  const keysOf = (id: string) => calls.filter(({ path }) => path.includes(`/${id}/`)).map(({ key }) => key);
  const all = [...new Set([...keysOf('1'), ...keysOf('2')])];
  assert.equal(all.length, 2, 'one key per task');
  assert.ok(all.every((key) => key !== undefined));
  assert.equal(server.called(/fetchAndLock/)[0]?.key, undefined);
});

test('what it says about a task carries the fencing token that came with it', async (t) => {
  const { server, worker } = await setUp(t, { lockMs: 100 });
  worker.subscribe('a', () => server.until(/extendLock/).then(() => ({})));
  server.add({ id: '1', topicName: 'a', lockCount: 3 });
  void worker.start();
  await server.until(/complete/);
  for (const { path, body } of server.called(/extendLock|complete/)) assert.equal(body['lockCount'], 3, path);
});

/** Has the server take outcomes of many; each is answered by `judge`, when the release is called. */
function takeTogether(server: FakeCamunda, judge: (taskId: string) => object): { told: Told[][]; release: () => void } {
  const told: Told[][] = [];
  let held = Promise.withResolvers<void>();
  server.routes.set('POST /api/external-tasks/outcomes', async (_, response) => {
    const outcomes = server.calls.at(-1)?.body['outcomes'] as Told[];
    told.push(outcomes);
    await held.promise;
    held = Promise.withResolvers();
    for (const { taskId } of outcomes) server.tasks.delete(taskId);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ answers: outcomes.map(({ taskId }) => judge(taskId)) }));
  });
  return { told, release: () => held.resolve() };
}

interface Told {
  readonly taskId: string;
  readonly operation: string;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

test('outcomes that come while others are told go together, and each is answered by itself', async (t) => {
  const { server, worker } = await setUp(t, { concurrency: 10 });
  const { told, release } = takeTogether(server, (taskId) =>
    taskId === '3' ? { status: 400, type: 'RestException', message: 'cannot store it' } : { status: 204 },
  );
  const begin = Promise.withResolvers<void>();
  worker.subscribe('first', () => ({}));
  worker.subscribe('later', async ({ task }) => {
    await begin.promise;
    if (task.id === '4') throw new BpmnError('NO_STOCK');
    return { variables: { n: 1 } };
  });
  server.add({ id: '1', topicName: 'first', lockCount: 7 });
  for (const id of ['2', '3', '4']) server.add({ id, topicName: 'later', lockCount: 1 });
  server.add({ id: '5', topicName: 'later' });
  await worker.start();
  while (told.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  begin.resolve();
  // One without a fencing token is told in Camunda's way.
  await server.until(/\/5\/complete/);
  release();
  while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  release();
  while (told.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  release();
  const shown = told.map((outcomes) => outcomes.map(({ taskId, operation }) => `${taskId} ${operation}`));
  assert.deepEqual(shown, [['1 complete'], ['2 complete', '3 complete', '4 bpmnError'], ['3 failure']]);
  assert.deepEqual(told[0]?.[0]?.body, { variables: {}, localVariables: {}, lockCount: 7 });
  assert.equal(told[2]?.[0]?.body['errorMessage'], 'cannot store it');
  assert.equal(new Set(told.flat().map(({ key }) => key)).size, 5);
  await worker.stop();
});

test('outcomes whose answer was lost keep their keys when they are told again', async (t) => {
  const { server, worker } = await setUp(t);
  const { told, release } = takeTogether(server, () => ({ status: 204 }));
  server.faults.push({ path: /outcomes/, status: 0 }, { path: /outcomes/, status: 503 });
  release();
  worker.subscribe('a', () => ({}));
  server.add({ id: '1', topicName: 'a', lockCount: 1 });
  await worker.start();
  const calls = await server.until(/outcomes/, 3);
  const keys = calls.map(({ body }) => (body['outcomes'] as Told[])[0]?.key);
  assert.equal(new Set(keys).size, 1);
  while (told.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(server.tasks.size, 0);
});

test('a server that does not take outcomes together gets them one by one, and is not asked again', async (t) => {
  const { server, worker } = await setUp(t);
  worker.subscribe('a', () => ({}));
  server.add({ id: '1', topicName: 'a', lockCount: 1 });
  await worker.start();
  await server.until(/\/1\/complete/);
  server.add({ id: '2', topicName: 'a', lockCount: 1 });
  await server.until(/\/2\/complete/);
  assert.equal(server.called(/outcomes/).length, 1);
});

test('without a server the worker asks again with growing pauses and goes on when it is back', async (t) => {
  const { server, worker } = await setUp(t);
  worker.subscribe('late', () => undefined);
  await server.close();
  const started = worker.start();
  setTimeout(() => void server.listen(), 100);
  await started;
  server.add({ id: 'a', topicName: 'late' });
  await server.until(/a\/complete/);
});

test('a result that the engine refuses is reported as a failure', async (t) => {
  const { server, worker } = await setUp(t);
  worker.subscribe('odd', () => ({ variables: { x: 1 } }));
  server.faults.push({ path: /complete/, status: 500, message: 'cannot store x' });
  server.add({ id: 'a', topicName: 'odd' });
  await worker.start();
  const [failure] = await server.until(/a\/failure/);
  assert.equal(failure?.body['errorMessage'], 'cannot store x');
});

test('a worker with an id of its own gives back what it held before a crash', async (t) => {
  const { server, worker } = await setUp(t, { workerId: 'host-1', exclusiveId: true });
  worker.subscribe('work', () => undefined);
  server.add({ id: 'a', topicName: 'work', workerId: 'host-1', lockedUntil: Date.now() + 300_000, retries: null });
  server.add({ id: 'b', topicName: 'work', workerId: 'other', lockedUntil: Date.now() + 300_000, retries: null });
  server.routes.set('POST /engine-rest/external-task/a/unlock', (_, response) => {
    server.tasks.set('a', { id: 'a', topicName: 'work', workerId: null });
    response.writeHead(204).end();
  });
  await worker.start();
  await server.until(/a\/complete/);
  assert.deepEqual(
    server.called(/unlock/).map(({ path }) => path),
    ['/engine-rest/external-task/a/unlock'],
  );
});

test('stop fetches nothing more and lets running handlers finish', async (t) => {
  const { server, worker } = await setUp(t);
  const begun = Promise.withResolvers<void>();
  worker.subscribe('drain', async () => {
    begun.resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return undefined;
  });
  server.add({ id: 'a', topicName: 'drain' });
  await worker.start();
  await begun.promise;
  const stopped = worker.stop({ drainMs: 5000 });
  server.add({ id: 'b', topicName: 'drain' });
  await stopped;
  assert.equal(server.called(/a\/complete/).length, 1);
  assert.equal(server.tasks.get('b')?.workerId, undefined);
  assert.equal(worker.running, 0);
});

test('a handler that does not end within the drain time is aborted and its task given back', async (t) => {
  const { server, worker } = await setUp(t);
  const begun = Promise.withResolvers<void>();
  worker.subscribe('stuck', ({ signal }) => {
    begun.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  server.add({ id: 'a', topicName: 'stuck' });
  await worker.start();
  await begun.promise;
  await worker.stop({ drainMs: 20 });
  assert.equal(server.called(/a\/unlock/).length, 1);
  assert.equal(server.called(/a\/(failure|complete)/).length, 0);
});

test('a worker that is stopped says that it goes, last of all, to a server that knows it', async (t) => {
  const { server, worker } = await setUp(t, { workerId: 'a/b 1', announceMs: 20 });
  server.routes.set('POST /api/workers', (_, response) => response.writeHead(204).end());
  server.routes.set('DELETE /api/workers/a%2Fb%201', (_, response) => response.writeHead(204).end());
  worker.subscribe('greet', () => ({}));
  await worker.start();
  await server.until(/^\/api\/workers/);
  server.add({ id: 'a', topicName: 'greet' });
  await server.until(/complete/);
  assert.equal(server.called(/a%2Fb/).length, 0);
  await worker.stop();
  assert.equal(server.called(/^\/api\/workers\/a%2Fb%201$/).length, 1);
  assert.deepEqual(server.calls.at(-1)?.path, '/api/workers/a%2Fb%201');

  const quiet = await setUp(t, { announceMs: 0 });
  quiet.worker.subscribe('greet', () => ({}));
  await quiet.worker.start();
  await quiet.worker.stop();
  assert.equal(quiet.server.called(/api\/workers/).length, 0);
});

test('a worker that is stopped while it says what it is says that it goes all the same', async (t) => {
  for (const answered of [0, 1]) {
    const { server, worker } = await setUp(t, { workerId: 'a', announceMs: 20 });
    server.routes.set('POST /api/workers', (_, response) => {
      if (server.called(/^\/api\/workers$/).length <= answered) response.writeHead(204).end();
    });
    server.routes.set('DELETE /api/workers/a', (_, response) => response.writeHead(204).end());
    worker.subscribe('greet', () => ({}));
    await worker.start();
    await server.until(/^\/api\/workers$/, answered + 1);
    await worker.stop();
    assert.equal(server.called(/^\/api\/workers\/a$/).length, 1);
  }
});

test('a worker says what it is again and again, and stops when the server does not know what that is', async (t) => {
  const about = { name: 'Greeter', version: '1.2', workerId: 'g-1', concurrency: 3, announceMs: 20 };
  const { server, worker } = await setUp(t, about);
  let answers = 0;
  server.routes.set('POST /api/workers', (_, response) => {
    answers += 1;
    response.writeHead(answers === 2 ? 503 : answers < 4 ? 204 : 404).end();
  });
  worker.subscribe('greet', () => ({}));
  await worker.start();
  const calls = await server.until(/^\/api\/workers/, 4);
  assert.deepEqual(calls[0]?.body, {
    ...{ workerId: 'g-1', name: 'Greeter', kind: 'sdk', version: '1.2', topics: ['greet'], capacity: 3 },
  });
  server.add({ id: 'a', topicName: 'greet' });
  await server.until(/complete/);
  assert.equal(server.called(/^\/api\/workers/).length, 4);
});
