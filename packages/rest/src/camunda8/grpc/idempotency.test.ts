/** A call that is sent again with its key gets its answer again and changes nothing, as a request of REST does. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { payment } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { connect, type Message, refused, type Zeebe } from './testing/zeebe.test.ts';

describe('a call with the header idempotency-key', () => {
  let system: System;
  const clients: Zeebe[] = [];
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.deploy({ 'pay.bpmn': payment('pay') });
  });
  after(async () => {
    for (const client of clients) client.close();
    const events = system.kernel.log.recent(1_000).map(({ event }) => event);
    assert.equal(events.includes('grpc_request_failed'), false);
    await system.stop();
  });
  const keyed = (key: string): Zeebe => {
    const client = connect(system.grpc, { 'idempotency-key': key });
    clients.push(client);
    return client;
  };
  const CREATE = { bpmnProcessId: 'pay', version: -1, variables: '{"a":1}' };
  const ASK = { type: 'pay', worker: 'w', timeout: 60_000, maxJobsToActivate: 1, requestTimeout: -1 };
  const jobsOf = async (client: Zeebe): Promise<Message[]> =>
    (await client.all('ActivateJobs', ASK)).flatMap(({ jobs }) => jobs);

  it('starts one instance, gives the same job and completes it once, however often it is sent', async () => {
    const create = keyed('"create-1"');
    const first = await create.call('CreateProcessInstance', CREATE);
    assert.deepEqual(await create.call('CreateProcessInstance', CREATE), first);
    assert.equal(
      system.kernel.engine.count('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: 'pay' }] }),
      1,
    );
    const fetch = keyed('fetch-1');
    const [job] = await jobsOf(fetch);
    assert.ok(job !== undefined);
    const [again] = await jobsOf(fetch);
    assert.equal(again?.['key'], job['key']);
    assert.deepEqual(await jobsOf(keyed('fetch-2')), []);
    const complete = keyed('complete-1');
    const done = { jobKey: job['key'], variables: '{"b":2}' };
    await complete.call('CompleteJob', done);
    // Without the key it is told that there is no such job any more.
    await complete.call('CompleteJob', done);
    const plain = connect(system.grpc);
    clients.push(plain);
    await refused('NOT_FOUND', /There is no job/, plain.call('CompleteJob', done));
    assert.notDeepEqual(await plain.call('CreateProcessInstance', CREATE), first);
  });

  it('gets the key of before for what nothing is kept of by itself, whatever came in between', async () => {
    const twice = async (key: string, name: string, message: Message): Promise<void> => {
      const client = keyed(key);
      const first = await client.call(name, message);
      await keyed(`${key}-between`).call('CreateProcessInstance', CREATE);
      assert.deepEqual(await client.call(name, message), first, name);
    };
    await twice('signal-1', 'BroadcastSignal', { signalName: 'nobody waits', variables: '' });
    await twice('condition-1', 'EvaluateConditional', { variables: '{"a":1}' });
    const { processInstanceKey } = await keyed('create-3').call('CreateProcessInstance', CREATE);
    await twice('set-1', 'SetVariables', { elementInstanceKey: processInstanceKey, variables: '{"b":1}', local: true });
  });

  it('is refused in the same words when no command was made of it, whatever is there by then', async () => {
    const client = keyed('complete-2');
    const { processInstanceKey } = await keyed('create-4').call('CreateProcessInstance', CREATE);
    const [task] = system.kernel.engine.find('externalTasks', {
      where: [{ column: 'processInstanceId', op: '=', value: Number(processInstanceKey) }],
    });
    const done = { jobKey: task?.id, variables: '' };
    await refused('FAILED_PRECONDITION', /nobody has activated it/, client.call('CompleteJob', done));
    await keyed('fetch-3').all('ActivateJobs', { ...ASK, maxJobsToActivate: 10 });
    await refused('FAILED_PRECONDITION', /nobody has activated it/, client.call('CompleteJob', done));
    await keyed('complete-3').call('CompleteJob', done);
  });

  it('is refused for another call, for no key that can be one, and for a stream of jobs', async () => {
    const create = keyed('create-2');
    await create.call('CreateProcessInstance', CREATE);
    await refused(
      'INVALID_ARGUMENT',
      /belongs to another request/,
      create.call('CreateProcessInstance', { ...CREATE, variables: '{"a":2}' }),
    );
    await refused(
      'INVALID_ARGUMENT',
      /belongs to another request/,
      create.call('PublishMessage', { name: 'paid', correlationKey: 'x', timeToLive: 0, variables: '' }),
    );
    await refused('INVALID_ARGUMENT', /1 to 255 printable/, keyed('a b').call('CreateProcessInstance', CREATE));
    await refused('INVALID_ARGUMENT', /cannot be sent again/, create.all('StreamActivatedJobs', ASK));
    // It changes nothing, and every answer is a new one.
    assert.equal((await create.call('Topology'))['clusterSize'], 1);
  });
});
