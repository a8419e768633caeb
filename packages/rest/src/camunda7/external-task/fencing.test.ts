/** Over real HTTP to a real kernel: a lock that is over is worth nothing, also for a worker of the same name. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const PROCESS = bpmn(
  'fenced',
  `<bpmn:startEvent id="start" />
   <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="work" />
   <bpmn:endEvent id="end" />`,
  ['start->work', 'work->end'],
);

interface Task {
  readonly id: string;
  readonly workerId: string;
  readonly lockCount: number;
}

/** What the holder of a lock may say, with the body beside `workerId`. */
const ACTIONS = {
  complete: {},
  failure: { errorMessage: 'late', retries: 0 },
  bpmnError: { errorCode: 'late' },
  extendLock: { newDuration: 60_000 },
} as const;

async function setUp(t: TestContext): Promise<System> {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'fenced.bpmn': PROCESS });
  await system.post('/engine-rest/process-definition/key/fenced/start');
  return system;
}

/** Waits until the lock of before has run out. */
async function fetchTask(system: System, workerId: string, lockDuration: number): Promise<Task> {
  const [task] = await system.post<Task[]>('/engine-rest/external-task/fetchAndLock', {
    workerId,
    maxTasks: 1,
    asyncResponseTimeout: 10_000,
    topics: [{ topicName: 'work', lockDuration }],
  });
  assert.ok(task);
  return task;
}

async function say(system: System, id: string, action: string, body: object) {
  const response = await fetch(`${system.url}/engine-rest/external-task/${id}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, message: text === '' ? '' : (JSON.parse(text) as { message: string }).message };
}

describe('a lock that was taken over', () => {
  it('by another worker: its old holder, known by its name, is refused', async (t) => {
    const system = await setUp(t);
    const { id } = await fetchTask(system, 'slow', 1);
    await fetchTask(system, 'quick', 60_000);
    for (const [action, body] of Object.entries(ACTIONS)) {
      const { status, message } = await say(system, id, action, { workerId: 'slow', ...body });
      assert.equal(status, 400, action);
      assert.match(message, /by worker 'slow'.*locked by worker 'quick'/);
    }
    assert.equal((await say(system, id, 'complete', { workerId: 'quick' })).status, 204);
  });

  it('by the same worker: what was said under the first lock is refused where it comes with its lockCount', async (t) => {
    const system = await setUp(t);
    const first = await fetchTask(system, 'twin', 1);
    const second = await fetchTask(system, 'twin', 60_000);
    assert.equal(second.lockCount, first.lockCount + 1);
    const stale = { workerId: 'twin', lockCount: first.lockCount };
    for (const [action, body] of Object.entries({ ...ACTIONS, unlock: {} })) {
      const { status, message } = await say(system, first.id, action, { ...stale, ...body });
      assert.equal(status, 400, action);
      assert.match(message, /again since/);
    }
    assert.equal((await say(system, first.id, 'complete', { ...stale, lockCount: second.lockCount })).status, 204);
  });
});
