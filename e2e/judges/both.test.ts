/** One system, one process instance, clients of Camunda 7 and of Camunda 8 and a built-in worker: the same ids, before and after `kill -9`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, Running, until } from '../running-procos.ts';

/** The same work as the example's, drawn for Camunda 8. */
const TWIN = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  id="d" targetNamespace="http://example.org">
  <bpmn:process id="twin" isExecutable="true">
    <bpmn:startEvent id="ordered" />
    <bpmn:serviceTask id="charge"><bpmn:extensionElements><zeebe:taskDefinition type="twin_charge" /></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:serviceTask id="pack"><bpmn:extensionElements><zeebe:taskDefinition type="twin_pack" retries="1" /></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:sequenceFlow id="a" sourceRef="ordered" targetRef="charge" />
    <bpmn:sequenceFlow id="b" sourceRef="charge" targetRef="pack" />
  </bpmn:process>
</bpmn:definitions>`;

test('one instance is served by a Camunda 7 client, a Camunda 8 client and a built-in worker, over a kill', {
  timeout: 110_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-both-'));
  const data = join(folder, 'data');
  let system = await (await Running.start({ data })).ready();
  const programs: ReturnType<typeof spawn>[] = [];
  context.after(async () => {
    for (const program of programs) program.kill('SIGKILL');
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask<T>(method: string, path: string, body?: object | FormData): Promise<T> {
    const isJson = body !== undefined && !(body instanceof FormData);
    const response = await fetch(system.url + path, {
      method,
      ...(isJson
        ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
        : { body: body ?? null }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
  const found = async (what: string, filter: object) =>
    (await ask<{ items: Record<string, string>[] }>('POST', `/v2/${what}/search`, { filter })).items;
  const tasksOf = (id: string) =>
    ask<Record<string, string>[]>('GET', `/engine-rest/external-task?processInstanceId=${id}`);

  /** What both faces call the instance, what it is an instance of, and what it waits for: each must be the same thing. */
  async function names(id: string): Promise<Record<string, string | undefined>> {
    const seven = await ask<Record<string, string>>('GET', `/engine-rest/process-instance/${id}`);
    const eight = await ask<Record<string, string>>('GET', `/v2/process-instances/${id}`);
    assert.equal(eight['processInstanceKey'], seven['id']);
    assert.equal(eight['processDefinitionKey'], seven['definitionId']?.split(':')[2]);
    assert.equal(eight['businessId'], seven['businessKey']);
    const [task] = await tasksOf(id);
    const [job] = await found('jobs', { processInstanceKey: id, state: 'CREATED' });
    assert.equal(job?.['jobKey'], task?.['id']);
    assert.equal(job?.['type'], task?.['topicName']);
    const [element] = await found('element-instances', {
      processInstanceKey: id,
      state: 'ACTIVE',
      type: 'SERVICE_TASK',
    });
    assert.equal(element?.['elementInstanceKey'], task?.['activityInstanceId']);
    const variables = await ask<Record<string, { value: unknown }>>(
      'GET',
      `/engine-rest/process-instance/${id}/variables`,
    );
    return {
      ...{ instance: seven['id'], definition: seven['definitionId'], businessKey: seven['businessKey'] },
      ...{ task: task?.['id'], topic: task?.['topicName'], element: element?.['elementInstanceKey'] },
      variables: JSON.stringify(variables),
    };
  }

  const twin = new FormData();
  twin.append('resources', new File([TWIN], 'twin.bpmn'));
  await ask('POST', '/v2/deployments', twin);
  const deployed = await system.procos('deploy', 'examples/both_clients');
  assert.equal(deployed.code, 0, deployed.err);

  // The one is started by a client of Camunda 7, the other by one of Camunda 8.
  const { id } = await ask<{ id: string }>('POST', '/engine-rest/process-definition/key/order_for_both/start', {
    businessKey: 'B-7',
    variables: { article: { value: 'Lamp' }, quantity: { value: 2, type: 'Long' } },
  });
  const { processInstanceKey: key } = await ask<{ processInstanceKey: string }>('POST', '/v2/process-instances', {
    processDefinitionId: 'twin',
    businessId: 'B-8',
    variables: { article: 'Chair' },
  });
  await until('the built-in worker has priced it', async () => (await tasksOf(id))[0]?.['topicName'] === 'charge_card');
  const before = [await names(id), await names(key)];
  // Locked by a client of Camunda 7 when the system is killed.
  const [held] = await ask<{ id: string }[]>('POST', '/engine-rest/external-task/fetchAndLock', {
    workerId: 'seven',
    maxTasks: 1,
    topics: [{ topicName: 'twin_charge', lockDuration: 600_000 }],
  });
  assert.equal(held?.id, before[1]?.['task']);

  await system.kill('SIGKILL');
  system = await (await Running.start({ data })).ready();
  assert.deepEqual([await names(id), await names(key)], before);

  await ask('POST', `/engine-rest/external-task/${held?.id}/complete`, {
    workerId: 'seven',
    variables: { paid: { value: 5, type: 'Long' } },
  });
  const activate = { type: 'twin_pack', worker: 'eight', timeout: 600_000, maxJobsToActivate: 1, requestTimeout: -1 };
  const { jobs } = await ask<{ jobs: { jobKey: string; variables: object }[] }>(
    'POST',
    '/v2/jobs/activation',
    activate,
  );
  assert.deepEqual(jobs[0]?.variables, { article: 'Chair', paid: 5 });
  // Held by a client of Camunda 8 when the system is killed, and done by it afterwards.
  await system.kill('SIGKILL');
  system = await (await Running.start({ data })).ready();
  await ask('POST', `/v2/jobs/${jobs[0]?.jobKey}/completion`, { variables: { parcel: 'P' } });
  const over = await ask<{ state: string }>('GET', `/engine-rest/history/process-instance/${key}`);
  assert.equal(over.state, 'COMPLETED');

  for (const name of ['charge.js', 'pack.js']) {
    const environment = { ...process.env, PROCOS_URL: system.url, CAMUNDA_LOG_LEVEL: 'none' };
    const program = spawn(process.execPath, [join(ROOT, 'examples/both_clients', name)], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    programs.push(program);
    await once(program.stdout as NonNullable<typeof program.stdout>, 'data');
  }
  await until(
    'it is sent',
    async () => {
      const { state } = await ask<{ state: string }>('GET', `/engine-rest/history/process-instance/${id}`);
      return state === 'COMPLETED';
    },
    60_000,
  );
  const rows = await ask<{ name: string; value: unknown }[]>(
    'GET',
    `/engine-rest/history/variable-instance?processInstanceId=${id}`,
  );
  const { receipt, parcel } = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  // What the Camunda 8 client did stands in the log of Camunda 7's tasks, under the key that it was given.
  const log = await ask<Record<string, string>[]>(
    'GET',
    `/engine-rest/history/external-task-log?processInstanceId=${id}&successLog=true&sortBy=timestamp&sortOrder=asc`,
  );
  assert.deepEqual(
    log.map(({ activityId, workerId }) => [activityId, workerId]),
    [
      ['price', log[0]?.['workerId']],
      ['charge', 'charge'],
      ['pack', 'camunda8/pack'],
    ],
  );
  assert.equal(log[1]?.['externalTaskId'], before[0]?.['task']);
  assert.deepEqual([receipt, parcel], [`40 EUR, task ${before[0]?.['task']}`, `job ${log[2]?.['externalTaskId']}`]);
  const eight = await ask<Record<string, string>>('GET', `/v2/process-instances/${id}`);
  assert.deepEqual([eight['state'], eight['processInstanceKey']], ['COMPLETED', id]);
});
