/** Signals to processes on the real engine: what each does, to one, to a tree, and to all that run a process. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ProcessDetail, SignalReply, SignalsReply } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const work = (id: string, attributes = '') =>
  `<bpmn:serviceTask id="${id}" camunda:type="external" camunda:topic="${id}" ${attributes} />`;
/** Books, then waits for travel; booking can be undone. */
const TRIP = bpmn(
  'trip',
  `<bpmn:startEvent id="Start" />${work('book')}${work('travel')}${work('unbook', 'isForCompensation="true"')}
    <bpmn:boundaryEvent id="Booked" attachedToRef="book"><bpmn:compensateEventDefinition /></bpmn:boundaryEvent>
    <bpmn:association id="A" associationDirection="One" sourceRef="Booked" targetRef="unbook" />`,
  ['Start->book', 'book->travel'],
);
const SIGNALED = bpmn(
  'signaled',
  '<bpmn:startEvent id="Start" /><bpmn:intermediateCatchEvent id="Wait"><bpmn:signalEventDefinition signalRef="S_usr1" /></bpmn:intermediateCatchEvent><bpmn:endEvent id="End" />',
  ['Start->Wait', 'Wait->End'],
).replace('<bpmn:error', '<bpmn:signal id="S_usr1" name="procos.USR1" /><bpmn:error');
const CALLER = bpmn('caller', '<bpmn:startEvent id="Start" /><bpmn:callActivity id="Call" calledElement="trip" />', [
  'Start->Call',
]);

