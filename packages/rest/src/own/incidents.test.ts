/** `/api/incidents` and `/api/recovery-plans`: an incident names its recovery, the recovery its incident, and a dry run what would be done. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type {
  DecisionList,
  IncidentDetail,
  IncidentList,
  ProcessDetail,
  RecoveryPlanReply,
  RedeployedDecisions,
} from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const WORK = bpmn(
  'work',
  '<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Do" camunda:type="external" camunda:topic="do" /><bpmn:endEvent id="End" />',
  ['Start->Do', 'Do->End'],
);
const SHIPPED = readFileSync(new URL('../../../../system/recovery.dmn', import.meta.url), 'utf8');
const ASKING = ['-', '"work"', '-', '-', '-', '-', '-', '-', '-'];
const ESCALATE = ['"escalate"', 'null', 'null', 'null', 'null', '"somebody should look"'];
const ROW = `<rule id="ask">${ASKING.map((text, at) => `<inputEntry id="i${at}"><text>${text}</text></inputEntry>`).join('')}${ESCALATE.map((text, at) => `<outputEntry id="o${at}"><text>${text}</text></outputEntry>`).join('')}</rule>`;
const TABLE = SHIPPED.replace('<rule id="missing_worker_host">', `${ROW}$&`);

describe('/api/incidents', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.kernel.ready;
    await system.deploy({ 'work.bpmn': WORK });
  });
  after(() => system.stop());

  async function fail(): Promise<void> {
    await system.post('/engine-rest/process-definition/key/work/start');
    const [task] = await system.post<{ id: string }[]>('/engine-rest/external-task/fetchAndLock', {
      workerId: 'w',
      maxTasks: 1,
      topics: [{ topicName: 'do', lockDuration: 10_000 }],
    });
    await system.post(`/engine-rest/external-task/${task?.id}/failure`, {
      workerId: 'w',
      errorMessage: 'no route to host',
      retries: 0,
    });
  }
  async function changeTable(content: string): Promise<void> {
    const request = { name: 'recovery.dmn', source: 'system', tenantId: null, skipUnchanged: false };
    const outcome = await system.kernel.engine.deploy(
      { ...request, resources: [{ name: 'recovery.dmn', content }] },
      { kind: 'user', id: 'ada' },
    );
    assert.ok(outcome.ok, JSON.stringify(outcome));
  }

  it('an open one without a row says that nothing is done, and why it would be with other facts', async () => {
    await fail();
    const { incidents, total } = await system.get<IncidentList>('/api/incidents?definition=work');
    const [incident] = incidents;
    assert.deepEqual([total, incident?.elementId, incident?.recovery, incident?.state], [1, 'Do', null, 'open']);
    const { plan, pid } = await system.get<IncidentDetail>(`/api/incidents/${incident?.incidentId}`);
    assert.equal(pid, incident?.pid);
    assert.deepEqual([plan?.rule, plan?.without, plan?.facts['topic']], [null, null, 'do']);
    const facts = { kind: 'health', code: 'disk_low' };
    const health = await system.post<RecoveryPlanReply>('/api/recovery-plans', { facts });
    assert.deepEqual(
      [health.severity, health.rule?.id, health.outputs['action']],
      ['critical', 'low_disk', 'escalate'],
    );
  });

  it('with a row it names its recovery, and the recovery names it', async () => {
    await changeTable(TABLE);
    const listed = async () => (await system.get<IncidentList>('/api/incidents?order=oldest')).incidents[0];
    while ((await listed())?.recovery === null) await new Promise((resolve) => setTimeout(resolve, 10));
    const incident = await listed();
    const { recovery, incidentId = '', pid } = incident ?? {};
    assert.deepEqual([recovery?.attempt, recovery?.state], [1, 'active']);
    const process = await system.get<ProcessDetail>(`/api/processes/${recovery?.pid}`);
    assert.deepEqual(process.recovers, [{ incidentId, pid }]);
    const failed = await system.get<ProcessDetail>(`/api/processes/${pid}`);
    assert.deepEqual([failed.incidents[0]?.recovery?.pid, failed.recovers], [recovery?.pid, []]);
    const { plan } = await system.get<IncidentDetail>(`/api/incidents/${incidentId}`);
    assert.equal(plan?.rule?.id, 'ask');
    assert.match(plan?.without ?? '', new RegExp(`It has its recovery: process ${recovery?.pid}`));
  });

  it('an earlier table is taken back', async () => {
    const { decisions } = await system.get<DecisionList>('/api/decisions?all=true');
    const [latest, before] = decisions.filter(({ decisionId }) => decisionId === 'procos_system_recovery');
    assert.deepEqual([latest?.version, before?.version], [2, 1]);
    const reply = await system.post<RedeployedDecisions>(`/api/decisions/${before?.decisionDefinitionId}/redeploy`);
    assert.deepEqual(reply.decisions.map(({ decisionId, version }) => [decisionId, version]).sort(), [
      ['procos_system_incident_severity', 3],
      ['procos_system_recovery', 3],
    ]);
    const facts = { process: 'work' };
    assert.equal((await system.post<RecoveryPlanReply>('/api/recovery-plans', { facts })).rule, null);
  });

  it('what is not there is refused', async () => {
    const refused = async (url: string): Promise<unknown> => {
      const answer = await system.app.inject({ method: 'GET', url });
      return [answer.statusCode, answer.json<{ code: string }>().code];
    };
    assert.deepEqual(await refused('/api/incidents/1'), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused('/api/incidents?state=some'), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await refused('/api/incidents?order=some'), [400, 'INVALID_ARGUMENT']);
  });
});
