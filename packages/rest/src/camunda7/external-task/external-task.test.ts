/** The external-task operations: what reaches the engine, and what the client reads. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../../server.ts';
import { FakeKernel, NOW } from '../../testing/fake-kernel.test.ts';
import { variable, withOrder } from '../../testing/order.test.ts';

const NOTHING = { ok: true, value: { tasks: [] } };

describe('external-task', () => {
  let kernel: FakeKernel;
  let app: FastifyInstance;
  beforeEach(async () => {
    kernel = withOrder(new FakeKernel());
    app = await createServer(kernel);
  });
  afterEach(() => app.close());
  const post = (path: string, payload?: object) =>
    app.inject({
      method: 'POST',
      url: `/engine-rest/external-task${path}`,
      ...(payload ? { payload } : {}),
    });
  const put = (path: string, payload: object) =>
    app.inject({ method: 'PUT', url: `/engine-rest/external-task${path}`, payload });
  const last = () => kernel.engine.submitted.at(-1)?.command;

  it('fetchAndLock hands out locked tasks with every member that Camunda has', async () => {
    kernel.engine.answers.fetchAndLock = () => ({
      ok: true,
      value: {
        tasks: [
          {
            task: { ...kernel.engine.tables.externalTasks[0], workerId: 'w', availableAt: NOW + 1000, lockCount: 1 },
            variables: { amount: { type: 'Integer', value: 3 } },
            versionTag: 'v2',
            definitionVersion: 2,
            headers: { region: 'eu' },
          },
        ],
      },
    });
    const answer = await post('/fetchAndLock', {
      workerId: 'w',
      maxTasks: 2,
      usePriority: true,
      sorting: [{ sortBy: 'createTime', sortOrder: 'desc' }],
      topics: [
        {
          topicName: 'invoice',
          lockDuration: 1000,
          variables: ['amount'],
          processDefinitionId: 'order:2:3',
          processDefinitionKeyIn: ['order'],
          processVariables: { region: 'eu' },
          includeExtensionProperties: true,
        },
      ],
    });
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.deepEqual(answer.json(), [
      {
        activityId: 'Charge',
        activityInstanceId: '6',
        errorMessage: null,
        errorDetails: null,
        executionId: '6',
        id: '7',
        lockExpirationTime: '2026-01-15T10:30:01.000+0000',
        createTime: '2026-01-15T10:30:00.000+0000',
        processDefinitionId: 'order:2:3',
        processDefinitionKey: 'order',
        processDefinitionVersionTag: 'v2',
        processInstanceId: '5',
        retries: null,
        suspended: false,
        workerId: 'w',
        lockCount: 1,
        topicName: 'invoice',
        tenantId: null,
        variables: { amount: { type: 'Integer', value: 3, valueInfo: {} } },
        priority: 0,
        businessKey: 'A-1',
        extensionProperties: { region: 'eu' },
      },
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(last())), {
      type: 'fetchAndLock',
      workerId: 'w',
      maxTasks: 2,
      usePriority: true,
      createTimeOrder: 'desc',
      topics: [
        {
          topic: 'invoice',
          lockMs: 1000,
          variables: ['amount'],
          definitionIds: [3],
          bpmnProcessIds: ['order'],
          processVariables: { region: 'eu' },
          includeExtensionProperties: true,
        },
      ],
    });
  });

  it('fetchAndLock refuses in Camunda words', async () => {
    const topics = [{ topicName: 'a', lockDuration: 1 }];
    const cases = [
      [{ topics }, 500, 'workerId is null'],
      [{ workerId: 'w', topics: [{ topicName: 'a' }] }, 500, 'lockTime is not greater than 0'],
      [
        { workerId: 'w', topics, asyncResponseTimeout: 1_800_001 },
        400,
        'The asynchronous response timeout cannot be set to a value greater than 1800000 milliseconds',
      ],
      [
        { workerId: 'w', topics: [{ topicName: 'a', lockDuration: 1, processVariables: { o: {} } }] },
        500,
        'Object values cannot be used to query',
      ],
    ] as const;
    for (const [payload, status, message] of cases) {
      const answer = await post('/fetchAndLock', payload);
      assert.deepEqual([answer.statusCode, answer.json().message], [status, message]);
    }
  });

  it('a long poll ends when the client hangs up, and when the server closes', async () => {
    kernel.engine.answers.fetchAndLock = () => NOTHING;
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    assert.ok(address !== null && typeof address === 'object');
    const poll = () => {
      const request = httpRequest({
        port: address.port,
        method: 'POST',
        path: '/engine-rest/external-task/fetchAndLock',
        headers: { 'content-type': 'application/json' },
      });
      request.end(
        JSON.stringify({
          workerId: 'w',
          maxTasks: 1,
          asyncResponseTimeout: 60_000,
          topics: [{ topicName: 'a', lockDuration: 1 }],
        }),
      );
      return request;
    };
    const gone = poll();
    gone.on('error', () => {});
    await until(() => kernel.engine.submitted.length === 1);
    gone.destroy();
    await until(() => kernel.engine.aborted === 1);

    const [answered] = await Promise.all([
      once(poll(), 'response'),
      until(() => kernel.engine.submitted.length === 2).then(() => app.close()),
    ]);
    assert.equal(answered[0].statusCode, 200);
  });

  it('complete, failure and bpmnError carry typed variables', async () => {
    const variables = { total: { type: 'integer', value: '5' } };
    const completed = await post('/7/complete', { workerId: 'w', variables, localVariables: { a: { value: 1 } } });
    assert.deepEqual([completed.statusCode, completed.body], [204, '']);
    assert.deepEqual(JSON.parse(JSON.stringify(last())), {
      type: 'completeExternalTask',
      externalTaskId: 7,
      workerId: 'w',
      variables: { total: { type: 'Integer', value: 5 } },
      localVariables: { a: { type: 'Integer', value: 1 } },
    });
    await post('/7/failure', { workerId: 'w', errorMessage: 'no', errorDetails: 'stack', retryTimeout: 9 });
    assert.deepEqual(JSON.parse(JSON.stringify(last())), {
      type: 'failExternalTask',
      externalTaskId: 7,
      workerId: 'w',
      errorMessage: 'no',
      errorDetails: 'stack',
      retries: 0,
      retryAfterMs: 9,
      variables: {},
      localVariables: {},
    });
    await post('/7/bpmnError', { workerId: 'w', errorCode: 'E1', errorMessage: 'm' });
    assert.deepEqual(JSON.parse(JSON.stringify(last())), {
      type: 'throwBpmnError',
      externalTaskId: 7,
      workerId: 'w',
      errorCode: 'E1',
      errorMessage: 'm',
      variables: {},
    });
  });

  it('a task that is gone or held by another is refused as Camunda words it', async () => {
    const notFound = () => ({ ok: false, rejection: { code: 'NOT_FOUND', message: 'x' } });
    const held = () => ({
      ok: false,
      rejection: { code: 'NOT_LOCKED_BY_WORKER', message: 'x', details: { externalTaskId: 7, holder: null } },
    });
    kernel.engine.answers.completeExternalTask = notFound;
    const gone = await post('/99/complete', { workerId: 'w' });
    assert.equal(gone.statusCode, 404);
    assert.deepEqual(gone.json(), {
      type: 'RestException',
      message: 'External task with id 99 does not exist',
      code: 0,
    });
    kernel.engine.answers.completeExternalTask = held;
    kernel.engine.answers.extendLock = held;
    const other = await post('/7/complete', { workerId: 'w' });
    assert.deepEqual(
      [other.statusCode, other.json().message],
      [400, "External Task 7 cannot be completed by worker 'w'. It is locked by worker 'null'."],
    );
    const extended = await post('/7/extendLock', { workerId: 'w', newDuration: 5 });
    assert.equal(
      extended.json().message,
      "The lock of the External Task 7 cannot be extended by worker 'w''. It is locked by worker 'null'.",
    );
  });

  it('unlock takes no body, an empty object and the literal null', async () => {
    assert.equal((await post('/7/unlock')).statusCode, 204);
    assert.equal((await post('/7/unlock', {})).statusCode, 204);
    const literal = await app.inject({
      method: 'POST',
      url: '/engine-rest/external-task/7/unlock',
      headers: { 'content-type': 'application/json' },
      payload: 'null',
    });
    assert.equal(literal.statusCode, 204);
    assert.deepEqual(last(), { type: 'unlockExternalTask', externalTaskId: 7 });
  });

  it('retries, priority and lock', async () => {
    assert.equal((await put('/7/retries', { retries: 4 })).statusCode, 204);
    assert.deepEqual(last(), { type: 'setExternalTaskRetries', externalTaskId: 7, retries: 4 });
    assert.equal((await put('/7/retries', {})).statusCode, 400);
    assert.equal((await put('/7/priority', { priority: 9 })).statusCode, 204);
    assert.deepEqual(last(), { type: 'setExternalTaskPriority', externalTaskId: 7, priority: 9 });
    assert.equal((await post('/7/lock', { workerId: 'w', lockDuration: 10 })).statusCode, 204);
    assert.deepEqual(last(), { type: 'lockExternalTask', externalTaskId: 7, workerId: 'w', lockMs: 10 });
    assert.equal((await put('/retries', { retries: 2, externalTaskIds: ['7'] })).statusCode, 204);
    assert.equal((await put('/retries', { retries: 2, externalTaskIds: ['7', '8'] })).statusCode, 404);
    assert.equal((await put('/retries', { retries: 2, processInstanceIds: ['5'] })).statusCode, 204);
    assert.deepEqual(last(), { type: 'setExternalTaskRetries', externalTaskId: 7, retries: 2 });
    assert.equal((await put('/retries', { retries: 2 })).statusCode, 400);
  });

  it('lists, counts, finds one, its error details and the topics', async () => {
    const get = (path: string) => app.inject(`/engine-rest/external-task${path}`);
    kernel.engine.tables.externalTasks.push({
      ...kernel.engine.tables.externalTasks[0]!,
      id: 8,
      topic: 'ship',
      retries: 0,
      errorDetails: 'stack',
    });
    assert.deepEqual(ids(await get('?topicName=ship')), ['8']);
    assert.deepEqual(ids(await get('?withRetriesLeft=true')), ['7']);
    assert.deepEqual(ids(await get('?sortBy=id&sortOrder=desc&maxResults=1&firstResult=1')), ['7']);
    assert.deepEqual(
      ids(await post('', { externalTaskIdIn: ['8', '9'], sorting: [{ sortBy: 'id', sortOrder: 'asc' }] })),
      ['8'],
    );
    assert.deepEqual((await get('/count?noRetriesLeft=true')).json(), { count: 1 });
    assert.deepEqual((await post('/count', { activityId: 'Charge' })).json(), { count: 2 });
    assert.equal((await get('/7')).json().processDefinitionId, 'order:2:3');
    assert.equal((await get('/abc')).statusCode, 404);
    assert.deepEqual((await get('/topic-names')).json(), ['invoice', 'ship']);
    assert.deepEqual((await get('/topic-names?withRetriesLeft=true')).json(), ['invoice']);
    assert.equal((await get('/8/errorDetails')).body, 'stack');
    assert.equal((await get('/7/errorDetails')).statusCode, 204);
  });

  it('a file variable is fetched where the JavaScript client looks for it', async () => {
    kernel.engine.tables.variables.push(
      variable(20, 'doc', {
        type: 'File',
        value: Buffer.from('hi').toString('base64'),
        info: { filename: 'ä.txt', mimeType: 'text/plain', encoding: 'utf-8' },
      }),
    );
    const data = await app.inject('/engine-rest/execution/5/localVariables/doc/data');
    assert.deepEqual(
      [data.statusCode, data.body, data.headers['content-type']],
      [200, 'hi', 'text/plain; charset=utf-8'],
    );
    assert.match(
      String(data.headers['content-disposition']),
      /^attachment; filename="_.txt"; filename\*=UTF-8''%C3%A4.txt$/,
    );
    const fromTask = await app.inject('/engine-rest/process-instance/6/variables/doc/data');
    assert.equal(fromTask.body, 'hi');
  });
});

function ids(answer: { json(): { id: string }[] }): string[] {
  return answer.json().map((row) => row.id);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
