/** `/history/cleanup`: the retention of the system, seen and started by Camunda's words. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { GRAPH } from '../../testing/camunda-models.test.ts';
import { Described } from '../../testing/described.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const HOUR_MS = 3_600_000;

describe('the history cleanup', () => {
  const described = new Described();
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.kernel.ready;
  });
  after(() => system.stop());

  async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    described.check(method, path, answer.statusCode, answer.body);
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }
  const get = async (path: string) => (await ask('GET', path)).body;
  const runs = () =>
    system.kernel.engine.find('processInstances', {
      where: [{ column: 'bpmnProcessId', op: '=', value: 'procos_system_retention' }],
    });

  it('is the timer of the retention, which is due within the hour', async () => {
    const [job] = await get('/history/cleanup/jobs');
    assert.deepEqual(await get('/history/cleanup/job'), job);
    assert.deepEqual([job.processDefinitionKey, job.processInstanceId], ['procos_system_retention', null]);
    assert.deepEqual(await get(`/job/${job.id}`), job);
    const window = await get('/history/cleanup/configuration');
    assert.deepEqual(window, { batchWindowStartTime: job.dueDate, batchWindowEndTime: null, enabled: true });
    const inMs = Date.parse(window.batchWindowStartTime.replace('+0000', 'Z')) - Date.now();
    assert.ok(inMs > -1_000 && inMs <= HOUR_MS, `${inMs} ms`);
  });

  it('is started at once, in the name of who asks, unless it may wait for its time', async () => {
    const job = await get('/history/cleanup/job');
    assert.deepEqual((await ask('POST', '/history/cleanup?immediatelyDue=false')).body, job);
    assert.deepEqual(runs(), []);
    const headers = { 'x-procos-user': 'ada' };
    const answer = await system.app.inject({ method: 'POST', url: '/engine-rest/history/cleanup', headers });
    assert.deepEqual(answer.json(), job);
    for (let turn = 0; turn < 500 && runs().some(({ endedAt }) => endedAt === null); turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const [run, ...more] = runs();
    assert.deepEqual([run?.state, more], ['completed', []]);
    const log = await get('/history/user-operation?operationType=Create&entityType=ProcessInstance&userId=ada');
    assert.equal(log[0]?.processInstanceId, String(run?.id));
  });

  it('a suspended timer is told as a cleanup that is not enabled, a removed one as none', async () => {
    const { id } = await get('/history/cleanup/job');
    await ask('PUT', `/job/${id}/suspended`, { suspended: true });
    assert.equal((await get('/history/cleanup/configuration')).enabled, false);
    await ask('DELETE', `/job/${id}`);
    for (const path of ['/history/cleanup/job', '/history/cleanup/jobs']) {
      const { status, body } = await ask('GET', path);
      assert.deepEqual([status, body.type], [404, 'InvalidRequestException']);
    }
    const nothing = { batchWindowStartTime: null, batchWindowEndTime: null, enabled: false };
    assert.deepEqual(await get('/history/cleanup/configuration'), nothing);
    const before = runs().length;
    const { status, body } = await ask('POST', '/history/cleanup');
    assert.deepEqual([status, body.type], [400, 'InvalidRequestException']);
    assert.equal(runs().length, before);
  });

  it('decisions are counted, and have no time to live of their own', async () => {
    await system.deploy({ 'graph.dmn': GRAPH });
    const evaluated = { variables: { amount: { value: 200, type: 'Integer' } } };
    await ask('POST', '/decision-definition/key/final/evaluate', evaluated);
    const report = '/history/decision-definition/cleanable-decision-instance-report';
    const [row, ...more] = await get(`${report}?decisionDefinitionKeyIn=final&compact=true`);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [row.decisionDefinitionKey, row.finishedDecisionInstanceCount, row.cleanableDecisionInstanceCount],
      ['final', 1, 0],
    );
    assert.equal(row.historyTimeToLive, null);
    assert.deepEqual(await get(`${report}/count?decisionDefinitionKeyIn=final`), { count: 1 });
  });
});
