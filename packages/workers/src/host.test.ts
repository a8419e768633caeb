/** The worker host as a process of its own, against a small server in Camunda's shape. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BpmnError, type LockedExternalTask, WorkerFailure } from '@procos/client';
import { CodedFailure } from './handler.ts';
import { adapt } from './host.ts';
import type { HostToKernel } from './host-channel.ts';
import { servicesWith } from './testing.ts';
import { BUILTIN_TOPICS } from './topics.ts';

type Body = Readonly<Record<string, unknown>>;
interface Kernel {
  readonly url: string;
  give(task: Body): void;
  /** Resolves with the body of the request that ends a task. */
  settled(path: string): Promise<Body>;
}

async function kernel(t: TestContext): Promise<Kernel> {
  const waiting: Body[] = [];
  const ends = new Map<string, PromiseWithResolvers<Body>>();
  const end = (path: string): PromiseWithResolvers<Body> => {
    const known = ends.get(path) ?? Promise.withResolvers<Body>();
    ends.set(path, known);
    return known;
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = (request.url ?? '').replace('/engine-rest/external-task', '');
    if (path === '/fetchAndLock') {
      const { asyncResponseTimeout } = JSON.parse(text) as Body;
      for (let turn = 0; turn < 20 && asyncResponseTimeout !== undefined && waiting.length === 0; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(waiting.splice(0)));
    } else {
      response.writeHead(204).end();
      end(path).resolve(JSON.parse(text === '' ? '{}' : text) as Body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    give: (task) => waiting.push({ retries: null, processInstanceId: '1', ...task }),
    settled: (path) => end(path).promise,
  };
}

function start(t: TestContext, env: Readonly<Record<string, string>>): ChildProcess {
  const host = fork(fileURLToPath(import.meta.resolve('./host-main.ts')), {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  t.after(() => host.kill('SIGKILL'));
  return host;
}

/** Listens all the time: of two messages that arrive together, a listener put up again would miss the second. */
function message(host: ChildProcess, type: HostToKernel['type']): Promise<HostToKernel> {
  return new Promise((resolve) => {
    const take = (sent: unknown): void => {
      if ((sent as HostToKernel).type !== type) return;
      host.off('message', take);
      resolve(sent as HostToKernel);
    };
    host.on('message', take);
  });
}

const json = (value: unknown): Body => ({ type: 'Json', value: JSON.stringify(value) });

test('the host is ready once connected, serves tasks with local results, and drains to exit 0', async (t) => {
  const server = await kernel(t);
  const host = start(t, { PROCOS_URL: server.url });
  assert.deepEqual(await message(host, 'ready'), { type: 'ready', topics: [...BUILTIN_TOPICS] });
  server.give({
    id: 'a',
    topicName: 'data_transform',
    variables: { data: json({ x: 1 }) },
    // Static properties count where there is no variable of the name.
    extensionProperties: { transformation_type: 'rename', transformation_config: '{"fields":{"x":"y"}}', data: '{}' },
  });
  const done = await server.settled('/a/complete');
  assert.deepEqual(done['variables'], {});
  assert.deepEqual(done['localVariables'], { transformed_data: json({ y: 1 }), original_data: json({ x: 1 }) });
  server.give({ id: 'b', topicName: 'email_send', variables: {} });
  const failed = await server.settled('/b/failure');
  assert.equal(failed['retries'], 0);
  assert.match(String(failed['errorMessage']), /PROCOS_SMTP_HOST/);
  server.give({
    id: 'c',
    topicName: 'procos.script',
    extensionProperties: { script_source: 'execution.setVariable("m", n); n * 2', script_format: 'javascript' },
    // Data is never code: a variable of this name changes nothing.
    variables: { n: { type: 'Integer', value: 2 }, script_source: { type: 'String', value: '"taken over"' } },
  });
  const script = await server.settled('/c/complete');
  assert.deepEqual(script['localVariables'], { result: { type: 'Integer', value: 4 } });
  assert.deepEqual(script['variables'], { m: { type: 'Integer', value: 2 } });
  const drained = message(host, 'drained');
  const exited = once(host, 'exit');
  host.send({ type: 'drain' });
  await drained;
  assert.deepEqual(await exited, [0, null]);
});

test('the host drains and ends when the kernel goes away, or at SIGTERM', async (t) => {
  const server = await kernel(t);
  for (const leave of [(host: ChildProcess) => host.disconnect(), (host: ChildProcess) => host.kill('SIGTERM')]) {
    const host = start(t, { PROCOS_URL: server.url });
    await message(host, 'ready');
    const exited = once(host, 'exit');
    leave(host);
    assert.deepEqual(await exited, [0, null]);
  }
});

test('a wrong setting ends the host with one line that names it', async (t) => {
  const host = start(t, { PROCOS_SMTP_PORT: 'x' });
  let text = '';
  host.stderr?.on('data', (chunk) => {
    text += String(chunk);
  });
  const [code] = await once(host, 'close');
  assert.equal(code, 1);
  assert.match(text, /PROCOS_SMTP_PORT is 'x'/);
});

test('an output that is too large for a record goes up by itself, whatever its length', async () => {
  const { settings, log, signal, values } = servicesWith();
  const give = (outputs: Readonly<Record<string, unknown>>) => {
    const builtin = { topic: 'large', inputs: [], load: async () => async () => ({ local: outputs }) };
    const task = { id: '1', topicName: 'large', variables: {} } as unknown as LockedExternalTask;
    return Promise.resolve(adapt(builtin, settings, log)({ task, variables: {}, headers: {}, signal, values }));
  };
  const text = 'ä'.repeat(3 * 1024 * 1024);
  const list = Array.from({ length: 300_000 }, (_, at) => at);
  const { localVariables = {} } = (await give({ text, list, small: 'x'.repeat(1024 * 1024) })) ?? {};
  const { text: kept, list: listed, small } = localVariables as Record<string, { blob: string; size: number }>;
  assert.deepEqual([kept?.size, String(small).length], [2 * text.length, 1024 * 1024]);
  assert.equal(values.kept.get(kept?.blob ?? '')?.toString(), text);
  assert.deepEqual(JSON.parse(values.kept.get(listed?.blob ?? '')?.toString() ?? ''), list);
});

test('outputs that are too many for one request fail for good, instead of doing the work three times', async () => {
  const { settings, log, signal, values } = servicesWith();
  const large = 'x'.repeat(1024 * 1024);
  const outputs = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, large]));
  const builtin = { topic: 'large', inputs: [], load: async () => async () => ({ local: outputs }) };
  const task = { id: '1', topicName: 'large', variables: {} } as unknown as LockedExternalTask;
  const work = adapt(builtin, settings, log)({ task, variables: {}, headers: {}, signal, values });
  await assert.rejects(Promise.resolve(work), (error) => {
    assert.ok(error instanceof WorkerFailure);
    assert.match(error.message, /outputs have 5\d+ bytes/);
    return error.retry === false;
  });
});

test('with errors = bpmn, what would become an incident is a BPMN error: at once, or in the last attempt', async () => {
  const { settings, log } = servicesWith({});
  const context = (retries: number | null, headers: Readonly<Record<string, string>>) => ({
    task: { id: '1', topicName: 't', retries } as LockedExternalTask,
    variables: {},
    headers,
    signal: new AbortController().signal,
    values: servicesWith({}).values,
  });
  const thrown = async (error: Error, retries: number | null, errors: string): Promise<unknown> => {
    const load = async () => async () => Promise.reject(error);
    const handler = adapt({ topic: 't', inputs: [], refusedCode: 'FILE_REFUSED', load }, settings, log);
    try {
      await handler(context(retries, { errors }));
    } catch (caught) {
      return caught instanceof BpmnError ? caught.code : caught;
    }
    return undefined;
  };
  const [wrong, later] = [new WorkerFailure('wrong', { retry: false }), new WorkerFailure('later')];
  assert.equal(await thrown(wrong, null, 'incident'), wrong);
  assert.equal(await thrown(wrong, null, 'bpmn'), 'FILE_REFUSED');
  assert.equal(await thrown(new CodedFailure('FILE_EXISTS', 'there'), 3, 'bpmn'), 'FILE_EXISTS');
  assert.equal(await thrown(later, 2, 'bpmn'), later);
  assert.equal(await thrown(later, 1, 'bpmn'), 'TASK_FAILED');
});
