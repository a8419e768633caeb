/** The published JavaScript client for external tasks, unmodified, against the real engine. */
/// <reference path="./testing/external-task-client.d.ts" />
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, File, type Handler, Variables } from 'camunda-external-task-client-js';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const ORDER = bpmn(
  'order',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Charge" name="Charge" camunda:type="external" camunda:topic="charge" />
    <bpmn:boundaryEvent id="Declined" attachedToRef="Charge"><bpmn:errorEventDefinition errorRef="E_card" /></bpmn:boundaryEvent>
    <bpmn:endEvent id="End" />
    <bpmn:endEvent id="EndDeclined" />`,
  ['Start->Charge', 'Charge->End', 'Declined->EndDeclined'],
);

describe('camunda-external-task-client-js', () => {
  let system: System;
  let client: Client;
  let handle: Handler = async () => {};
  const failures: unknown[] = [];
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'order.bpmn': ORDER });
    client = new Client({
      baseUrl: `${system.url}/engine-rest`,
      workerId: 'js',
      asyncResponseTimeout: 5_000,
      interval: 5,
      lockDuration: 10_000,
    });
    client.subscribe('charge', (work) => handle(work));
    client.on('poll:error', (error) => failures.push(error));
    client.on('handler:error', (error) => failures.push(error));
  });
  after(async () => {
    client?.stop();
    await system.stop();
  });

  /** Starts an instance, lets the handler work on its task, and answers the history of the instance once it has ended. */
  async function run(
    variables: object,
    handler: Handler,
  ): Promise<{ id: string; state: string; end: string | undefined }> {
    handle = handler;
    // The poll is waiting before there is anything to fetch.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { id } = await system.post<{ id: string }>('/engine-rest/process-definition/key/order/start', { variables });
    const path = `/engine-rest/history/process-instance/${id}`;
    let state = 'ACTIVE';
    for (let turn = 0; turn < 500 && state === 'ACTIVE'; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      ({ state } = await system.get<{ state: string }>(path));
    }
    assert.deepEqual(failures, []);
    const ends = await system.get<{ activityId: string; activityType: string }[]>(
      `/engine-rest/history/activity-instance?processInstanceId=${id}&activityType=noneEndEvent`,
    );
    return { id, state, end: ends[0]?.activityId };
  }

  const variablesOf = async (id: string): Promise<Record<string, unknown>> => {
    const rows = await system.get<{ name: string; type: string; value: unknown }[]>(
      `/engine-rest/history/variable-instance?processInstanceId=${id}`,
    );
    return Object.fromEntries(rows.map(({ name, type, value }) => [name, [type, value]]));
  };

  it('completes a task with typed variables over a long poll', async () => {
    const when = new Date('2026-01-15T10:30:00.000Z');
    const seen: unknown[] = [];
    const { id, state } = await run(
      { amount: { type: 'Integer', value: 3 }, order: { type: 'Json', value: '{"lines":[1,2]}' } },
      async ({ task, taskService }) => {
        seen.push(task.variables.get('amount'), task.variables.get('order'));
        const results = new Variables();
        results.set('total', 7);
        results.set('ratio', 0.5);
        results.set('big', 5_000_000_000);
        results.set('paid', true);
        results.set('note', 'ok');
        results.set('lines', { a: [1] });
        results.set('when', when);
        results.set('nothing', null);
        await taskService.complete(task, results);
      },
    );
    assert.equal(state, 'COMPLETED');
    assert.deepEqual(seen, [3, { lines: [1, 2] }]);
    assert.deepEqual(await variablesOf(id), {
      amount: ['Integer', 3],
      order: ['Json', '{"lines":[1,2]}'],
      total: ['Integer', 7],
      ratio: ['Double', 0.5],
      big: ['Long', 5_000_000_000],
      paid: ['Boolean', true],
      note: ['String', 'ok'],
      lines: ['Json', '{"a":[1]}'],
      when: ['Date', '2026-01-15T10:30:00.000+0000'],
      nothing: ['Null', null],
    });
  });

  it('reports a failure, gets the task again with the retries, extends its lock and completes', async () => {
    const retries: unknown[] = [];
    const { state } = await run({}, async ({ task, taskService }) => {
      retries.push(task.retries);
      if (retries.length === 1) {
        await taskService.handleFailure(task, {
          errorMessage: 'no',
          errorDetails: 'why',
          retries: 2,
          retryTimeout: 20,
        });
      } else {
        assert.equal(task.errorMessage, 'no');
        await taskService.extendLock(task, 30_000);
        await taskService.complete(task);
      }
    });
    assert.equal(state, 'COMPLETED');
    assert.deepEqual(retries, [null, 2]);
  });

  it('throws a BPMN error that a boundary event catches', async () => {
    const { state, end } = await run({}, async ({ task, taskService }) => {
      await taskService.handleBpmnError(task, 'CARD', 'declined');
    });
    assert.deepEqual([state, end], ['COMPLETED', 'EndDeclined']);
  });

  it('unlocks a task, which is then handed out again', async () => {
    let turns = 0;
    const { state } = await run({}, async ({ task, taskService }) => {
      turns += 1;
      if (turns === 1) await taskService.unlock(task);
      else await taskService.complete(task);
    });
    assert.deepEqual([state, turns], ['COMPLETED', 2]);
  });

  it('reads and writes files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'procos-rest-'));
    try {
      const localPath = join(folder, 'receipt.txt');
      await writeFile(localPath, 'paid');
      const content = Buffer.from('the order').toString('base64');
      let received = '';
      const { id, state } = await run(
        { doc: { type: 'File', value: content, valueInfo: { filename: 'order.txt', mimeType: 'text/plain' } } },
        async ({ task, taskService }) => {
          const doc = await (task.variables.get('doc') as File).load();
          received = doc.content.toString();
          const results = new Variables();
          results.setTyped('receipt', {
            type: 'file',
            value: await new File({ localPath, mimetype: 'text/plain' }).load(),
            valueInfo: {},
          });
          await taskService.complete(task, results);
        },
      );
      assert.deepEqual([state, received], ['COMPLETED', 'the order']);
      const rows = await system.get<{ name: string; valueInfo: object }[]>(
        `/engine-rest/history/variable-instance?processInstanceId=${id}&variableName=receipt`,
      );
      assert.deepEqual(rows[0]?.valueInfo, { filename: 'receipt.txt', mimeType: 'text/plain' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
