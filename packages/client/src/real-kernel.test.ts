/** Client and worker against a real kernel behind a real server: what the routes are called, and how work comes and goes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Compile } from 'typebox/schema';
import { bpmn, type System, startSystem } from '../../rest/src/testing/real-kernel.test.ts';
import { type ProcessFiles, ProcosClient, type SystemFiles } from './procos-client.ts';
import type { TaskContext, Worker, WorkerOptions } from './worker/contract.ts';
import { createWorker } from './worker/worker.ts';

interface Schema {
  readonly [key: string]: unknown;
}
interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Schema;
}
interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
}

/** How each route of `/api` and `/proc` is called by the client. */
const CALLS: Readonly<Record<string, (client: ProcosClient) => Promise<unknown>>> = {
  'GET /api/openapi.json': (client) => client.openApi(),
  'GET /api/system': (client) => client.system(),
  'GET /api/processes': (client) =>
    client.processes({ state: 'incident', definition: 'd', businessKey: 'k', limit: 1, offset: 1 }),
  'GET /api/processes/{pid}': (client) => client.process('7'),
  'POST /api/processes/{pid}/activations': (client) =>
    client.activate('7', {
      elementId: 'a',
      elements: [{ elementId: 'b', variables: { n: 1 } }],
      cancelRemaining: true,
    }),
  'POST /api/processes/{pid}/signals': (client) => client.sendSignal('7', { signal: 'TERM', tree: true, reason: 'r' }),
  'POST /api/signals': (client) => client.sendSignalToAll('p', { signal: 'HUP', version: 2 }),
  'GET /api/processes/{pid}/holdings': (client) => client.holdings('7'),
  'GET /api/processes/{pid}/limits': (client) => client.processLimits('7'),
  'GET /api/limits': (client) => client.limits(),
  'POST /api/limits': (client) => client.setLimits({ pid: '7', limits: { elements: 10 }, nice: 1, reason: 'r' }),
  'GET /api/timers': (client) => client.timers({ definition: 'd', limit: 1, offset: 1 }),
  'POST /api/processes/{pid}/retries': (client) => client.retry('7', { retries: 2 }),
  'POST /api/processes/{pid}/variables': (client) =>
    client.setProcessVariables('7', { variables: { n: 1 }, remove: ['m'], scope: 's', local: true }),
  'POST /api/processes/{pid}/moves': (client) => client.move('7', 'a', 'b'),
  'GET /api/batches': (client) => client.batches({ state: 'all', limit: 1, offset: 1 }),
  'POST /api/batches': (client) => client.startBatch('retry', 'p'),
  'GET /api/batches/{pid}': (client) => client.batch('7'),
  'POST /api/drafts': (client) => client.draft({ name: 'd', resources: [{ name: 'a.bpmn', content: '<x/>' }] }),
  'GET /api/definitions': (client) => client.definitions({ all: true }),
  'POST /api/definitions/check': (client) => client.check([{ name: 'a.bpmn', content: '<x/>' }]),
  'POST /api/definitions/{definitionId}/redeploy': (client) => client.redeploy('7'),
  'POST /api/definitions/{definitionId}/draft': (client) => client.draftOf('7'),
  'POST /api/decisions/{decisionDefinitionId}/draft': (client) => client.draftOfDecision('7'),
  'GET /api/definitions/{definitionId}': (client) => client.definition('7'),
  'GET /api/definitions/{definitionId}/xml': (client) => client.definitionXml('7'),
  'GET /api/incidents': (client) =>
    client.incidents({ state: 'all', definition: 'd', order: 'oldest', limit: 1, offset: 1 }),
  'GET /api/incidents/{incidentId}': (client) => client.incident('7'),
  'POST /api/recovery-plans': (client) => client.recoveryPlan({ kind: 'x' }),
  'GET /api/decisions': (client) => client.decisions({ all: true }),
  'GET /api/decisions/{decisionDefinitionId}': (client) => client.decision('7'),
  'POST /api/decisions/{decisionDefinitionId}/redeploy': (client) => client.redeployDecision('7'),
  'GET /api/decisions/{decisionDefinitionId}/xml': (client) => client.decisionXml('7'),
  'GET /api/decisions/{decisionDefinitionId}/evaluations': (client) => client.evaluations('7', { limit: 1, offset: 1 }),
  'GET /api/tasks': (client) => client.tasks({ assignee: 'ada', limit: 1, offset: 1 }),
  'GET /api/tasks/{taskId}': (client) => client.task('7'),
  'GET /api/topics': (client) => client.topics('t'),
  'POST /api/topics/{topic}': (client) => client.chooseTopicServer('t', { process: null, tenantId: null }),
  'GET /api/services': (client) => client.services('n', 't'),
  'POST /api/services': (client) => client.registerService({ name: 'n', endpoint: 'http://n', tags: ['t'] }),
  'POST /api/services/choose': (client) => client.chooseService({ name: 'n', strategy: 'least_used' }),
  'POST /api/services/{id}/heartbeat': (client) => client.serviceHeartbeat('n'),
  'POST /api/services/{id}/outcomes': (client) => client.noteServiceOutcome('n', { ok: true, call: 1 }),
  'DELETE /api/services/{id}': (client) => client.removeService('n'),
  'GET /api/workers': (client) => client.workers('t'),
  'GET /api/policy': (client) => client.policy(),
  'PUT /api/policy': (client) => client.setPolicy([{ process: 'p', why: 'w' }], 'w'),
  'POST /api/requests': (client) => client.request({ bpmnProcessId: 'p', variables: { n: 1 }, businessKey: 'k' }),
  'POST /api/messages': (client) =>
    client.publish({ name: 'm', correlationKey: 'k', timeToLiveMs: 1, uniqueId: 'u', variables: { n: 1 } }),
  'POST /api/shutdown': (client) => client.shutdown('r'),
  'GET /api/session': (client) => client.session(),
  'GET /api/who': (client) => client.who(),
  'GET /api/identities': (client) => client.identities(),
  'GET /api/tokens': (client) => client.tokens(),
  'POST /api/identity-changes': (client) =>
    client.changeIdentities([{ do: 'addUser', name: 'ada', password: 'secret' }]),
  'GET /api/events': (client) => client.events(7, undefined, { pid: '1' }).next(),
  'GET /api/logs': (client) => client.logs(10),
  'POST /api/blobs': (client) => client.values.upload(new Uint8Array([1])),
  'GET /api/blobs/{name}': (client) => client.values.download({ blob: 'sha256:00' }),
  'GET /api/processes/{pid}/variables/{name}/data': (client) => client.variableContent('7', 'n', { scope: 's' }),
  'PUT /api/processes/{pid}/variables/{name}/data': (client) =>
    client.setVariableContent('7', 'n', new Uint8Array([1]), { type: 'File', filename: 'f', scope: 's' }),
  ...Object.fromEntries(
    [
      '',
      '/uptime',
      '/loadavg',
      '/meminfo',
      '/version',
      '/{pid}',
      ...['status', 'tree', 'vars', 'trace', 'limits', 'caps', 'fd'].map((name) => `/{pid}/${name}`),
    ].map((path) => [`GET /proc${path}`, callOf(path)]),
  ),
};

