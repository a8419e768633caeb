/** Batches over the Camunda 7 face, on the real engine: every operation in its wire form, and what the batch resources show. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const STEPS = (name: string) =>
  bpmn(
    'steps',
    `<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Work" name="${name}" camunda:type="external" camunda:topic="work" />
    <bpmn:receiveTask id="Wait" messageRef="M_paid" /><bpmn:endEvent id="End" />`,
    ['Start->Work', 'Work->Wait', 'Wait->End'],
  );
const STUCK = bpmn(
  'stuck',
  '<bpmn:startEvent id="Start" /><bpmn:exclusiveGateway id="Which" /><bpmn:endEvent id="End" />',
  ['Start->Which'],
).replace(
  '</bpmn:process>',
  `<bpmn:sequenceFlow id="if" sourceRef="Which" targetRef="End">
  <bpmn:conditionExpression>\${ready}</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process>`,
);

/** Members of `BatchDto`, `BatchStatisticsDto` and `HistoricBatchDto` in the API's contract. */
const SHARED =
  'id type totalJobs batchJobsPerSeed invocationsPerBatchJob seedJobDefinitionId monitorJobDefinitionId batchJobDefinitionId tenantId createUserId startTime executionStartTime';
const BATCH = `${SHARED} jobsCreated suspended`.split(' ').sort();
const STATISTICS = `${BATCH.join(' ')} remainingJobs completedJobs failedJobs`.split(' ').sort();
const HISTORIC = `${SHARED} endTime removalTime`.split(' ').sort();

interface Answer<T> {
  readonly status: number;
  readonly body: T;
}
type Row = Record<string, string | number | boolean | null>;

