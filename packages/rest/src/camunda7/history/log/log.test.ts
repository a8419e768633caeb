/** The historic logs of the Camunda 7 face: what the record log tells of jobs, external tasks and variables. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from '../../../testing/real-kernel.test.ts';

const LATE = `<bpmn:timeDuration xsi:type="bpmn:tFormalExpression" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">PT1H</bpmn:timeDuration>`;
const WORK = bpmn(
  'work',
  `<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Ship" camunda:type="external" camunda:topic="log-ship" camunda:taskPriority="4" />
  <bpmn:boundaryEvent id="Late" attachedToRef="Ship"><bpmn:timerEventDefinition>${LATE}</bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:endEvent id="End" />`,
  ['Start->Ship', 'Ship->End', 'Late->End'],
);
const BROKEN = bpmn(
  'broken',
  `<bpmn:startEvent id="Start" /><bpmn:scriptTask id="Try" scriptFormat="juel" camunda:asyncBefore="true" camunda:resultVariable="x">
    <bpmn:extensionElements><camunda:failedJobRetryTimeCycle>R2/PT0S</camunda:failedJobRetryTimeCycle></bpmn:extensionElements>
    <bpmn:script>\${nowhere.atAll}</bpmn:script></bpmn:scriptTask>`,
  ['Start->Try'],
);

interface Row {
  readonly id: string;
  readonly [member: string]: unknown;
}

describe('historic logs', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'work.bpmn': WORK, 'broken.bpmn': BROKEN });
  });
  after(() => system.stop());
  const get = (path: string): Promise<Row[]> => system.get(`/engine-rest/history${path}`);
  const post = <T>(path: string, body: object): Promise<T> => system.post(`/engine-rest${path}`, body);
  const start = async (key: string, body: object = {}): Promise<string> =>
    (await post<{ id: string }>(`/process-definition/key/${key}/start`, body)).id;
  const flagsOf = (rows: readonly Row[]): string[] =>
    rows.map((row) =>
      ['creation', 'failure', 'success', 'deletion'].filter((flag) => row[`${flag}Log`] === true).join(),
    );
  /** Until something is there. */
  async function found(path: string, count: number): Promise<Row[]> {
    for (let turns = 0; turns < 400; turns += 1) {
      const rows = await get(path);
      if (rows.length >= count) return rows;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${path} does not come`);
  }

  it('an external task is created, fails, is done; its timer ends with it', async () => {
    const id = await start('work');
    const fetched = { workerId: 'w', maxTasks: 1, topics: [{ topicName: 'log-ship', lockDuration: 10_000 }] };
    const [task] = await post<Row[]>('/external-task/fetchAndLock', fetched);
    await post(`/external-task/${task?.id}/failure`, {
      workerId: 'w',
      errorMessage: 'no',
      retries: 2,
      retryTimeout: 0,
    });
    await post('/external-task/fetchAndLock', { ...fetched, workerId: 'v' });
    await post(`/external-task/${task?.id}/complete`, { workerId: 'v' });
    const log = await get(`/external-task-log?processInstanceId=${id}`);
    assert.deepEqual(flagsOf(log), ['creation', 'failure', 'success']);
    assert.deepEqual(
      log.map((row) => [row['workerId'], row['retries'], row['priority'], row['errorMessage']]),
      [
        [null, null, 4, null],
        ['w', 2, 4, 'no'],
        ['v', 2, 4, null],
      ],
    );
    const jobs = await get(`/job-log?processInstanceId=${id}`);
    assert.deepEqual(flagsOf(jobs), ['creation', 'deletion']);
    assert.deepEqual(
      [jobs[0]?.['jobDefinitionType'], jobs[0]?.['jobDefinitionConfiguration']],
      ['timer-transition', 'DURATION: PT1H'],
    );
  });

  it('a task that is canceled is a deletion', async () => {
    const id = await start('work');
    await system.app.inject({ method: 'DELETE', url: `/engine-rest/process-instance/${id}` });
    assert.deepEqual(flagsOf(await get(`/external-task-log?processInstanceId=${id}`)), ['creation', 'deletion']);
    assert.deepEqual(flagsOf(await get(`/job-log?processInstanceId=${id}`)), ['creation', 'deletion']);
  });

  it('a job fails, is tried again by itself, and fails for good under the id of its incident', async () => {
    const id = await start('broken');
    const log = await found(`/job-log?processInstanceId=${id}`, 4);
    assert.deepEqual(flagsOf(log), ['creation', 'failure', 'creation', 'failure']);
    const [incident] = await system.get<Row[]>(`/engine-rest/incident?processInstanceId=${id}`);
    const [last] = await get(`/job-log?jobId=${incident?.id}`);
    assert.deepEqual([last?.['jobExceptionMessage'], last?.['jobRetries']], [incident?.['incidentMessage'], 0]);
    assert.equal(last?.['jobDefinitionConfiguration'], 'async-before');
    const one = (await system.get(`/engine-rest/history/job-log/${last?.id}`)) as Row;
    assert.deepEqual(one, last);
  });

  it('details tell every value of a variable, until its history is deleted', async () => {
    const passing = { value: 'gone', type: 'String', valueInfo: { transient: true } };
    const id = await start('work', { variables: { a: { value: 1 }, passing, b: { value: 'x' } } });
    await post(`/process-instance/${id}/variables`, { modifications: { a: { value: 2 } } });
    const all = await get(`/detail?processInstanceId=${id}&sortBy=time&sortOrder=desc`);
    assert.deepEqual(
      all.map((row) => [row['variableName'], row['value'], row['revision'], row['initial']]),
      [
        ['a', 2, 1, false],
        ['a', 1, 0, true],
        ['b', 'x', 0, true],
      ],
    );
    const [value] = await get(`/variable-instance?processInstanceId=${id}&variableName=a`);
    const ofA = await get(`/detail?variableInstanceId=${value?.id}`);
    assert.deepEqual(
      ofA.map((row) => row['value']),
      [1, 2],
    );
    assert.deepEqual((await get(`/detail?processInstanceId=${id}&initial=true`)).length, 2);
    const page = await get(`/detail?processInstanceId=${id}&sortBy=time&sortOrder=desc&firstResult=1&maxResults=1`);
    assert.deepEqual(page, [all[1]]);
    await system.app.inject({ method: 'DELETE', url: `/engine-rest/process-instance/${id}` });
    assert.equal((await get(`/detail?processInstanceId=${id}`)).length, 3);
    await system.app.inject({ method: 'DELETE', url: `/engine-rest/history/process-instance/${id}` });
    assert.deepEqual(await get(`/detail?processInstanceId=${id}`), []);
    assert.equal((await system.app.inject(`/engine-rest/history/detail/${all[0]?.id}`)).statusCode, 404);
  });

  it('what is no text is refused', async () => {
    for (const payload of [{ variableTypeIn: [{}] }, { variableNameLike: {} }, { processInstanceId: [] }]) {
      const answer = await system.app.inject({ method: 'POST', url: '/engine-rest/history/detail', payload });
      assert.equal(answer.statusCode, 400, answer.body);
    }
  });
});