function callOf(path: string): (client: ProcosClient) => Promise<unknown> {
  const [, ofProcess] = /^\/\{pid\}\/(\w+)$/.exec(path) ?? [];
  if (ofProcess !== undefined) return (client) => client.processFile('7', ofProcess as keyof ProcessFiles);
  const [, ofSystem] = /^\/(\w+)$/.exec(path) ?? [];
  if (ofSystem !== undefined) return (client) => client.systemFile(ofSystem as keyof SystemFiles);
  return (client) => client.procJson(path.replace('{pid}', '7'));
}

/** Routes that no method is for, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  'POST /api/session': 'sessions are cookies, for browsers; programs send a token or a name and password',
  'DELETE /api/session': 'as above',
  'POST /api/workers': 'a worker announces itself',
  'DELETE /api/workers/{workerId}': 'a worker says that it goes',
  'POST /api/external-tasks/outcomes': 'a worker tells its outcomes',
  'POST /api/external-tasks/{id}/ai-reservation': 'a worker reserves for its AI tasks',
};

describe('the client against a real kernel', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({
      'work.bpmn': bpmn(
        'work',
        '<bpmn:startEvent id="s" /><bpmn:serviceTask id="w" camunda:type="external" camunda:topic="work" /><bpmn:endEvent id="e" />',
        ['s->w', 'w->e'],
      ),
    });
  });
  after(() => system.stop());

  const client = (): ProcosClient => new ProcosClient(system.url);
  const ended = async (pid: string) => {
    for (;;) {
      const process = await client().process(pid);
      if (process.endedAt !== null) return process;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const started = async (variables = {}): Promise<string> =>
    (await client().start({ bpmnProcessId: 'work', variables })).id;

  async function withWorker(
    options: Partial<WorkerOptions>,
    handler: Parameters<Worker['subscribe']>[1],
    run: (worker: Worker) => Promise<void>,
    subscription = {},
  ): Promise<void> {
    const worker = createWorker({ baseUrl: system.url, announceMs: 0, ...options });
    worker.subscribe('work', handler, subscription);
    await worker.start();
    try {
      await run(worker);
    } finally {
      await worker.stop({ drainMs: 5_000 });
    }
  }

  test('every route of /api and /proc has a method, or a reason why not; each sends what the description says', async (t) => {
    const document = await system.get<Document>('/api/openapi.json');
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual([...Object.keys(CALLS), ...Object.keys(WITHOUT)].sort(), routes.sort());
    const sent: Request[] = [];
    const real = globalThis.fetch;
    t.after(() => {
      globalThis.fetch = real;
    });
    globalThis.fetch = async (url, init) => {
      const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : init?.body;
      sent.push({
        method: init?.method ?? 'GET',
        url: new URL(String(url)),
        headers: new Headers(init?.headers),
        body,
      });
      const isStream = new URL(String(url)).pathname === '/api/events';
      return new Response(isStream ? 'id: 8-1\nevent: record\ndata: {}\n\n' : '{}');
    };
    for (const [route, call] of Object.entries(CALLS)) {
      sent.length = 0;
      await call(new ProcosClient('http://procos.test'));
      const [method = '', path = ''] = route.split(' ');
      const operation = document.paths[path]?.[method.toLowerCase()];
      const [request] = sent;
      assert.ok(operation !== undefined && request !== undefined, route);
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`);
      assert.match(request.url.pathname, pattern, route);
      assert.equal(request.method, method, route);
      const known = operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
      for (const name of request.url.searchParams.keys()) assert.ok(known.includes(name), `${route}: ${name}`);
      const schema = operation.requestBody?.content['application/json']?.schema;
      if (schema === undefined) continue;
      const validator = Compile({ ...schema, components: document.components });
      assert.ok(validator.Check(request.body), `${route}: ${JSON.stringify(validator.Errors(request.body)[1])}`);
    }
  });

  test('work comes at once over one open poll, and its values have their types on both ways', async () => {
    let seen: TaskContext | undefined;
    await withWorker(
      { longPollMs: 20_000 },
      (context) => {
        seen = context;
        return {
          variables: {
            at: new Date('2026-02-01T00:00:00Z'),
            list: [1, { a: null }],
            big: 3_000_000_000,
            half: 0.5,
            yes: true,
            bytes: new Uint8Array([1, 2]),
          },
        };
      },
      async () => {
        const given = {
          at: new Date('2026-01-01T00:00:00Z'),
          order: { id: 7 },
          bytes: new Uint8Array([9]),
          none: null,
        };
        const pid = await started(given);
        const { variables } = await ended(pid);
        assert.deepEqual({ ...seen?.variables }, given);
        const value = (name: string): unknown => variables.find((one) => one.name === name)?.value;
        const type = (name: string): unknown => variables.find((one) => one.name === name)?.type;
        assert.deepEqual(
          [value('list'), value('big'), value('half'), value('yes')],
          [[1, { a: null }], 3_000_000_000, 0.5, true],
        );
        assert.deepEqual(['at', 'list', 'big', 'half', 'yes', 'bytes'].map(type), [
          'Date',
          'Json',
          'Long',
          'Double',
          'Boolean',
          'Bytes',
        ]);
      },
    );
  });

  test('no more than `concurrency` tasks run at a time, and the next ones come when one is done', async () => {
    let running = 0;
    let most = 0;
    await withWorker(
      { concurrency: 2 },
      async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        return {};
      },
      async () => {
        const pids = await Promise.all(Array.from({ length: 7 }, () => started()));
        await Promise.all(pids.map(ended));
      },
    );
    assert.equal(most, 2);
  });

  test('a worker that is stopped finishes what it has begun, and gives back what it cannot finish', async () => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const first = createWorker({ baseUrl: system.url, announceMs: 0 });
    first.subscribe('work', async () => {
      begun.resolve();
      await finish.promise;
      return { variables: { by: 'first' } };
    });
    await first.start();
    const pid = await started();
    await begun.promise;
    const stopped = first.stop({ drainMs: 60_000 });
    finish.resolve();
    await stopped;
    assert.equal((await ended(pid)).variables.find(({ name }) => name === 'by')?.value, 'first');

    const second = createWorker({ baseUrl: system.url, announceMs: 0 });
    const stuck = Promise.withResolvers<void>();
    let aborted = false;
    second.subscribe('work', ({ signal }) => {
      stuck.resolve();
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve({});
        }),
      );
    });
    await second.start();
    const other = await started();
    await stuck.promise;
    await second.stop({ drainMs: 0 });
    assert.ok(aborted);
    // Not when its lock of five minutes ends: at once.
    await withWorker(
      {},
      () => ({ variables: { by: 'third' } }),
      async () => {
        assert.equal((await ended(other)).variables.find(({ name }) => name === 'by')?.value, 'third');
      },
    );
  });

  test('a request with a key is carried out once', async () => {
    const call = { method: 'POST', body: { variables: {} }, key: crypto.randomUUID() } as const;
    const start = () =>
      client().transport.json<{ readonly id: string }>('/engine-rest/process-definition/key/work/start', call);
    const [one, two] = [await start(), await start()];
    assert.equal(one.id, two.id);
    await client().deleteInstance(one.id);
  });

  test('a trace goes with the process to the worker, and from there on', async () => {
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'acme=1' };
    const seen: TaskContext[] = [];
    await withWorker(
      {},
      (context) => {
        seen.push(context);
        return {};
      },
      async () => {
        const traced = new ProcosClient({ baseUrl: system.url, trace: () => trace });
        const { id } = await traced.start({ bpmnProcessId: 'work', variables: { n: 1 } });
        await ended(id);
        const next = await client().withTrace(seen[0]?.trace).start({ bpmnProcessId: 'work' });
        await ended(next.id);
        const without = await new ProcosClient({
          baseUrl: system.url,
          trace: () => ({ traceparent: 'no trace' }),
        }).start({ bpmnProcessId: 'work' });
        await ended(without.id);
      },
      { variables: ['n'] },
    );
    assert.deepEqual(
      seen.map((context) => context.trace),
      [trace, trace, undefined],
    );
    // It was fetched for that alone.
    assert.deepEqual(
      seen.map(({ variables }) => ({ ...variables })),
      [{ n: 1 }, {}, {}],
    );
  });
});
