/** Tasks that are made by hand and belong to no process, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Described } from '../../testing/described.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

/** JSON as it came. */
type Wire = ReturnType<typeof JSON.parse>;

describe('a task that is made by hand', () => {
  const described = new Described();
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.kernel.ready;
  });
  after(() => system.stop());

  async function ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
  ): Promise<{ readonly status: number; readonly body: Wire }> {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    described.check(method, path, answer.statusCode, answer.body);
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }
  const find = async (name: string): Promise<Wire> => (await ask('GET', `/task?name=${name}`)).body[0];

  it('has what it was given, is changed, commented on and completed, and is in the history', async () => {
    const given = { name: 'Water', description: 'All of them', assignee: 'ada', owner: 'eve', priority: 70 };
    const due = '2030-01-02T03:04:05.000+0000';
    assert.equal((await ask('POST', '/task/create', { ...given, due })).status, 204);
    const task = await find('Water');
    assert.deepEqual({ ...given, due, ...task }, task);
    const { processInstanceId, processDefinitionId, executionId, taskDefinitionKey } = task;
    assert.deepEqual(
      [processInstanceId, processDefinitionId, executionId, taskDefinitionKey],
      [null, null, null, null],
    );
    const { id } = task;
    const where = [{ column: 'bpmnProcessId', op: '=', value: 'procos_system_person_task' }] as const;
    assert.equal(system.kernel.engine.count('processInstances', { where }), 1);
    assert.equal((await ask('PUT', `/task/${id}`, { ...given, priority: 10 })).status, 204);
    assert.equal((await find('Water')).due, null);
    assert.equal((await ask('POST', `/task/${id}/comment/create`, { message: 'Done soon' })).status, 200);
    assert.equal((await ask('PUT', `/task/${id}/variables/litres`, { value: 3, type: 'Integer' })).status, 204);
    assert.equal((await ask('POST', `/task/${id}/complete`, {})).status, 204);
    assert.equal(await find('Water'), undefined);
    const [over] = (await ask('GET', `/history/task?taskId=${id}`)).body;
    assert.deepEqual(
      [over.name, over.priority, over.taskState, over.processInstanceId],
      ['Water', 10, 'Completed', null],
    );
    assert.equal((await ask('GET', `/task/${id}/comment`)).body[0].message, 'Done soon');
  });

  it('is deleted, and then not completed', async () => {
    assert.equal((await ask('POST', '/task/create', { name: 'Weed' })).status, 204);
    const { id } = await find('Weed');
    assert.equal((await ask('DELETE', `/task/${id}`)).status, 204);
    assert.equal(await find('Weed'), undefined);
    assert.equal((await ask('GET', `/history/task?taskId=${id}`)).body[0].deleteReason, 'deleted');
  });

  it('is made once, however often the request is sent', async () => {
    const headers = { 'idempotency-key': 'mow-once' };
    const payload = { name: 'Mow' };
    for (const _ of [1, 2]) {
      const answer = await system.app.inject({ method: 'POST', url: '/engine-rest/task/create', headers, payload });
      assert.equal(answer.statusCode, 204);
    }
    assert.equal((await ask('GET', '/task/count?name=Mow')).body.count, 1);
  });

  it('is refused what there is not: an id or a tenant of its own, a task above it, a state that is none', async () => {
    for (const wrong of [{ id: 'mine' }, { tenantId: 'blue' }, { parentTaskId: '1' }, { delegationState: 'LOST' }])
      assert.equal((await ask('POST', '/task/create', wrong)).status, 400, JSON.stringify(wrong));
    assert.equal((await ask('GET', '/task/count')).body.count, 1);
  });
});
