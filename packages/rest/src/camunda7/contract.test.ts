/**
 * Every operation that is served, asked once for something that is there: its answer has the status and exactly the members
 * that Camunda's description of its API says.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Contract, operations, shapeOf, skip } from '../testing/camunda-contract.test.ts';
import { CALLED, EVERYTHING, GRAPH, SHORT, STARTED } from '../testing/camunda-models.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';

type Parameters = Readonly<Record<string, string>>;
// biome-ignore lint/suspicious/noExplicitAny: the validator looks at what is inside.
type Body = any;

describe('answers are as Camunda describes them', { skip }, () => {
  let system: System;
  let contract: Contract;
  const served = new Set<string>();
  const asked = new Set<string>();
  /** What is not as described. */
  const wrong = new Set<string>();
  /** Ids that the operations are asked for. */
  const ids: Record<string, string> = {};

  /** `parameters` fill the path; what is left goes into the query. */
  async function ask(
    operation: string,
    parameters: Parameters = {},
    body?: object | FormData,
    status = 200,
  ): Promise<Body> {
    const [method = '', path = ''] = operation.split(' ');
    const query = new URLSearchParams(parameters);
    const filled = path.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => {
      query.delete(name);
      assert.ok(parameters[name] !== undefined, `${operation} needs ${name}`);
      return encodeURIComponent(parameters[name]);
    });
    const isForm = body instanceof FormData;
    const answer = await fetch(`${system.url}/engine-rest${filled}?${query}`, {
      method,
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      ...(body === undefined || isForm ? {} : { headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    assert.equal(answer.status, status, `${operation} ${filled}: ${text}`);
    for (const problem of contract.problems(method, path, status, text))
      wrong.add(`${operation}: ${problem.replaceAll(/\/\d+/g, '/*')}`);
    if (status < 300) asked.add(shapeOf(method, path));
    return text === '' || answer.headers.get('content-type') !== 'application/json' ? text : JSON.parse(text);
  }

  const listed = async (operation: string, parameters: Parameters = {}): Promise<Body> => {
    const rows = await ask(operation, parameters);
    assert.ok(rows.length > 0, `${operation} should find something`);
    return rows;
  };
  /** All of a list: by a query string, by a body, and counted by both. */
  async function both(path: string, parameters: Parameters = {}, least = 1): Promise<Body> {
    const rows = await ask(`GET ${path}`, parameters);
    assert.ok(rows.length >= least, `${path} should find something`);
    assert.deepEqual(await ask(`POST ${path}`, {}, parameters), rows);
    const count = { count: rows.length };
    if (isServed('GET', `${path}/count`)) assert.deepEqual(await ask(`GET ${path}/count`, parameters), count);
    if (isServed('POST', `${path}/count`)) assert.deepEqual(await ask(`POST ${path}/count`, {}, parameters), count);
    return rows;
  }
  const isServed = (method: string, path: string): boolean => served.has(shapeOf(method, path));
  const form = (fields: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): FormData => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, value);
    for (const [name, content] of Object.entries(files)) data.append(name, new Blob([content]), name);
    return data;
  };
  const upload = (): FormData => {
    const data = new FormData();
    data.append('valueType', 'File');
    data.append('data', new Blob(['hello'], { type: 'text/plain' }), 'hello.txt');
    return data;
  };
  /** Until the kernel has done what it does by itself. */
  async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (let turns = 0; turns < 400; turns += 1) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('it does not come');
  }

  before(async () => {
    contract = new Contract();
    system = await startSystem({
      onRoute: ({ method, url }) => served.add(shapeOf(String(method), url.replace('/engine-rest', ''))),
    });
  });
  after(() => system?.stop());
  afterEach(() => {
    const found = [...wrong];
    wrong.clear();
    assert.deepEqual(found, []);
  });

  it('engine, deployments and their resources', async () => {
    await ask('GET /engine');
    await ask('GET /version');
    const files = {
      'everything.bpmn': EVERYTHING,
      'called.bpmn': CALLED,
      'short.bpmn': SHORT,
      'graph.dmn': GRAPH,
      'started.bpmn': STARTED,
    };
    const fields = { 'deployment-name': 'all', 'deployment-source': 'contract', 'tenant-id': '' };
    const { id } = await ask('POST /deployment/create', {}, form(fields, files));
    await ask('POST /deployment/create', {}, form({ ...fields, 'tenant-id': 'blue' }, files));
    await ask('POST /deployment/create', {}, form({}, { 'x.bpmn': '<nothing' }), 400);
    ids['deployment'] = id;
    await listed('GET /deployment', { name: 'all' });
    await ask('GET /deployment/count', { name: 'all' });
    await ask('GET /deployment/{id}', { id });
    const [resource] = await listed('GET /deployment/{id}/resources', { id });
    await ask('GET /deployment/{id}/resources/{resourceId}', { id, resourceId: resource.id });
    assert.equal(
      await ask('GET /deployment/{id}/resources/{resourceId}/data', { id, resourceId: resource.id }),
      EVERYTHING,
    );
    await ask('GET /deployment/{id}', { id: 'nothing' }, undefined, 404);
    await ask('DELETE /deployment/{id}', { id: 'nothing' }, undefined, 404);
  });

  it('process definitions', async () => {
    const [definition] = await listed('GET /process-definition', { key: 'everything', withoutTenantId: 'true' });
    const { id } = definition;
    ids['definition'] = id;
    await ask('GET /process-definition/count', { key: 'everything' });
    const tenant = { key: 'called', 'tenant-id': 'blue' };
    for (const [path, named] of [
      ['/process-definition/{id}', { id }],
      ['/process-definition/key/{key}', { key: 'everything' }],
      ['/process-definition/key/{key}/tenant-id/{tenant-id}', tenant],
    ] as const) {
      await ask(`GET ${path}`, named);
      await ask(`GET ${path}/xml`, named);
      await ask(`GET ${path}/startForm`, named);
      await ask(`GET ${path}/form-variables`, named);
      const variables = { amount: { value: 7, type: 'Long' } };
      const started = await ask(`POST ${path}/start`, named, {
        businessKey: 'order-1',
        variables,
        withVariablesInReturn: true,
      });
      ids[path] = started.id;
      await ask(`POST ${path}/submit-form`, named, { variables });
      assert.ok((await ask(`GET ${path}/statistics`, { ...named, failedJobs: 'true', incidents: 'true' })).length > 0);
      for (const suspended of [true, false]) await ask(`PUT ${path}/suspended`, named, { suspended }, 204);
    }
    ids['instance'] = ids['/process-definition/{id}'] ?? '';
    await listed('GET /process-definition/statistics', { failedJobs: 'true', incidents: 'true' });
    const [called] = await listed('GET /process-definition/{id}/static-called-process-definitions', { id });
    assert.deepEqual([called.key, called.calledFromActivityIds], ['called', ['Call']]);
    await ask('GET /process-definition/{id}/startForm', { id: 'nothing' }, undefined, 404);
    for (const suspended of [true, false])
      await ask('PUT /process-definition/suspended', {}, { processDefinitionKey: 'called', suspended }, 204);
  });

  it('process instances and their variables', async () => {
    await both('/process-instance');
    const id = ids['instance'] ?? '';
    await ask('GET /process-instance/{id}', { id });
    await ask('GET /process-instance/{id}', { id: 'nothing' }, undefined, 404);
    await until(async () => ((await ask('GET /incident', { processInstanceId: id })).length > 0 ? true : undefined));
    await ask('GET /process-instance/{id}/activity-instances', { id });
    await variables('process-instance', 'variables', id);
    await variables('execution', 'localVariables', id);
    for (const suspended of [true, false]) {
      await ask('PUT /process-instance/{id}/suspended', { id }, { suspended }, 204);
      await ask('PUT /process-instance/suspended', {}, { processInstanceIds: [id], suspended }, 204);
    }
    await ask(
      'POST /process-instance/{id}/modification',
      { id },
      { instructions: [{ type: 'startBeforeActivity', activityId: 'Later' }] },
      204,
    );
  });

  async function variables(resource: string, collection: string, id: string): Promise<void> {
    const path = `/${resource}/{id}/${collection}`;
    await ask(
      `POST ${path}`,
      { id },
      { modifications: { one: { value: 1, type: 'Integer' } }, deletions: ['none'] },
      204,
    );
    const one = { id, varName: 'one' };
    await ask(`PUT ${path}/{varName}`, one, { value: '{"a":1}', type: 'Json' }, 204);
    await ask(`GET ${path}`, { id });
    await ask(`GET ${path}/{varName}`, one);
    await ask(`POST ${path}/{varName}/data`, { id, varName: 'file' }, upload(), 204);
    assert.equal(await ask(`GET ${path}/{varName}/data`, { id, varName: 'file' }), 'hello');
    await ask(`GET ${path}/{varName}`, { id, varName: 'file' });
    await ask(`DELETE ${path}/{varName}`, one, undefined, 204);
  }

  it('variable instances', async () => {
    const rows = await both('/variable-instance', { variableName: 'file' });
    await ask('GET /variable-instance/{id}', { id: rows[0].id });
    assert.equal(await ask('GET /variable-instance/{id}/data', { id: rows[0].id }), 'hello');
  });

  it('external tasks', async () => {
    const [task] = await both('/external-task', { topicName: 'ship' });
    assert.deepEqual(await ask('GET /external-task/topic-names'), ['ship']);
    const { id } = task;
    await ask('GET /external-task/{id}', { id });
    await ask('GET /external-task/{id}', { id: 'nothing' }, undefined, 404);
    await ask('PUT /external-task/{id}/priority', { id }, { priority: 9 }, 204);
    await ask('PUT /external-task/{id}/retries', { id }, { retries: 4 }, 204);
    await ask('PUT /external-task/retries', {}, { retries: 5, externalTaskIds: [id] }, 204);
    const batch = await ask('POST /external-task/retries-async', {}, { retries: 5, externalTaskIds: [id] });
    ids['batch'] = batch.id;
    await ask('POST /external-task/{id}/lock', { id }, { workerId: 'w', lockDuration: 10_000 }, 204);
    await ask('POST /external-task/{id}/extendLock', { id }, { workerId: 'w', newDuration: 20_000 }, 204);
    await ask('POST /external-task/{id}/unlock', { id }, undefined, 204);
    const topics = [{ topicName: 'ship', lockDuration: 60_000, includeExtensionProperties: true }];
    const locked = await ask(
      'POST /external-task/fetchAndLock',
      {},
      { workerId: 'w', maxTasks: 10, usePriority: true, topics },
    );
    assert.ok(locked.length > 2);
    const failure = { workerId: 'w', errorMessage: 'no', errorDetails: 'at line 1', retries: 0, retryTimeout: 0 };
    await ask('POST /external-task/{id}/failure', { id: locked[0].id }, failure, 204);
    assert.equal(await ask('GET /external-task/{id}/errorDetails', { id: locked[0].id }), 'at line 1');
    await ask('GET /external-task/{id}/errorDetails', { id: locked[1].id }, undefined, 204);
    const variables = { sent: { value: true, type: 'Boolean' } };
    await ask('POST /external-task/{id}/complete', { id: locked[1].id }, { workerId: 'w', variables }, 204);
    await ask('POST /external-task/{id}/bpmnError', { id: locked[2].id }, { workerId: 'w', errorCode: 'NO' }, 204);
  });

  it('user tasks', async () => {
    const [task] = await both('/task', { name: 'Check it' });
    const { id } = task;
    ids['task'] = id;
    await ask('GET /task/{id}', { id });
    await ask('GET /task/{id}', { id: 'nothing' }, undefined, 404);
    await ask('POST /task/{id}/unclaim', { id }, undefined, 204);
    await ask('POST /task/{id}/claim', { id }, { userId: 'bob' }, 204);
    await ask('POST /task/{id}/claim', { id }, { userId: 'eve' }, 500);
    await ask('POST /task/{id}/assignee', { id }, { userId: 'ada' }, 204);
    const properties = { name: 'Check it', assignee: 'ada', priority: 60, due: '2030-01-02T03:04:05.000+0000' };
    await ask('PUT /task/{id}', { id }, properties, 204);
    await ask('PUT /task/{id}', { id: 'nothing' }, properties, 404);
    await ask('POST /task/{id}/delegate', { id }, { userId: 'bob' }, 204);
    await ask('POST /task/{id}/resolve', { id }, {}, 204);
    await ask('GET /task/{id}', { id });
    await ask('DELETE /task/{id}', { id }, undefined, 500);
    await ask('POST /task/create', {}, { name: 'By hand' }, 204);
    const [byHand] = await listed('GET /task', { name: 'By hand' });
    await ask('DELETE /task/{id}', { id: byHand.id }, undefined, 204);
    await ask('GET /task/{id}/form', { id });
    await ask('GET /task/{id}/form-variables', { id });
    await variables('task', 'variables', id);
    await variables('task', 'localVariables', id);
    const inner = await listed('GET /task', { name: 'Inner work' });
    await ask('POST /task/{id}/complete', { id: inner[0].id }, { withVariablesInReturn: true });
    await ask('POST /task/{id}/submit-form', { id: inner[1].id }, { withVariablesInReturn: true });
    await ask('POST /task/{id}/bpmnError', { id: inner[2].id }, { errorCode: 'NO' }, 204);
    await ask('POST /task/{id}/bpmnEscalation', { id: inner[3].id }, { escalationCode: 'UP' }, 204);
    await ask('POST /task/{id}/bpmnError', { id }, { errorCode: 'NO' }, 400);
    await both('/history/task', { taskAssignee: 'ada' });
    await both('/history/task', { finished: 'true' });
    await listed('GET /metrics', { name: 'flow-node-instances' });
    const sum = await ask('GET /metrics/{metrics-name}/sum', { 'metrics-name': 'process-instances' });
    assert.ok(sum.result > 0);
  });

  it('events: messages, signals, conditions, who waits for them', async () => {
    const id = ids['instance'] ?? '';
    await listed('GET /event-subscription', { processInstanceId: id });
    await ask('GET /event-subscription/count');
    await ask('GET /execution/{id}', { id });
    const waiting = await both('/execution', { processInstanceId: id, messageEventSubscriptionName: 'go' }, 2);
    const message2 = { id: waiting[0].id, messageName: 'go' };
    await ask('GET /execution/{id}/messageSubscriptions/{messageName}', message2);
    await ask(
      'GET /execution/{id}/messageSubscriptions/{messageName}',
      { ...message2, messageName: 'no' },
      undefined,
      404,
    );
    const receives = (await listed('GET /execution', { processInstanceId: id, activityId: 'Receive' }))[0];
    await ask('POST /execution/{id}/signal', { id: receives.id }, { variables: { signaled: { value: true } } }, 204);
    await ask('POST /execution/{id}/signal', { id: receives.id }, {}, 400);
    const catches = (await listed('GET /execution', { processInstanceId: id, activityId: 'Go' }))[0];
    const go = { id: catches.id, messageName: 'go' };
    await ask('POST /execution/{id}/messageSubscriptions/{messageName}/trigger', go, {}, 204);
    await ask('POST /execution/{id}/messageSubscriptions/{messageName}/trigger', go, {}, 500);
    const message = { messageName: 'begin', resultEnabled: true, variablesInResultEnabled: true };
    await ask(
      'POST /message',
      {},
      { ...message, processVariables: { level: { value: 1, type: 'Integer' } }, withoutTenantId: true },
    );
    await ask('POST /message', {}, { messageName: 'nothing' }, 400);
    await ask('POST /signal', {}, { name: 'alert' }, 204);
    const conditional = { variables: { level: { value: 11, type: 'Integer' } }, withoutTenantId: true };
    const started = await ask('POST /condition', {}, conditional);
    assert.equal(started.length, 1);
  });

  it('incidents and jobs', async () => {
    const incidents = await listed('GET /incident');
    await ask('GET /incident/count');
    const broken = incidents.find(
      (one: Body) => one.activityId === 'Broken' && one.processInstanceId === ids['instance'],
    );
    await ask('GET /incident/{id}', { id: broken.id });
    await ask('GET /incident/{id}', { id: 'nothing' }, undefined, 404);
    await ask('PUT /incident/{id}/annotation', { id: broken.id }, { annotation: 'known' }, 204);
    assert.equal((await ask('GET /incident/{id}', { id: broken.id })).annotation, 'known');
    await ask('DELETE /incident/{id}/annotation', { id: broken.id }, undefined, 204);
    const raised = { incidentType: 'mine', configuration: '5', message: 'look' };
    await ask('POST /execution/{id}/create-incident', { id: broken.executionId }, raised);
    const jobs = await both('/job', { processInstanceId: ids['instance'] ?? '' }, 3);
    const failed = jobs.find((job: Body) => job.exceptionMessage !== null);
    const timer = jobs.find((job: Body) => job.dueDate !== null);
    await ask('GET /job/{id}', { id: timer.id });
    await ask('GET /job/{id}', { id: 'nothing' }, undefined, 404);
    await ask('PUT /job/{id}/retries', { id: timer.id }, { retries: 2 }, 204);
    assert.equal(await ask('GET /job/{id}/stacktrace', { id: failed.id }), failed.exceptionMessage);
    // By a batch, which may be done before the next request: it fails again then, in an incident of its own.
    await ask('POST /job/retries', {}, { jobIds: [failed.id], retries: 1 });
    for (const suspended of [true, false]) {
      await ask('PUT /job/{id}/suspended', { id: timer.id }, { suspended }, 204);
      await ask('PUT /job/suspended', {}, { processInstanceId: ids['instance'], suspended }, 204);
    }
    await ask(
      'PUT /job/{id}/duedate',
      { id: timer.id },
      { duedate: '2030-01-02T03:04:05.000+0000', cascade: false },
      204,
    );
    await ask('PUT /job/{id}/priority', { id: timer.id }, { priority: 3 }, 204);
    assert.deepEqual((({ dueDate, priority }) => [dueDate, priority])(await ask('GET /job/{id}', { id: timer.id })), [
      '2030-01-02T03:04:05.000+0000',
      3,
    ]);
    await ask('POST /job/{id}/duedate/recalculate', { id: timer.id, creationDateBased: 'false' }, undefined, 204);
    const rows = await both('/job-definition', { processDefinitionKey: 'everything' }, 2);
    const of = rows.find((row: Body) => row.id === timer.jobDefinitionId);
    await ask('GET /job-definition/{id}', { id: of.id });
    await ask('GET /job-definition/{id}', { id: 'nothing' }, undefined, 404);
    await ask('PUT /job-definition/{id}/jobPriority', { id: of.id }, { priority: 8, includeJobs: true }, 204);
    for (const suspended of [true, false]) {
      await ask('PUT /job-definition/{id}/suspended', { id: of.id }, { suspended, includeJobs: true }, 204);
      await ask('PUT /job-definition/suspended', {}, { processDefinitionKey: 'everything', suspended }, 204);
    }
    await ask('PUT /job-definition/{id}/retries', { id: of.id }, { retries: 1 }, 204);
    const other = jobs.find((job: Body) => job.dueDate !== null && job.id !== timer.id);
    await ask('DELETE /job/{id}', { id: other.id }, undefined, 204);
    await ask('DELETE /job/{id}', { id: other.id }, undefined, 404);
    await ask('POST /job/{id}/execute', { id: timer.id }, undefined, 204);
    await ask('POST /job/{id}/execute', { id: 'nothing' }, undefined, 404);
  });

  it('decisions', async () => {
    const [{ id }] = await listed('GET /decision-definition', { key: 'final', withoutTenantId: 'true' });
    await ask('GET /decision-definition/count');
    const tenant = { key: 'final', 'tenant-id': 'blue' };
    for (const [path, named] of [
      ['/decision-definition/{id}', { id }],
      ['/decision-definition/key/{key}', { key: 'final' }],
      ['/decision-definition/key/{key}/tenant-id/{tenant-id}', tenant],
    ] as const) {
      await ask(`GET ${path}`, named);
      await ask(`GET ${path}/xml`, named);
      const result = await ask(`POST ${path}/evaluate`, named, {
        variables: { amount: { value: 200, type: 'Integer' } },
      });
      assert.equal(result[0].verdict.value, 'high');
    }
    await ask('GET /decision-definition/{id}', { id: 'nothing' }, undefined, 404);
    const [graph] = await listed('GET /decision-requirements-definition', { key: 'graph', withoutTenantId: 'true' });
    await ask('GET /decision-requirements-definition/count', { key: 'graph' });
    for (const [path, named] of [
      ['/decision-requirements-definition/{id}', { id: graph.id }],
      ['/decision-requirements-definition/key/{key}', { key: 'graph' }],
      ['/decision-requirements-definition/key/{key}/tenant-id/{tenant-id}', { key: 'graph', 'tenant-id': 'blue' }],
    ] as const) {
      assert.equal((await ask(`GET ${path}`, named)).name, 'Graph');
      assert.equal((await ask(`GET ${path}/xml`, named)).dmnXml, GRAPH);
    }
    await ask('GET /decision-requirements-definition/{id}', { id: 'nothing' }, undefined, 404);
    await ask(
      'POST /process-definition/key/{key}/start',
      { key: 'short' },
      { variables: { amount: { value: 5, type: 'Integer' } } },
    );
    const rows = await listed('GET /history/decision-instance', { includeInputs: 'true', includeOutputs: 'true' });
    await ask('GET /history/decision-instance/count');
    await ask('GET /history/decision-instance/{id}', { id: rows[0].id });
    const counted = await listed('GET /history/decision-requirements-definition/{id}/statistics', { id: graph.id });
    assert.deepEqual(counted.map((one: Body) => one.decisionDefinitionKey).toSorted(), ['base', 'final']);
  });

  it('history', async () => {
    const id = ids['instance'] ?? '';
    await both('/history/process-instance');
    await ask('GET /history/process-instance/{id}', { id });
    await ask('GET /history/process-instance/{id}', { id: 'nothing' }, undefined, 404);
    const visits = await both('/history/activity-instance', { processInstanceId: id });
    await ask('GET /history/activity-instance/{id}', { id: visits[0].id });
    const flags = { canceled: 'true', finished: 'true', incidents: 'true', sortBy: 'activityId', sortOrder: 'asc' };
    await listed('GET /history/process-definition/{id}/statistics', { id: ids['definition'] ?? '', ...flags });
    const report = '/history/process-definition/cleanable-process-instance-report';
    const asked = { processDefinitionKeyIn: 'short', compact: 'true', sortBy: 'finished', sortOrder: 'desc' };
    const [ended] = await listed(`GET ${report}`, asked);
    assert.deepEqual([ended.finishedProcessInstanceCount > 0, ended.cleanableProcessInstanceCount], [true, 0]);
    await ask(`GET ${report}/count`, { compact: 'true' });
    const values = await both('/history/variable-instance', { variableName: 'file' });
    await ask('GET /history/variable-instance/{id}', { id: values[0].id });
    assert.equal(await ask('GET /history/variable-instance/{id}/data', { id: values[0].id }), 'hello');
    const task = await both('/history/external-task-log', { processInstanceId: ids['/process-definition/{id}'] ?? '' });
    await ask('GET /history/external-task-log/{id}', { id: task[0].id });
    await ask('GET /history/external-task-log/{id}', { id: 'nothing' }, undefined, 404);
    const [failure] = await listed('GET /history/external-task-log', { failureLog: 'true' });
    assert.equal(await ask('GET /history/external-task-log/{id}/error-details', { id: failure.id }), 'at line 1');
    const [job] = await both('/history/job-log', { processInstanceId: id, failureLog: 'true' });
    await ask('GET /history/job-log/{id}', { id: job.id });
    await ask('GET /history/job-log/{id}', { id: 'nothing' }, undefined, 404);
    assert.equal(await ask('GET /history/job-log/{id}/stacktrace', { id: job.id }), job.jobExceptionMessage);
    const details = await both('/history/detail', { processInstanceId: id });
    const file = details.find((detail: Body) => detail.variableName === 'file');
    await ask('GET /history/detail/{id}', { id: file.id });
    await ask('GET /history/detail/{id}', { id: 'nothing' }, undefined, 404);
    assert.equal(await ask('GET /history/detail/{id}/data', { id: file.id }), 'hello');
    assert.ok(
      values.some((value: Body) => value.id === file.variableInstanceId),
      'it names the variable instance',
    );
    await listed('GET /history/incident');
    await ask('GET /history/incident/count');
  });

  it('migration, modification and restart', async () => {
    const { id: target } = (
      await listed('GET /process-definition', { key: 'called', withoutTenantId: 'true', latestVersion: 'true' })
    )[0];
    const sides = { sourceProcessDefinitionId: target, targetProcessDefinitionId: target };
    const plan = await ask('POST /migration/generate', {}, sides);
    await ask('POST /migration/validate', {}, plan);
    await ask(
      'POST /migration/validate',
      {},
      { ...sides, instructions: [{ sourceActivityIds: ['Inner'], targetActivityIds: ['nothing'] }] },
    );
    const start = async () => (await ask('POST /process-definition/{id}/start', { id: target }, {})).id;
    const processInstanceIds = [await start(), await start()];
    const migration = { migrationPlan: plan, processInstanceIds };
    await ask('POST /migration/execute', {}, migration, 204);
    await ask('POST /migration/executeAsync', {}, migration);
    const modification = {
      processDefinitionId: target,
      processInstanceIds,
      instructions: [{ type: 'startBeforeActivity', activityId: 'Inner' }],
    };
    await ask('POST /modification/execute', {}, modification, 204);
    await ask('POST /modification/executeAsync', {}, modification);
    await ask('POST /process-instance/{id}/modification-async', { id: processInstanceIds[1] }, modification);
    await ask('DELETE /process-instance/{id}', { id: processInstanceIds[0] }, undefined, 204);
    await ask('DELETE /process-instance/{id}', { id: processInstanceIds[0] }, undefined, 404);
    const restart = {
      processInstanceIds: [processInstanceIds[0]],
      instructions: [{ type: 'startBeforeActivity', activityId: 'Inner' }],
    };
    await ask('POST /process-definition/{id}/restart', { id: target }, restart, 204);
    await ask('POST /process-definition/{id}/restart-async', { id: target }, restart);
    await ask('DELETE /history/process-instance/{id}', { id: processInstanceIds[0] }, undefined, 204);
  });

  it('batches', async () => {
    const id = ids['instance'] ?? '';
    const processInstanceIds = [id];
    const failed = { processInstances: [id], retries: 1 };
    await until(async () =>
      (await ask('GET /job', { processInstanceId: id, noRetriesLeft: 'true' })).length > 0 ? true : undefined,
    );
    await ask('POST /process-instance/job-retries', {}, failed);
    await until(async () =>
      (await ask('GET /job', { processInstanceId: id, noRetriesLeft: 'true' })).length > 0 ? true : undefined,
    );
    await ask('POST /process-instance/job-retries-historic-query-based', {}, failed);
    await ask('POST /process-instance/suspended-async', {}, { processInstanceIds, suspended: false });
    await ask('POST /process-instance/variables-async', {}, { processInstanceIds, variables: { a: { value: 1 } } });
    await ask('POST /process-instance/message-async', {}, { processInstanceIds, messageName: 'go' });
    const { id: batchId } = await ask('POST /process-instance/delete', {}, { processInstanceIds });
    await ask('POST /process-instance/delete-historic-query-based', {}, { processInstanceIds });
    const ended = await until(async () => (await ask('GET /history/batch', { batchId, completed: 'true' }))[0]);
    await ask('GET /history/batch/{id}', { id: ended.id });
    await ask('GET /history/batch/count');
    await ask('DELETE /history/batch/{id}', { id: ended.id }, undefined, 204);
    await ask('DELETE /history/batch/{id}', { id: ended.id }, undefined, 404);
    // One that does not end at once: nothing waits for the message.
    const stuck = await ask(
      'POST /process-instance/message-async',
      {},
      { processInstanceIds: [ids['/process-definition/key/{key}']], messageName: 'nowhere' },
    );
    for (const suspended of [true, false]) await ask('PUT /batch/{id}/suspended', { id: stuck.id }, { suspended }, 204);
    await listed('GET /batch');
    await ask('GET /batch/count');
    await listed('GET /batch/statistics');
    await ask('GET /batch/statistics/count');
    await ask('GET /batch/{id}', { id: stuck.id });
    await ask('DELETE /batch/{id}', { id: stuck.id }, undefined, 204);
    await ask('GET /batch/{id}', { id: stuck.id }, undefined, 404);
  });

  it('what takes history away', async () => {
    const { id } = await ask(
      'POST /process-definition/key/{key}/start',
      { key: 'short' },
      { variables: { amount: { value: 5 }, note: { value: 'x' } } },
    );
    const named = async (name: string): Promise<Body[]> =>
      ask('GET /history/variable-instance', { processInstanceId: id, variableName: name });
    await ask('DELETE /history/variable-instance/{id}', { id: (await named('note'))[0].id }, undefined, 204);
    assert.deepEqual(await named('note'), []);
    assert.equal((await named('amount')).length, 1);
    assert.deepEqual(await ask('GET /history/detail', { processInstanceId: id, variableNameLike: 'note' }), []);
    await ask('DELETE /history/variable-instance/{id}', { id: 'nothing' }, undefined, 404);
    await ask('DELETE /history/process-instance/{id}/variable-instances', { id }, undefined, 204);
    assert.deepEqual(await named('amount'), []);
    await ask('DELETE /history/process-instance/{id}/variable-instances', { id: 'nothing' }, undefined, 404);
    assert.ok((await ask('GET /history/activity-instance', { processInstanceId: id })).length > 0, 'the rest stays');
    const asked = { processInstanceId: id, rootDecisionInstancesOnly: 'true' };
    const [decision] = await listed('GET /history/decision-instance', asked);
    await ask('POST /history/decision-instance/delete', {}, { historicDecisionInstanceIds: [decision.id] });
    await until(async () =>
      (await ask('GET /history/decision-instance', { processInstanceId: id })).length === 0 ? true : undefined,
    );
    await ask('POST /history/decision-instance/delete', {}, {}, 400);
    await ask('POST /history/process-instance/delete', {}, { historicProcessInstanceIds: [id], deleteReason: 'old' });
    await until(async () =>
      (await ask('GET /history/process-instance', { processInstanceId: id })).length === 0 ? true : undefined,
    );
    await ask('POST /history/process-instance/delete', {}, {}, 400);
  });

  it('what ends things', async () => {
    const [incident] = await listed('GET /incident');
    await ask('DELETE /incident/{id}', { id: incident.id }, undefined, 204);
    const [{ id }] = await listed('GET /process-definition', { key: 'short', withoutTenantId: 'true' });
    await ask('DELETE /process-definition/{id}', { id, cascade: 'true' }, undefined, 204);
    await ask('DELETE /process-definition/key/{key}', { key: 'called', cascade: 'true' }, undefined, 204);
    await ask(
      'DELETE /process-definition/key/{key}/tenant-id/{tenant-id}',
      { key: 'called', 'tenant-id': 'blue', cascade: 'true' },
      undefined,
      204,
    );
    await ask('DELETE /deployment/{id}', { id: ids['deployment'] ?? '', cascade: 'true' }, undefined, 204);
  });

  it('every operation that applications and operators call has been asked for', () => {
    const wanted = operations().filter(({ priority, method, path }) => priority !== 'P2' && isServed(method, path));
    const left = wanted.flatMap(({ method, path }) => (asked.has(shapeOf(method, path)) ? [] : [`${method} ${path}`]));
    assert.deepEqual(left, []);
  });
});