describe('signals', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'trip.bpmn': TRIP, 'signaled.bpmn': SIGNALED, 'caller.bpmn': CALLER });
    await system.kernel.ready;
  });
  after(() => system.stop());

  async function start(key: string): Promise<string> {
    return (await system.post<{ id: string }>(`/engine-rest/process-definition/key/${key}/start`)).id;
  }
  async function complete(topic: string): Promise<void> {
    const [task] = await system.post<{ id: string }[]>('/engine-rest/external-task/fetchAndLock', {
      workerId: 'w',
      maxTasks: 1,
      topics: [{ topicName: topic, lockDuration: 60_000 }],
    });
    await system.post(`/engine-rest/external-task/${task?.id}/complete`, { workerId: 'w' });
  }
  const send = (pid: string, body: object) => system.post<SignalReply>(`/api/processes/${pid}/signals`, body);
  const detail = (pid: string) => system.get<ProcessDetail>(`/api/processes/${pid}`);
  async function refused(pid: string, payload: object, headers: Record<string, string> = {}) {
    const url = pid === '' ? '/api/signals' : `/api/processes/${pid}/signals`;
    const answer = await system.app.inject({ method: 'POST', url, payload, headers });
    const { code, message } = answer.json<{ code: string; message: string }>();
    return { status: answer.statusCode, code, message };
  }
  const child = async (pid: string) => (await detail(pid)).children[0]?.pid ?? '';

  it('TERM undoes what was completed, then the process ends, with the reason', async () => {
    const pid = await start('trip');
    await complete('book');
    const { received } = await send(pid, { signal: 'TERM', reason: 'nobody travels' });
    assert.deepEqual(received, [{ pid, bpmnProcessId: 'trip', version: 1, state: 'active', suspended: false }]);
    assert.deepEqual(
      (await detail(pid)).waitsAt.map(({ elementId }) => elementId),
      ['unbook'],
    );
    await complete('unbook');
    const { state, reason } = await detail(pid);
    assert.deepEqual([state, reason], ['canceled', 'nobody travels']);
    assert.equal((await refused(pid, { signal: 'TERM' })).code, 'NOT_FOUND');
  });

  it('KILL ends it at once, and the audit names who asked', async () => {
    const pid = await start('trip');
    await complete('book');
    const payload = { signal: 'SIGKILL' };
    const headers = { 'x-procos-user': 'ada' };
    const answer = await system.app.inject({ method: 'POST', url: `/api/processes/${pid}/signals`, payload, headers });
    assert.equal(answer.json<SignalReply>().received[0]?.state, 'canceled');
    const { engine } = system.kernel;
    const [record] = engine.records(engine.lastSequence - 1, 1);
    assert.deepEqual([record?.command, record?.by], ['cancelProcessInstance', { kind: 'anonymous', id: 'ada' }]);
  });

  it('every signal keeps its reason in the record, of one process, of a tree and of a definition', async () => {
    const pid = await start('caller');
    const reasons = async (body: object): Promise<(string | null | undefined)[]> => {
      const before = system.kernel.engine.lastSequence;
      await send(pid, { reason: 'as asked', ...body });
      const records = system.kernel.engine.records(before, 100);
      return records.flatMap(({ events }) => events.flatMap((one) => ('reason' in one ? [one.reason] : [])));
    };
    assert.deepEqual(await reasons({ signal: 'STOP' }), ['as asked']);
    assert.deepEqual(await reasons({ signal: 'CONT' }), ['as asked']);
    assert.deepEqual(await reasons({ signal: 'STOP', tree: true }), ['as asked', 'as asked']);
    await send(pid, { signal: 'CONT', tree: true });
    await system.deploy({ 'caller.bpmn': CALLER.replace('id="Start"', 'id="Start" name="Begin"') });
    assert.deepEqual(await reasons({ signal: 'HUP' }), ['as asked']);
    await send(pid, { signal: 'KILL' });
    const waiting = await start('signaled');
    const before = system.kernel.engine.lastSequence;
    await system.post<SignalsReply>('/api/signals', {
      bpmnProcessId: 'signaled',
      signal: 'USR1',
      reason: 'all of you',
    });
    while ((await detail(waiting)).state === 'active') await new Promise((resolve) => setTimeout(resolve, 10));
    const { engine } = system.kernel;
    const told = engine.records(before, 1000).flatMap(({ events }) => events);
    assert.ok(told.some((one) => one.type === 'signalBroadcast' && one.reason === 'all of you'));
  });

  it('TERM lets called processes undo first, in their own name', async () => {
    const pid = await start('caller');
    const called = await child(pid);
    await complete('book');
    await send(pid, { signal: 'TERM', reason: 'nobody travels' });
    assert.deepEqual(
      (await detail(called)).waitsAt.map(({ elementId }) => elementId),
      ['unbook'],
    );
    await complete('unbook');
    const [outer, inner] = [await detail(pid), await detail(called)];
    assert.deepEqual([outer.state, outer.reason, inner.state], ['canceled', 'nobody travels', 'terminated']);
  });

  it('STOP and CONT, of a tree: called processes too', async () => {
    const pid = await start('caller');
    const called = await child(pid);
    assert.equal((await send(pid, { signal: 'STOP' })).received[0]?.suspended, true);
    const stopped = await send(pid, { signal: 'STOP', tree: true });
    assert.deepEqual(
      stopped.received.map((one) => [one.pid, one.suspended]),
      [
        [pid, true],
        [called, true],
      ],
    );
    const going = await send(pid, { signal: 'CONT', tree: true });
    assert.deepEqual(
      going.received.map(({ suspended }) => suspended),
      [false, false],
    );
    await send(pid, { signal: 'KILL' });
    assert.equal((await detail(called)).state, 'terminated');
  });

  it('HUP: the latest version, or the given one; refused with the reasons when something has no place there', async () => {
    const pid = await start('trip');
    await system.deploy({ 'trip.bpmn': TRIP.replace('<bpmn:startEvent', '<bpmn:task id="More" /><bpmn:startEvent') });
    assert.equal((await send(pid, { signal: 'HUP' })).received[0]?.version, 2);
    assert.equal((await send(pid, { signal: 'HUP' })).received[0]?.version, 2, 'again: it is so already');
    assert.equal((await send(pid, { signal: 'HUP', version: 1 })).received[0]?.version, 1);
    assert.equal((await refused(pid, { signal: 'HUP', version: 9 })).code, 'NOT_FOUND');
    await system.deploy({ 'trip.bpmn': TRIP.replaceAll('"book"', '"reserve"') });
    const { code, message } = await refused(pid, { signal: 'HUP' });
    assert.equal(code, 'INVALID_ARGUMENT');
    assert.match(message, /'book' is active and not mapped/);
    await system.deploy({ 'trip.bpmn': TRIP });
    await send(pid, { signal: 'KILL' });
  });

  it('USR1 reaches what waits for it in this process alone', async () => {
    const [pid, other] = [await start('signaled'), await start('signaled')];
    assert.equal((await send(pid, { signal: 'USR1' })).received[0]?.state, 'completed');
    assert.equal((await detail(other)).state, 'active');
    const deaf = await start('trip');
    assert.equal((await refused(deaf, { signal: 'USR1' })).code, 'NO_MATCHING_SUBSCRIPTION');
    const caller = await start('caller');
    const tree = await refused(caller, { signal: 'USR1', tree: true });
    assert.deepEqual([tree.status, tree.code], [409, 'NO_MATCHING_SUBSCRIPTION']);
    for (const one of [deaf, caller, other]) await send(one, { signal: 'KILL' });
  });

  it('a definition: all that run it, as a batch; HUP: those of older versions', async () => {
    const pids = [await start('signaled'), await start('signaled')];
    const sent = async (body: object) => {
      const reply = await system.post<SignalsReply>('/api/signals', { bpmnProcessId: 'signaled', ...body });
      for (const { pid } of reply.batches)
        while ((await detail(pid)).endedAt === null) await new Promise((resolve) => setTimeout(resolve, 10));
      return reply.batches.map(({ operation, total }) => [operation, total]);
    };
    assert.deepEqual(await sent({ signal: 'STOP' }), [['setSuspension', 2]]);
    assert.deepEqual(await sent({ signal: 'CONT' }), [['setSuspension', 2]]);
    assert.equal((await refused('', { signal: 'HUP', bpmnProcessId: 'signaled' })).code, 'INVALID_STATE');
    await system.deploy({ 'signaled.bpmn': SIGNALED.replace('id="End"', 'id="End" name="Over"') });
    assert.deepEqual(await sent({ signal: 'HUP' }), [['migrateProcessInstance', 2]]);
    assert.deepEqual(await Promise.all(pids.map(async (pid) => (await detail(pid)).version)), [2, 2]);
    assert.deepEqual(await sent({ signal: 'USR1' }), [['broadcastSignal', 2]]);
    assert.deepEqual(await Promise.all(pids.map(async (pid) => (await detail(pid)).state)), ['completed', 'completed']);
    assert.equal((await refused('', { signal: 'TERM', bpmnProcessId: 'signaled' })).code, 'INVALID_STATE');
    assert.equal((await refused('', { signal: 'TERM', bpmnProcessId: 'nothing' })).code, 'NOT_FOUND');
    const one = await start('signaled');
    assert.deepEqual(await sent({ signal: 'TERM', reason: 'over' }), [['cancelProcessInstance', 1]]);
    assert.deepEqual([(await detail(one)).state, (await detail(one)).reason], ['canceled', 'over']);
  });

  it('refuses what it does not know, PID 1, and a process that is not there', async () => {
    const pid = await start('trip');
    for (const body of [{}, { signal: 'QUIT' }, { signal: 'KILL', version: 1 }, { signal: 'STOP', tree: 1 }])
      assert.equal((await refused(pid, body)).code, 'INVALID_ARGUMENT', JSON.stringify(body));
    assert.equal((await refused('999999', { signal: 'KILL' })).status, 404);
    for (const signal of ['TERM', 'KILL', 'STOP']) assert.match((await refused('1', { signal })).message, /PID 1/);
    await send(pid, { signal: 'KILL' });
  });
});