describe('batches over the Camunda 7 face', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'steps.bpmn': STEPS('Old'), 'stuck.bpmn': STUCK });
  });
  after(() => system.stop());

  async function send<T = Row>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
  ): Promise<Answer<T>> {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? (undefined as T) : answer.json<T>() };
  }
  const list = async (path: string) => (await send<Row[]>('GET', path)).body;
  async function start(count: number, businessKey: string, key = 'steps', payload: object = {}): Promise<string[]> {
    const started = Array.from({ length: count }, () =>
      send('POST', `/process-definition/key/${key}/start`, { businessKey, ...payload }),
    );
    return (await Promise.all(started)).map(({ body }) => String(body['id']));
  }
  const definitionId = async () => String((await send('GET', '/process-definition/key/steps')).body['id']);
  const running = async (businessKey: string) => await list(`/process-instance?businessKey=${businessKey}`);
  const standing = async (businessKey: string, activityId: string) =>
    (await list(`/process-instance?businessKey=${businessKey}&activityIdIn=${activityId}`)).length;

  /** Asks for a batch, and gives what its history says once it has ended. */
  async function run(path: string, payload: object): Promise<Row> {
    const { status, body } = await send('POST', path, payload);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body).sort(), BATCH);
    const ended = async () => {
      const { body: past } = await send('GET', `/history/batch/${body['id']}`);
      return past['endTime'] === null ? undefined : past;
    };
    return soon(`the end of batch ${body['id']}`, ended);
  }

  async function soon<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 0; tries < 400; tries += 1) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${what} did not come; open incidents: ${JSON.stringify(await list('/incident'))}`);
  }

  it('instances are deleted by ids and by queries, with a reason', async () => {
    const [one = ''] = await start(1, 'delete-1');
    await start(3, 'delete-2');
    await start(2, 'delete-3');
    const past = await run('/process-instance/delete', {
      deleteReason: 'over',
      processInstanceIds: [one],
      processInstanceQuery: { businessKey: 'delete-2' },
      historicProcessInstanceQuery: { processInstanceBusinessKey: 'delete-3', unfinished: true },
    });
    assert.deepEqual(Object.keys(past).sort(), HISTORIC);
    assert.deepEqual([past['type'], past['totalJobs']], ['instance-deletion', 6]);
    const { body: ended } = await send('GET', `/history/process-instance/${one}`);
    assert.deepEqual([ended['state'], ended['deleteReason']], ['EXTERNALLY_TERMINATED', 'over']);
    for (const key of ['delete-2', 'delete-3']) assert.deepEqual(await running(key), []);
    await start(1, 'delete-4');
    const historicProcessInstanceQuery = { processInstanceBusinessKey: 'delete-4' };
    await run('/process-instance/delete-historic-query-based', { historicProcessInstanceQuery });
    assert.deepEqual(await running('delete-4'), []);
  });

  it('a query leaves the processes of the system alone, and an empty selection is refused', async () => {
    await start(1, 'alone');
    const { body } = await send('POST', '/process-instance/suspended-async', {
      suspended: false,
      processInstanceQuery: { processDefinitionKeyIn: ['procos_system_orchestrator', 'steps'], businessKey: 'alone' },
    });
    assert.equal(body['totalJobs'], 1);
    for (const payload of [{}, { processInstanceIds: [] }, { processInstanceQuery: { businessKey: 'nobody' } }]) {
      const refused = await send('POST', '/process-instance/delete', payload);
      assert.deepEqual([refused.status, refused.body['message']], [400, 'processInstanceIds is empty']);
    }
    const system = { processInstanceQuery: { processDefinitionKey: 'procos_system_orchestrator' } };
    assert.equal((await send('POST', '/process-instance/delete', system)).status, 400);
  });

  it('instances are suspended and resumed, at once by a query too', async () => {
    await start(2, 'rest');
    const processInstanceQuery = { businessKey: 'rest' };
    const past = await run('/process-instance/suspended-async', { suspended: true, processInstanceQuery });
    assert.equal(past['type'], 'instance-update-suspension-state');
    assert.equal((await list('/process-instance?businessKey=rest&suspended=true')).length, 2);
    const now = await send('PUT', '/process-instance/suspended', { suspended: false, processInstanceQuery });
    assert.equal(now.status, 204);
    assert.equal((await list('/process-instance?businessKey=rest&suspended=true')).length, 0);
  });

  it('variables are set, instances are modified, and a message is correlated', async () => {
    const ids = await start(3, 'move');
    const variables = { amount: { value: 7, type: 'Integer' } };
    const set = await run('/process-instance/variables-async', { variables, processInstanceIds: ids });
    assert.equal(set['type'], 'set-variables');
    const { body: amount } = await send('GET', `/process-instance/${ids[1]}/variables/amount`);
    assert.deepEqual([amount['type'], amount['value']], ['Integer', 7]);
    assert.equal((await send('POST', '/process-instance/variables-async', { processInstanceIds: ids })).status, 400);

    const instructions = [
      { type: 'cancel', activityId: 'Work' },
      { type: 'startBeforeActivity', activityId: 'Wait' },
    ];
    const modification = { processDefinitionId: await definitionId(), instructions };
    const moved = await run('/modification/executeAsync', { ...modification, processInstanceIds: ids.slice(0, 1) });
    assert.equal(moved['type'], 'instance-modification');
    const rest = { ...modification, processInstanceIds: ids.slice(1, 2) };
    assert.equal((await send('POST', '/modification/execute', rest)).status, 204);
    await run(`/process-instance/${ids[2]}/modification-async`, { instructions });
    assert.equal(await standing('move', 'Wait'), 3);

    const message = { messageName: 'paid', processInstanceQuery: { businessKey: 'move' }, variables };
    const correlated = await run('/process-instance/message-async', message);
    assert.equal(correlated['type'], 'correlate-message');
    assert.deepEqual(await running('move'), []);
  });

  it('retries of external tasks are set by tasks, queries and instances; 0 raises an incident', async () => {
    const ids = await start(3, 'tries');
    const processInstanceQuery = { businessKey: 'tries' };
    const past = await run('/external-task/retries-async', { retries: 0, processInstanceQuery });
    assert.deepEqual([past['type'], past['totalJobs']], ['set-external-task-retries', 3]);
    assert.equal((await list(`/external-task?processInstanceIdIn=${ids}&noRetriesLeft=true`)).length, 3);
    const externalTaskQuery = { processInstanceIdIn: ids };
    assert.equal((await send('PUT', '/external-task/retries', { retries: 2, externalTaskQuery })).status, 204);
    assert.equal((await list(`/external-task?processInstanceIdIn=${ids}&noRetriesLeft=true`)).length, 0);
  });

  it('retries for the jobs of instances: the steps that wait in incidents are tried again', async () => {
    const ids = await start(2, 'stuck', 'stuck', { variables: { ready: { value: false } } });
    assert.equal((await list('/incident?processDefinitionKeyIn=stuck')).length, 2);
    for (const id of ids) await send('PUT', `/process-instance/${id}/variables/ready`, { value: true });
    const past = await run('/process-instance/job-retries', { retries: 1, processInstances: ids });
    assert.deepEqual([past['type'], past['totalJobs']], ['set-job-retries', 2]);
    assert.deepEqual(await running('stuck'), []);
    const none = await send('POST', '/process-instance/job-retries', { retries: 1, processInstances: ids });
    assert.deepEqual([none.status, /jobIds is empty/.test(String(none.body['message']))], [400, true]);
  });

  it('a step that waits in an incident is a job without retries: found, and tried again in every form', async () => {
    const ids = await start(4, 'jobs', 'stuck', { variables: { ready: { value: false } } });
    const jobs = await list(`/job?processInstanceIds=${ids}&sortBy=jobId&sortOrder=desc`);
    assert.equal(jobs.length, 4);
    const [newest] = jobs;
    assert.deepEqual([newest?.['retries'], newest?.['failedActivityId']], [0, 'Which']);
    const [incident] = await list(`/incident?configuration=${newest?.['id']}`);
    assert.equal(incident?.['configuration'], newest?.['id']);
    assert.equal((await send('GET', `/job/${newest?.['id']}`)).body['exceptionMessage'], newest?.['exceptionMessage']);
    const paged = await list(`/job?noRetriesLeft=true&processInstanceIds=${ids}&firstResult=1&maxResults=2`);
    assert.deepEqual(
      paged.map(({ id }) => id),
      [jobs[2]?.['id'], jobs[1]?.['id']],
    );
    assert.equal((await send('GET', `/job/count?processInstanceIds=${ids}&withException=true`)).body['count'], 4);
    assert.deepEqual(await list(`/job?processInstanceIds=${ids}&withRetriesLeft=true`), []);

    for (const id of ids) await send('PUT', `/process-instance/${id}/variables/ready`, { value: true });
    const [one, two, three, four] = jobs.map(({ id }) => String(id));
    assert.equal((await send('PUT', `/job/${one}/retries`, { retries: 1 })).status, 204);
    assert.equal((await send('POST', `/job/${two}/execute`)).status, 204);
    const jobQuery = { processInstanceIds: ids, noRetriesLeft: true };
    const past = await run('/job/retries', { retries: 1, jobIds: [three, four], jobQuery });
    assert.deepEqual([past['type'], past['totalJobs']], ['set-job-retries', 2]);
    assert.deepEqual(await running('jobs'), []);
    for (const [body, message] of [
      [{ retries: 1, jobIds: [] }, /jobIds is empty/],
      [{ jobIds: [one] }, /number of retries cannot be null/],
      [{ retries: -1, jobIds: [one] }, /cannot be negative/],
    ] as const) {
      const refused = await send('POST', '/job/retries', body);
      assert.deepEqual([refused.status, message.test(String(refused.body['message']))], [400, true]);
    }
    assert.equal((await send('PUT', `/job/${one}/retries`, { retries: 1 })).status, 404);
  });

  it('the history of a batch that has ended can be deleted, and a report counts those that have ended', async () => {
    await start(1, 'gone');
    const { id } = await run('/process-instance/delete', { processInstanceQuery: { businessKey: 'gone' } });
    const deletions = async () => {
      const report = await list('/history/batch/cleanable-batch-report?sortBy=finished&sortOrder=desc');
      const counts = report.map(({ finishedBatchesCount }) => Number(finishedBatchesCount));
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => b - a),
      );
      assert.equal((await send('GET', '/history/batch/cleanable-batch-report/count')).body['count'], report.length);
      return report.find(({ batchType }) => batchType === 'instance-deletion');
    };
    const before = await deletions();
    assert.deepEqual(Object.keys(before ?? {}).sort(), [
      'batchType',
      'cleanableBatchesCount',
      'finishedBatchesCount',
      'historyTimeToLive',
    ]);
    assert.equal((await send('DELETE', `/history/batch/${id}`)).status, 204);
    assert.equal((await send('GET', `/history/batch/${id}`)).status, 404);
    assert.equal((await send('DELETE', `/history/batch/${id}`)).status, 404);
    const left = Number((await deletions())?.['finishedBatchesCount'] ?? 0);
    assert.equal(left, Number(before?.['finishedBatchesCount']) - 1);
    const refused = await send('GET', '/history/batch/cleanable-batch-report?sortBy=type&sortOrder=asc');
    assert.equal(refused.status, 400);
  });

  it('ended instances are restarted, as a batch and at once', async () => {
    await start(2, 'again', 'steps', { variables: { amount: { value: 3 } } });
    await run('/process-instance/delete', { processInstanceQuery: { businessKey: 'again' } });
    const restart = {
      instructions: [{ type: 'startBeforeActivity', activityId: 'Wait' }],
      historicProcessInstanceQuery: { processInstanceBusinessKey: 'again', finished: true },
      initialVariables: true,
    };
    const past = await run(`/process-definition/${await definitionId()}/restart-async`, restart);
    assert.equal(past['type'], 'instance-restart');
    assert.equal(await standing('again', 'Wait'), 2);
    assert.equal((await send('POST', `/process-definition/${await definitionId()}/restart`, restart)).status, 204);
    assert.equal(await standing('again', 'Wait'), 4);
  });

  it('instances are migrated; a plan that does not fit is refused before there is a batch', async () => {
    await start(2, 'migrate');
    const sourceProcessDefinitionId = await definitionId();
    await system.deploy({ 'steps.bpmn': STEPS('New') });
    const sides = { sourceProcessDefinitionId, targetProcessDefinitionId: await definitionId() };
    const { body: migrationPlan } = await send('POST', '/migration/generate', sides);
    const processInstanceQuery = { businessKey: 'migrate' };
    const past = await run('/migration/executeAsync', { migrationPlan, processInstanceQuery });
    assert.equal(past['type'], 'instance-migration');
    const moved = await running('migrate');
    assert.deepEqual([...new Set(moved.map((row) => row['definitionId']))], [sides.targetProcessDefinitionId]);
    const again = await send('POST', '/migration/executeAsync', { migrationPlan, processInstanceQuery });
    assert.equal(again.status, 400);
  });

  it('a running batch is shown, counted, suspended and deleted; its statistics say how far it is', async () => {
    const ids = await start(2, 'shown');
    const payload = { suspended: true, processInstanceIds: [...ids, '999999'] };
    const { body: batch } = await send('POST', '/process-instance/suspended-async', payload);
    const path = `batchId=${batch['id']}`;
    const statistics = await soon('the first round', async () => {
      const [found] = await list(`/batch/statistics?${path}`);
      return found?.['completedJobs'] === 2 && found['failedJobs'] === 1 ? found : undefined;
    });
    assert.deepEqual(Object.keys(statistics).sort(), STATISTICS);
    const { totalJobs, jobsCreated, remainingJobs, failedJobs } = statistics;
    assert.deepEqual([totalJobs, jobsCreated, remainingJobs, failedJobs], [3, 3, 1, 1]);
    assert.notEqual(statistics['executionStartTime'], null);

    assert.equal((await send('PUT', `/batch/${batch['id']}/suspended`, { suspended: true })).status, 204);
    assert.equal((await send('GET', `/batch/${batch['id']}`)).body['suspended'], true);
    const type = 'instance-update-suspension-state';
    assert.equal((await list(`/batch?${path}&type=${type}&suspended=true`)).length, 1);
    assert.equal((await list(`/batch?${path}&type=set-variables`)).length, 0);
    assert.equal((await send('GET', `/batch/count?${path}&suspended=false`)).body['count'], 0);
    assert.equal((await send('GET', `/batch/statistics/count?${path}`)).body['count'], 1);

    assert.equal((await send('DELETE', `/batch/${batch['id']}?cascade=false`)).status, 204);
    assert.equal((await send('GET', `/batch/${batch['id']}`)).status, 404);
    assert.equal((await send('DELETE', `/batch/${batch['id']}`)).status, 400);
    const [past] = await list(`/history/batch?${path}&completed=true&sortBy=startTime&sortOrder=desc`);
    assert.equal(past?.['id'], batch['id']);
    assert.equal((await send('GET', '/history/batch/count?type=set-variables')).body['count'], 1);
    assert.equal((await send('GET', '/history/batch/1234567')).status, 404);
  });
});
