/** What a process holds, the timers that start processes, and the filters of the list, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { HoldingList, ProcessList, TimerList } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const BUSY = bpmn(
  'busy',
  `<bpmn:startEvent id="Start" /><bpmn:parallelGateway id="Split" />
    <bpmn:serviceTask id="Send" camunda:type="external" camunda:topic="send" /><bpmn:userTask id="Check" name="Check it" />
    <bpmn:receiveTask id="Paid" messageRef="M_paid" />
    <bpmn:intermediateCatchEvent id="Later"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>`,
  ['Start->Split', 'Split->Send', 'Split->Check', 'Split->Paid', 'Split->Later'],
);
const REPORT = bpmn(
  'report',
  `<bpmn:startEvent id="Daily" name="Every day"><bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>
    <bpmn:userTask id="Read" />`,
  ['Daily->Read'],
);

describe('what is held', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'busy.bpmn': BUSY, 'report.bpmn': REPORT });
    await system.kernel.ready;
  });
  after(() => system.stop());
  const code = async (url: string) => (await system.app.inject(url)).json<{ code: string }>().code;

  it('holdings: tasks with who holds them, messages, timers; nothing when it has ended', async () => {
    const { id: pid } = await system.post<{ id: string }>('/engine-rest/process-definition/key/busy/start');
    const topics = [{ topicName: 'send', lockDuration: 60_000 }];
    await system.post('/engine-rest/external-task/fetchAndLock', { workerId: 'w', maxTasks: 1, topics });
    const { holdings } = await system.get<HoldingList>(`/api/processes/${pid}/holdings`);
    assert.deepEqual(
      holdings.map(({ kind, elementId, name, holder, until }) => [kind, elementId, name, holder, until !== null]),
      [
        ['externalTask', 'Send', 'send', 'w', true],
        ['userTask', 'Check', 'Check it', null, false],
        ['message', 'Paid', 'paid', null, false],
        ['timer', 'Later', '', null, true],
      ],
    );
    await system.post(`/api/processes/${pid}/signals`, { signal: 'KILL' });
    assert.deepEqual((await system.get<HoldingList>(`/api/processes/${pid}/holdings`)).holdings, []);
    assert.equal(await code('/api/processes/999999/holdings'), 'NOT_FOUND');
  });

  it('timers: those that start a process, with their cycle, and whether they are paused', async () => {
    const list = () => system.get<TimerList>('/api/timers?definition=report');
    const [timer] = (await list()).timers;
    assert.deepEqual(
      [timer?.bpmnProcessId, timer?.elementName, timer?.repeat, timer?.remaining, timer?.paused],
      ['report', 'Every day', 'R/P1D', null, false],
    );
    const suspend = (suspended: boolean) =>
      system.app.inject({
        method: 'PUT',
        url: '/engine-rest/process-definition/suspended',
        payload: { processDefinitionKey: 'report', suspended },
      });
    await suspend(true);
    assert.equal((await list()).timers[0]?.paused, true);
    await suspend(false);
    await system.post(`/engine-rest/job/${timer?.timerId}/execute`);
    const { total } = await system.get<ProcessList>('/api/processes?definition=report');
    assert.equal(total, 1);
    const next = (await list()).timers[0]?.dueAt ?? '';
    assert.equal(
      Date.parse(next) - Date.parse(timer?.dueAt ?? ''),
      86_400_000,
      'it was run in the place of its next time',
    );
    assert.equal(await code('/api/timers?definition=nothing'), 'NOT_FOUND');
    assert.ok((await system.get<TimerList>('/api/timers')).total >= 1);
  });

  it('processes: by business key, and those in an incident', async () => {
    const started = await system.post<{ id: string }>('/engine-rest/process-definition/key/busy/start', {
      businessKey: 'K',
    });
    const pids = async (query: string) =>
      (await system.get<ProcessList>(`/api/processes?definition=busy&${query}`)).processes.map(({ pid }) => pid);
    assert.deepEqual(await pids('businessKey=K'), [started.id]);
    assert.deepEqual(await pids('businessKey=L'), []);
    assert.deepEqual(await pids('state=incident'), []);
    const [task] = await system.get<{ id: string }[]>(`/engine-rest/external-task?processInstanceId=${started.id}`);
    const put = {
      method: 'PUT',
      url: `/engine-rest/external-task/${task?.id}/retries`,
      payload: { retries: 0 },
    } as const;
    await system.app.inject(put);
    assert.deepEqual(await pids('state=incident'), [started.id]);
  });
});
