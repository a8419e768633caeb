/** Process instances over gRPC: which definition is started, what is awaited and for how long, and what ends it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { job, zeebe as model } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { connect, type Message, refused, type Zeebe } from './testing/zeebe.test.ts';

const WAITS = model('waits', `<bpmn:startEvent id="s" />${job('t', 'pay')}<bpmn:endEvent id="e" />`, ['s->t', 't->e']);
const QUICK = model('quick', '<bpmn:startEvent id="s" /><bpmn:endEvent id="e" />', ['s->e']);

describe('process instances over gRPC', () => {
  let system: System;
  let client: Zeebe;
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
    client = connect(system.grpc);
    await system.deploy({ 'waits.bpmn': WAITS, 'quick.bpmn': QUICK });
  });
  after(async () => {
    client.close();
    await system.stop();
  });

  const create = (more: object): Promise<Message> => client.call('CreateProcessInstance', { version: -1, ...more });
  const withResult = (request: object, more: object = {}, options: object = {}): Promise<Message> =>
    client.call('CreateProcessInstanceWithResult', { request: { version: -1, ...request }, ...more }, options);

  it('is started by process id and version, or by the key of a definition', async () => {
    const byId = await create({ bpmnProcessId: 'waits', businessId: 'order-1' });
    const { processInstanceKey, processDefinitionKey, ...rest } = byId;
    assert.match(`${processInstanceKey} ${processDefinitionKey}`, /^\d+ \d+$/);
    const businessId = 'order-1';
    assert.deepEqual(rest, { bpmnProcessId: 'waits', version: 1, tenantId: '<default>', tags: [], businessId });
    const byKey = await create({ processDefinitionKey, version: 0 });
    assert.deepEqual([byKey['bpmnProcessId'], byKey['businessId']], ['waits', undefined]);
    assert.equal((await create({ bpmnProcessId: 'waits', version: 1 }))['version'], 1);
    await refused('NOT_FOUND', /./, create({ bpmnProcessId: 'waits', version: 7 }));
    await refused('NOT_FOUND', /./, create({ bpmnProcessId: 'nobody' }));
    await refused('NOT_FOUND', /./, create({ processDefinitionKey: '9223372036854775807' }));
    await refused('INVALID_ARGUMENT', /neither is/, create({}));
    await refused('INVALID_ARGUMENT', /'variables'/, create({ bpmnProcessId: 'waits', variables: 'x' }));
    assert.deepEqual((await create({ bpmnProcessId: 'waits', tags: ['a'] }))['tags'], ['a']);
  });

  it('begins where it is told to', async () => {
    const { processInstanceKey } = await create({ bpmnProcessId: 'waits', startInstructions: [{ elementId: 'e' }] });
    const path = `/engine-rest/history/process-instance/${processInstanceKey}`;
    assert.equal((await system.get<{ state: string }>(path)).state, 'COMPLETED');
  });

  it('ends after an element where it is told to', async () => {
    const runtimeInstructions = [{ terminate: { afterElementId: 't' } }];
    const { processInstanceKey } = await create({ bpmnProcessId: 'waits', runtimeInstructions });
    const asked = { type: 'pay', worker: 'w', timeout: 60_000, maxJobsToActivate: 100, requestTimeout: -1 };
    const jobs = (await client.all('ActivateJobs', asked)).flatMap((message) => message['jobs']);
    const job = jobs.find((one: Message) => one['processInstanceKey'] === processInstanceKey);
    await client.call('CompleteJob', { jobKey: job['key'] });
    const path = `/engine-rest/history/activity-instance?processInstanceId=${processInstanceKey}&activityId=e`;
    assert.deepEqual(await system.get(path), [], 'it does not come to its end event');
    await refused('NOT_FOUND', /./, client.call('CancelProcessInstance', { processInstanceKey }));
    await refused('INVALID_ARGUMENT', /afterElementId/, create({ bpmnProcessId: 'waits', runtimeInstructions: [{}] }));
  });

  it('its end is awaited, with the variables that are wanted', async () => {
    const variables = JSON.stringify({ a: 1, b: [2] });
    const { variables: all, ...rest } = await withResult({ bpmnProcessId: 'quick', variables });
    assert.equal(all, '{"a":1,"b":[2]}');
    assert.deepEqual([rest['bpmnProcessId'], rest['version']], ['quick', 1]);
    const some = await withResult({ bpmnProcessId: 'quick', variables }, { fetchVariables: ['b', 'c'] });
    assert.equal(some['variables'], '{"b":[2]}');
  });

  it('one that does not end in time is DEADLINE_EXCEEDED, before the client gives up, and goes on', async () => {
    const request = { bpmnProcessId: 'waits', businessId: 'late' };
    await refused('DEADLINE_EXCEEDED', /did not complete within 50 ms/, withResult(request, { requestTimeout: 50 }));
    const deadline = Date.now() + 400;
    await refused(
      'DEADLINE_EXCEEDED',
      /did not complete within/,
      withResult(request, { requestTimeout: 20_000 }, { deadline }),
    );
    const path = '/engine-rest/process-instance?businessKey=late';
    assert.equal((await system.get<unknown[]>(path)).length, 2);
  });

  it('is canceled once', async () => {
    const { processInstanceKey } = await create({ bpmnProcessId: 'waits' });
    assert.deepEqual(await client.call('CancelProcessInstance', { processInstanceKey }), {});
    await refused('NOT_FOUND', /no running/, client.call('CancelProcessInstance', { processInstanceKey }));
  });
});
