/** Running instances over the Camunda 7 face, on the real engine: variables, tree, messages, signals, incidents, history. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const WAITS = bpmn(
  'waits',
  `<bpmn:startEvent id="Start" />
    <bpmn:intermediateCatchEvent id="Paid"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="Stop"><bpmn:signalEventDefinition signalRef="S_stop" /></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="Later">
      <bpmn:timerEventDefinition><bpmn:timeDuration>P100D</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="End" />`,
  ['Start->Paid', 'Paid->Stop', 'Stop->Later', 'Later->End'],
);
const WORK = bpmn(
  'work',
  `<bpmn:startEvent id="Start" />
    <bpmn:subProcess id="Sub" name="Inside">
      <bpmn:startEvent id="SubStart" /><bpmn:serviceTask id="Do" camunda:type="external" camunda:topic="do" /><bpmn:endEvent id="SubEnd" />
      <bpmn:sequenceFlow id="s1" sourceRef="SubStart" targetRef="Do" /><bpmn:sequenceFlow id="s2" sourceRef="Do" targetRef="SubEnd" />
    </bpmn:subProcess>
    <bpmn:endEvent id="End" />`,
  ['Start->Sub', 'Sub->End'],
);

describe('process-instance', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'waits.bpmn': WAITS, 'work.bpmn': WORK });
  });
  after(() => system.stop());

  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) => {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const start = async (key: string, businessKey: string, variables: object = {}): Promise<string> => {
    const { body } = await send('POST', `/process-definition/key/${key}/start`, { businessKey, variables });
    return body.id;
  };

  it('lists and counts by what is asked, and refuses to guess', async () => {
    const id = await start('waits', 'list-1', { region: { value: 'eu' }, amount: { value: 7 } });
    const ids = async (query: string) =>
      (await send('GET', `/process-instance?${query}`)).body.map((row: { id: string }) => row.id);
    assert.deepEqual(await ids('businessKey=list-1'), [id]);
    assert.deepEqual(await ids('businessKeyLike=list-%25&active=true&activityIdIn=Paid'), [id]);
    assert.deepEqual(await ids('variables=region_eq_eu,amount_gt_6&businessKey=list-1'), [id]);
    assert.deepEqual(await ids('variables=amount_gt_7&businessKey=list-1'), []);
    assert.deepEqual(await ids('suspended=true'), []);
    assert.deepEqual(await ids('processDefinitionId=waits:1:no'), []);
    const { body } = await send('POST', '/process-instance/count', {
      processInstanceIds: [id, '9'],
      withIncident: false,
    });
    assert.deepEqual(body, { count: 1 });
    const refused = await send('GET', '/process-instance?variables=region_within_eu');
    assert.deepEqual([refused.status, refused.body.type], [400, 'InvalidRequestException']);
    const { body: one } = await send('GET', `/process-instance/${id}`);
    assert.deepEqual(one.businessKey, 'list-1');
    const missing = await send('GET', '/process-instance/999999');
    assert.deepEqual(
      [missing.status, missing.body],
      [404, { type: 'InvalidRequestException', message: 'Process instance with id 999999 does not exist', code: null }],
    );
  });

  it('reads, sets, modifies and deletes variables', async () => {
    const id = await start('waits', 'vars', { a: { value: 1 } });
    const path = `/process-instance/${id}/variables`;
    assert.equal((await send('PUT', `${path}/b`, { type: 'Long', value: '5' })).status, 204);
    assert.equal((await send('POST', path, { modifications: { c: { value: [1] } }, deletions: ['a'] })).status, 204);
    assert.deepEqual((await send('GET', path)).body, {
      b: { type: 'Long', value: 5, valueInfo: {} },
      c: { type: 'Json', value: '[1]', valueInfo: {} },
    });
    assert.deepEqual((await send('GET', `${path}/b`)).body, { type: 'Long', value: 5, valueInfo: {} });
    assert.equal((await send('DELETE', `${path}/b`)).status, 204);
    const gone = await send('GET', `${path}/b`);
    assert.deepEqual([gone.status, gone.body.message], [404, 'process instance variable with name b does not exist']);
    const bad = await send('PUT', `${path}/b`, { type: 'Long', value: 'x' });
    assert.deepEqual(
      [bad.status, bad.body.message],
      [
        400,
        "Cannot put process instance variable b: Cannot convert value 'x' of type 'Long' to java type java.lang.Long",
      ],
    );
    const nobody = await send('GET', '/process-instance/999999/variables');
    assert.deepEqual([nobody.status, nobody.body.message], [500, "execution 999999 doesn't exist: execution is null"]);
    const form = new FormData();
    form.append('data', new Blob(['hi'], { type: 'text/plain' }), 'hi.txt');
    form.append('valueType', 'File');
    const upload = await fetch(`${system.url}/engine-rest${path}/doc/data`, { method: 'POST', body: form });
    assert.equal(upload.status, 204);
    const data = await fetch(`${system.url}/engine-rest${path}/doc/data`);
    assert.deepEqual([await data.text(), data.headers.get('content-type')], ['hi', 'text/plain']);
    const { body } = await send('GET', `/variable-instance?processInstanceIdIn=${id}&variableName=c`);
    assert.deepEqual([body.length, body[0].value, body[0].processInstanceId], [1, '[1]', id]);
  });

  it('shows what is active as a tree', async () => {
    const id = await start('work', 'tree');
    const { body } = await send('GET', `/process-instance/${id}/activity-instances`);
    assert.deepEqual([body.id, body.activityType, body.activityId], [id, 'processDefinition', 'work']);
    const [sub] = body.childActivityInstances;
    assert.deepEqual([sub.activityId, sub.activityName, sub.activityType], ['Sub', 'Inside', 'subProcess']);
    const [task] = sub.childActivityInstances;
    assert.deepEqual(
      [task.activityId, task.activityType, task.parentActivityInstanceId],
      ['Do', 'serviceTask', sub.id],
    );
  });

  it('a message, a signal and a timer lead through an instance', async () => {
    const id = await start('waits', 'flow');
    const noName = await send('POST', '/message', {});
    assert.deepEqual([noName.status, noName.body.message], [400, 'No message name supplied']);
    const { body: waiting } = await send('GET', `/event-subscription?processInstanceId=${id}`);
    assert.deepEqual([waiting.length, waiting[0].eventType, waiting[0].eventName], [1, 'message', 'paid']);
    const nobody = await send('POST', '/message', { messageName: 'paid', businessKey: 'unknown' });
    assert.deepEqual(
      [nobody.status, nobody.body.type, nobody.body.message],
      [
        400,
        'RestException',
        "Cannot correlate message 'paid': No process definition or execution matches the parameters",
      ],
    );
    const correlated = await send('POST', '/message', {
      messageName: 'paid',
      businessKey: 'flow',
      processVariables: { amount: { value: 3, type: 'Integer' } },
      resultEnabled: true,
    });
    assert.equal(correlated.status, 200);
    assert.deepEqual(
      [
        correlated.body[0].resultType,
        correlated.body[0].execution.processInstanceId,
        correlated.body[0].processInstance,
      ],
      ['Execution', id, null],
    );
    assert.deepEqual((await send('GET', `/process-instance/${id}/variables/amount`)).body.value, 3);
    assert.equal((await send('POST', '/signal', {})).body.message, 'No signal name given');
    assert.equal((await send('POST', '/signal', { name: 'stop' })).status, 204);
    const { body: jobs } = await send('GET', `/job?processInstanceId=${id}&timers=true`);
    assert.deepEqual([jobs.length, jobs[0].processDefinitionKey], [1, 'waits']);
    assert.equal((await send('POST', `/job/${jobs[0].id}/execute`)).status, 204);
    assert.equal((await send('GET', `/history/process-instance/${id}`)).body.state, 'COMPLETED');
    assert.equal((await send('POST', `/job/${jobs[0].id}/execute`)).status, 404);
  });

  it('an instance that is deleted stays in history as terminated from outside', async () => {
    const id = await start('work', 'gone');
    assert.equal((await send('DELETE', `/process-instance/${id}`)).status, 204);
    assert.equal((await send('DELETE', `/process-instance/${id}`)).status, 404);
    assert.equal((await send('DELETE', `/process-instance/${id}?failIfNotExists=false`)).status, 204);
    const { body } = await send('GET', `/history/process-instance/${id}`);
    assert.deepEqual(
      [body.state, body.businessKey, body.processDefinitionName],
      ['EXTERNALLY_TERMINATED', 'gone', 'Process work'],
    );
    assert.ok(body.endTime && body.durationInMillis >= 0);
    assert.deepEqual((await send('GET', '/history/process-instance/count?externallyTerminated=true')).body, {
      count: 1,
    });
    const { body: visits } = await send(
      'GET',
      `/history/activity-instance?processInstanceId=${id}&canceled=true&sortBy=occurrence&sortOrder=asc`,
    );
    assert.deepEqual(
      visits.map((visit: { activityId: string; activityType: string }) => [visit.activityId, visit.activityType]),
      [
        ['Sub', 'subProcess'],
        ['Do', 'serviceTask'],
      ],
    );
  });

  it('a failure without retries raises an incident, which new retries resolve', async () => {
    const id = await start('work', 'incident');
    const { body: tasks } = await send('POST', '/external-task/fetchAndLock', {
      workerId: 'w',
      maxTasks: 10,
      topics: [{ topicName: 'do', lockDuration: 10_000, businessKey: 'incident' }],
    });
    assert.equal(tasks.length, 1);
    await send('POST', `/external-task/${tasks[0].id}/failure`, { workerId: 'w', errorMessage: 'broken', retries: 0 });
    const { body: incidents } = await send('GET', `/incident?processInstanceId=${id}`);
    assert.deepEqual(
      incidents.map((incident: Record<string, unknown>) => [
        incident['incidentType'],
        incident['activityId'],
        incident['configuration'],
      ]),
      [['failedExternalTask', 'Do', tasks[0].id]],
    );
    assert.equal((await send('GET', `/incident/${incidents[0].id}`)).body.processInstanceId, id);
    assert.deepEqual((await send('GET', '/process-instance/count?withIncident=true')).body, { count: 1 });
    assert.equal((await send('PUT', `/external-task/${tasks[0].id}/retries`, { retries: 1 })).status, 204);
    assert.deepEqual((await send('GET', '/incident/count')).body, { count: 0 });
    const { body: past } = await send('GET', `/history/incident?processInstanceId=${id}&resolved=true`);
    assert.deepEqual([past.length, past[0].open, past[0].incidentMessage], [1, false, 'broken']);
    assert.equal((await send('DELETE', '/incident/999999')).status, 404);
  });
});
