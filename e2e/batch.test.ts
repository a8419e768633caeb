/** A batch of a real system whose kernel is killed in the middle: every item is done, and none twice. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Running, until } from './running-procos.ts';

const COUNT = 1_000;
const AT_ONCE = 50;
const AGAIN_MS = 100;
const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  id="waiting_definitions" targetNamespace="http://example.org">
  <bpmn:process id="waiting" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start" />
    <bpmn:userTask id="decide" />
    <bpmn:sequenceFlow id="flow" sourceRef="start" targetRef="decide" />
  </bpmn:process>
</bpmn:definitions>`;

describe('a batch of 1,000', () => {
  let data = '';
  let running: Running | undefined;
  before(() => {
    data = mkdtempSync(join(tmpdir(), 'procos-batch-'));
  });
  after(async () => {
    await running?.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });

  async function start(): Promise<Running> {
    running = await Running.start({ data });
    return running.ready();
  }
  /** What is refused at the door, before it is read, is sent again. */
  async function ask<T>(system: Running, path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(`${system.url}/engine-rest${path}`, init);
    const text = await answer.text();
    if (answer.status === 503) {
      await setTimeout(AGAIN_MS);
      return ask(system, path, init);
    }
    assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }
  const post = <T>(system: Running, path: string, body: object): Promise<T> =>
    ask<T>(system, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const count = async (system: Running, query: string): Promise<number> =>
    (await ask<{ count: number }>(system, `/history/process-instance/count?processDefinitionKey=waiting&${query}`))
      .count;

  /** Kills the kernel once the batch has begun, starts it again and waits for the end of the batch. */
  async function killInTheMiddle(system: Running, path: string, body: object): Promise<Running> {
    const { id } = await post<{ id: string }>(system, path, body);
    const completed = async () => {
      const [batch] = await ask<{ completedJobs: number }[]>(system, `/batch/statistics?batchId=${id}`);
      return batch?.completedJobs ?? COUNT;
    };
    while ((await completed()) === 0);
    await system.kill('SIGKILL');
    const killedAt = Date.now();

    const again = await start();
    const past = () => ask<{ endTime: string | null }>(again, `/history/batch/${id}`);
    await until(`batch ${id} ends`, async () => (await past()).endTime !== null, 60_000);
    const { endTime } = await past();
    assert.ok(Date.parse(endTime ?? '') >= killedAt, 'it was killed in the middle');
    const { bpmnProcessId, incidents } = await again.client.process(id);
    assert.deepEqual([bpmnProcessId, incidents], ['procos_system_batch', []]);
    return again;
  }

  test('is finished by the next start when the kernel is killed in the middle, and no item is done twice', async () => {
    const first = await start();
    const form = new FormData();
    form.append('waiting.bpmn', new Blob([MODEL]), 'waiting.bpmn');
    await ask(first, '/deployment/create', { method: 'POST', body: form });
    const { id: definitionId } = await ask<{ id: string }>(first, '/process-definition/key/waiting');
    for (let started = 0; started < COUNT; started += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, () => post(first, '/process-definition/key/waiting/start', {}));
      await Promise.all(some);
    }

    const processInstanceQuery = { processDefinitionKey: 'waiting' };
    const second = await killInTheMiddle(first, '/process-instance/delete', { processInstanceQuery });
    assert.deepEqual(
      [await count(second, 'externallyTerminated=true'), await count(second, 'active=true')],
      [COUNT, 0],
    );

    const restart = {
      instructions: [{ type: 'startBeforeActivity', activityId: 'decide' }],
      historicProcessInstanceQuery: { processDefinitionKey: 'waiting', finished: true },
    };
    const third = await killInTheMiddle(second, `/process-definition/${definitionId}/restart-async`, restart);
    assert.deepEqual([await count(third, 'finished=true'), await count(third, 'active=true')], [COUNT, COUNT]);
    await third.kill('SIGTERM');
  });
});
