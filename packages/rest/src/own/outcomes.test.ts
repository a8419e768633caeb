/** Over real HTTP to a real kernel: outcomes of many tasks in one request. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { OutcomesBody, OutcomesReply } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const PROCESS = bpmn(
  'worked',
  `<bpmn:startEvent id="start" />
   <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="work" />
   <bpmn:boundaryEvent id="caught" attachedToRef="work"><bpmn:errorEventDefinition /></bpmn:boundaryEvent>
   <bpmn:endEvent id="end" /><bpmn:endEvent id="other" />`,
  ['start->work', 'work->end', 'caught->other'],
);

interface Task {
  readonly id: string;
  readonly processInstanceId: string;
  readonly lockCount: number;
}

interface World extends System {
  readonly tasks: readonly Task[];
  readonly tell: (outcomes: OutcomesBody['outcomes'], headers?: Record<string, string>) => Promise<OutcomesReply>;
}

async function setUp(t: TestContext, instances: number): Promise<World> {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'worked.bpmn': PROCESS });
  for (let n = 0; n < instances; n++) await system.post('/engine-rest/process-definition/key/worked/start');
  const tasks = await system.post<Task[]>('/engine-rest/external-task/fetchAndLock', {
    workerId: 'w',
    maxTasks: instances,
    topics: [{ topicName: 'work', lockDuration: 60_000 }],
  });
  assert.equal(tasks.length, instances);
  const tell: World['tell'] = async (outcomes, headers = {}) => {
    const response = await fetch(`${system.url}/api/external-tasks/outcomes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ workerId: 'w', outcomes }),
    });
    assert.equal(response.status, 200);
    return (await response.json()) as OutcomesReply;
  };
  return { ...system, tasks, tell };
}

function statuses({ answers }: OutcomesReply): number[] {
  return answers.map(({ status }) => status);
}

describe('outcomes of many tasks', () => {
  it('each count by themselves', async (t) => {
    const { tasks, tell, get, kernel } = await setUp(t, 4);
    const [a, b, c, d] = tasks;
    assert.ok(a && b && c && d);
    const before = kernel.engine.lastSequence;
    const reply = await tell([
      { taskId: a.id, operation: 'complete', body: { lockCount: a.lockCount, variables: { n: { value: 1 } } } },
      { taskId: b.id, operation: 'failure', body: { errorMessage: 'no', retries: 0 } },
      { taskId: c.id, operation: 'bpmnError', body: { errorCode: 'E' } },
      { taskId: d.id, operation: 'complete', body: { lockCount: d.lockCount + 1 } },
      { taskId: '999999', operation: 'complete' },
      { taskId: d.id, operation: 'complete', body: { variables: 7 } },
      { taskId: d.id, operation: 'unlock' as never },
      { taskId: d.id, operation: 'toString' as never },
      'nonsense' as never,
    ]);
    assert.deepEqual(statuses(reply), [204, 204, 204, 400, 404, 400, 400, 400, 400]);
    assert.deepEqual(reply.answers[4], {
      status: 404,
      type: 'RestException',
      message: 'External task with id 999999 does not exist',
    });
    assert.match(reply.answers[3]?.message ?? '', /again since|lock/);
    assert.equal(kernel.engine.lastSequence - before, 3);
    const states = await Promise.all(
      [a, b, c, d].map(async ({ processInstanceId }) => {
        const { state } = await get<{ state: string }>(`/engine-rest/history/process-instance/${processInstanceId}`);
        return state;
      }),
    );
    assert.deepEqual(states, ['COMPLETED', 'ACTIVE', 'COMPLETED', 'ACTIVE']);
  });

  it('are known again by their keys, in whatever company', async (t) => {
    const { tasks, tell, kernel } = await setUp(t, 3);
    const [a, b, c] = tasks.map(({ id }, n) => ({ taskId: id, operation: 'complete', key: `key-${n}` }) as const);
    assert.ok(a && b && c);
    assert.deepEqual(statuses(await tell([a, b])), [204, 204]);
    const before = kernel.engine.lastSequence;
    assert.deepEqual(statuses(await tell([b, c, a])), [204, 204, 204]);
    assert.equal(kernel.engine.lastSequence - before, 1);
    const { key: _, ...unknown } = a;
    assert.deepEqual(
      statuses(await tell([unknown, { ...a, body: { variables: {} } }, { ...a, key: 'bäd' }])),
      [404, 422, 400],
    );
  });

  it('are known again by the key of the request where they have none', async (t) => {
    const { tasks, tell, kernel } = await setUp(t, 2);
    const outcomes = tasks.map(({ id }) => ({ taskId: id, operation: 'complete' }) as const);
    assert.deepEqual(statuses(await tell(outcomes, { 'idempotency-key': 'all' })), [204, 204]);
    const before = kernel.engine.lastSequence;
    assert.deepEqual(statuses(await tell(outcomes, { 'idempotency-key': 'all' })), [204, 204]);
    assert.equal(kernel.engine.lastSequence, before);
  });

  it('are a list, of somebody, and not too many', async (t) => {
    const { url } = await setUp(t, 0);
    for (const body of [
      {},
      { workerId: 'w' },
      { outcomes: [] },
      { workerId: 'w', outcomes: new Array(1001).fill({}) },
    ]) {
      const response = await fetch(`${url}/api/external-tasks/outcomes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 400, JSON.stringify(body).slice(0, 50));
    }
  });
});
