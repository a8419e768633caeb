/** The published JavaScript client for external tasks, unmodified, against the real engine: outcomes and variables. */
/// <reference path="../../packages/rest/src/testing/external-task-client.d.ts" />
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type EngineError,
  File,
  type Handler,
  type TypedValue,
  Variables,
} from 'camunda-external-task-client-js';
import { bpmn, type System, startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';
import { ended, start, variablesOf, visited } from './camunda7.ts';

const ORDER = bpmn(
  'order',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Charge" name="Charge" camunda:type="external" camunda:topic="charge" />
    <bpmn:boundaryEvent id="Declined" attachedToRef="Charge">
      <bpmn:errorEventDefinition errorRef="E_card" camunda:errorCodeVariable="code" camunda:errorMessageVariable="why" />
    </bpmn:boundaryEvent>
    <bpmn:endEvent id="End" />
    <bpmn:endEvent id="EndDeclined" />`,
  ['Start->Charge', 'Charge->End', 'Declined->EndDeclined'],
);

/** A task with variables of its own, and a branch that a transient variable takes. */
const LOCAL = bpmn(
  'local',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Charge" camunda:type="external" camunda:topic="charge">
      <bpmn:extensionElements><camunda:inputOutput>
        <camunda:inputParameter name="currency">\${home}</camunda:inputParameter>
        <camunda:outputParameter name="receipt">\${number}</camunda:outputParameter>
      </camunda:inputOutput></bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:exclusiveGateway id="Which" default="toEnd" />
    <bpmn:endEvent id="End" />
    <bpmn:endEvent id="EndUrgent" />
    <bpmn:sequenceFlow id="toEnd" sourceRef="Which" targetRef="End" />
    <bpmn:sequenceFlow id="toUrgent" sourceRef="Which" targetRef="EndUrgent">
      <bpmn:conditionExpression>\${urgent == true}</bpmn:conditionExpression>
    </bpmn:sequenceFlow>`,
  ['Start->Charge', 'Charge->Which'],
);

/** Between two polls. */
const INTERVAL_MS = 5;

describe('camunda-external-task-client-js', () => {
  let system: System;
  let client: Client;
  let handle: Handler = async () => {};
  const failures: unknown[] = [];
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'order.bpmn': ORDER, 'local.bpmn': LOCAL });
    client = new Client({
      baseUrl: `${system.url}/engine-rest`,
      workerId: 'js',
      asyncResponseTimeout: 5_000,
      interval: INTERVAL_MS,
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

  /** Starts an instance, lets the handler work on its task, and answers how it ended. */
  async function run(handler: Handler, variables: object = {}, key = 'order') {
    handle = handler;
    const id = await start(system, key, { variables });
    const state = await ended(system, id);
    assert.deepEqual(failures, []);
    return { id, state, end: (await visited(system, id, 'noneEndEvent'))[0] };
  }

  it('completes a task; values without a type get one', async () => {
    const { id, state } = await run(async ({ task, taskService }) => {
      const results = new Variables().setAll({ total: 7, ratio: 0.5, big: 5_000_000_000, paid: true, note: 'ok' });
      results
        .set('lines', { a: [1] })
        .set('when', new Date('2026-01-15T10:30:00.000Z'))
        .set('nothing', null);
      await taskService.complete(task, results);
    });
    assert.equal(state, 'COMPLETED');
    assert.deepEqual(await variablesOf(system, id), {
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

  it('gets back every typed value as it sent it, byte for byte', async () => {
    const java = { objectTypeName: 'java.util.ArrayList', serializationDataFormat: 'application/json' };
    const typed: Record<string, TypedValue> = {
      short: { type: 'short', value: -32_768, valueInfo: {} },
      integer: { type: 'integer', value: 2_147_483_647, valueInfo: {} },
      long: { type: 'long', value: Number.MAX_SAFE_INTEGER, valueInfo: {} },
      double: { type: 'double', value: -1.5e-300, valueInfo: {} },
      boolean: { type: 'boolean', value: false, valueInfo: {} },
      string: { type: 'string', value: 'Grüße, "漢字" \u{1F600}\n\0', valueInfo: {} },
      empty: { type: 'string', value: '', valueInfo: {} },
      null: { type: 'null', value: null, valueInfo: {} },
      absentInteger: { type: 'integer', value: null, valueInfo: {} },
      bytes: { type: 'bytes', value: Buffer.from([0, 255, 1]).toString('base64'), valueInfo: {} },
      xml: { type: 'xml', value: '<a b="c">d</a>', valueInfo: {} },
      object: { type: 'object', value: '[1,"a"]', valueInfo: java },
      json: { type: 'json', value: { deep: [{ er: null }] }, valueInfo: {} },
      date: { type: 'date', value: new Date('1969-12-31T23:59:59.999Z'), valueInfo: {} },
    };
    const seen: Record<string, TypedValue>[] = [];
    let id = '';
    handle = async ({ task, taskService }) => {
      seen.push(task.variables.getAllTyped());
      if (seen.length === 1) {
        const options = { retries: 1, retryTimeout: 0, errorMessage: 'again' };
        await taskService.handleFailure(task, { ...options, variables: wire(typed) });
      } else await taskService.complete(task);
    };
    id = await start(system, 'order');
    await ended(system, id);
    assert.deepEqual(failures, []);
    assert.deepEqual(seen, [{}, typed]);
  });

  /** What the client itself makes of values in `complete`, where it takes them raw. */
  function wire(typed: Record<string, TypedValue>): object {
    const variables = new Variables();
    variables.setAllTyped(typed);
    return (variables as unknown as { getDirtyVariables(): object }).getDirtyVariables();
  }

  it('keeps local variables with the task, where an output mapping finds them', async () => {
    const seen: unknown[] = [];
    const { id, state } = await run(
      async ({ task, taskService }) => {
        seen.push(task.variables.getAll());
        await taskService.complete(task, new Variables().set('total', 1), new Variables().set('number', 'R-7'));
      },
      { home: { value: 'EUR' }, urgent: { value: false } },
      'local',
    );
    assert.equal(state, 'COMPLETED');
    assert.deepEqual(seen, [{ currency: 'EUR', home: 'EUR', urgent: false }]);
    const rows = await system.get<{ name: string; activityInstanceId: string }[]>(
      `/engine-rest/history/variable-instance?processInstanceId=${id}`,
    );
    const own = rows.filter(({ activityInstanceId }) => activityInstanceId === id).map(({ name }) => name);
    assert.deepEqual(own.sort(), ['home', 'receipt', 'total', 'urgent']);
  });

  it('a transient variable decides the way and is not kept', async () => {
    const { id, end } = await run(
      async ({ task, taskService }) => {
        const results = new Variables().setTransient('urgent', true);
        await taskService.complete(task, results, new Variables().set('number', 1));
      },
      { home: { value: 'EUR' } },
      'local',
    );
    assert.equal(end, 'EndUrgent');
    assert.equal('urgent' in (await variablesOf(system, id)), false);
  });

  it('reports a failure, gets the task again with the retries, extends its lock and completes', async () => {
    const seen: unknown[] = [];
    const { state } = await run(async ({ task, taskService }) => {
      seen.push([task.retries, task.errorMessage, task.variables.get('attempt')]);
      if (seen.length === 1) {
        await taskService.handleFailure(task, {
          errorMessage: 'no',
          errorDetails: 'why',
          retries: 2,
          retryTimeout: 20,
          variables: { attempt: { value: 1 } },
        });
      } else {
        const path = `/engine-rest/external-task/${task.id}`;
        assert.equal(await (await fetch(`${system.url}${path}/errorDetails`)).text(), 'why');
        await taskService.extendLock(task, 60_000);
        const { lockExpirationTime } = await system.get<{ lockExpirationTime: string }>(path);
        assert.ok(Date.parse(lockExpirationTime) - Date.parse(task.lockExpirationTime) > 40_000);
        await taskService.complete(task);
      }
    });
    assert.equal(state, 'COMPLETED');
    assert.deepEqual(seen, [
      [null, null, undefined],
      [2, 'no', 1],
    ]);
  });

  it('without retries a failure is an incident; with new ones the task is handed out again', async () => {
    let turns = 0;
    handle = async ({ task, taskService }) => {
      turns += 1;
      if (turns === 1) await taskService.handleFailure(task, { errorMessage: 'given up', retries: 0 });
      else await taskService.complete(task);
    };
    const id = await start(system, 'order');
    const find = `/engine-rest/incident?processInstanceId=${id}`;
    let incidents: { incidentType: string; incidentMessage: string; configuration: string }[] = [];
    while (incidents.length === 0) incidents = await system.get(find);
    const [incident] = incidents;
    assert.deepEqual([incident?.incidentType, incident?.incidentMessage], ['failedExternalTask', 'given up']);
    const response = await fetch(`${system.url}/engine-rest/external-task/${incident?.configuration}/retries`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"retries":1}',
    });
    assert.equal(response.status, 204);
    assert.deepEqual([await ended(system, id), turns, await system.get(find)], ['COMPLETED', 2, []]);
  });

  it('throws a BPMN error with variables that a boundary event catches', async () => {
    const { id, state, end } = await run(async ({ task, taskService }) => {
      await taskService.handleBpmnError(task, 'CARD', 'declined', new Variables().set('limit', 1000));
    });
    assert.deepEqual([state, end], ['COMPLETED', 'EndDeclined']);
    assert.deepEqual(await variablesOf(system, id), {
      code: ['String', 'CARD'],
      why: ['String', 'declined'],
      limit: ['Integer', 1000],
    });
  });

  it('unlocks a task, which is then handed out again', async () => {
    let turns = 0;
    const { state } = await run(async ({ task, taskService }) => {
      turns += 1;
      if (turns === 1) await taskService.unlock(task);
      else await taskService.complete(task);
    });
    assert.deepEqual([state, turns], ['COMPLETED', 2]);
  });

  it('locks a task by its id, and nobody else gets it or completes it meanwhile', async () => {
    const { state } = await run(async ({ task, taskService }) => {
      handle = async () => assert.fail('handed out though it is locked');
      const others = new Client({ baseUrl: `${system.url}/engine-rest`, workerId: 'other', autoPoll: false });
      // Between the two nobody has it, and a poll would get it: the one that is due after the interval finds that it may not.
      client.stop();
      await sleep(20 * INTERVAL_MS);
      await taskService.unlock(task);
      await others.taskService.lock(task.id, 60_000);
      client.start();
      const refused = async (what: string, attempt: Promise<void>) => {
        const error = await attempt.then(
          () => assert.fail(`${what} was accepted`),
          (reason: EngineError) => reason,
        );
        assert.equal(error.name, 'EngineError');
        return [error.httpStatusCode, error.type, error.code, error.engineMsg];
      };
      const say = (begin: string) => [400, 'RestException', 0, `${begin}. It is locked by worker 'other'.`];
      assert.deepEqual(
        await refused('complete', taskService.complete(task)),
        say(`External Task ${task.id} cannot be completed by worker 'js'`),
      );
      assert.deepEqual(
        await refused('failure', taskService.handleFailure(task, { retries: 1 })),
        say(`Failure of External Task ${task.id} cannot be reported by worker 'js'`),
      );
      assert.deepEqual(
        await refused('bpmnError', taskService.handleBpmnError(task, 'CARD')),
        say(`Bpmn error of External Task ${task.id} cannot be reported by worker 'js'`),
      );
      assert.deepEqual(
        await refused('extendLock', taskService.extendLock(task, 1_000)),
        say(`The lock of the External Task ${task.id} cannot be extended by worker 'js''`),
      );
      assert.deepEqual(
        await refused('lock', taskService.lock(task, 1_000)),
        say(`External Task ${task.id} cannot be locked by worker 'js'`),
      );
      await others.taskService.complete(task.id);
      assert.deepEqual(await refused('a second completion', others.taskService.complete(task.id)), [
        404,
        'RestException',
        0,
        `External task with id ${task.id} does not exist`,
      ]);
    });
    assert.equal(state, 'COMPLETED');
  });

  it('reads and writes files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'procos-judge-'));
    try {
      const localPath = join(folder, 'receipt.txt');
      await writeFile(localPath, 'paid: 5 €');
      const content = Buffer.from('the order').toString('base64');
      const received: unknown[] = [];
      const { id, state } = await run(
        async ({ task, taskService }) => {
          const doc = await (task.variables.get('doc') as File).load();
          received.push(doc.filename, doc.content.toString());
          const receipt = await new File({ localPath, mimetype: 'text/plain', encoding: 'utf-8' }).load();
          await taskService.complete(task, new Variables().set('receipt', receipt));
        },
        { doc: { type: 'File', value: content, valueInfo: { filename: 'order.txt', mimeType: 'text/plain' } } },
      );
      assert.deepEqual([state, received], ['COMPLETED', ['order.txt', 'the order']]);
      const [row] = await system.get<{ id: string; valueInfo: object; value: unknown }[]>(
        `/engine-rest/history/variable-instance?processInstanceId=${id}&variableName=receipt`,
      );
      assert.deepEqual(row?.valueInfo, { filename: 'receipt.txt', mimeType: 'text/plain', encoding: 'utf-8' });
      assert.equal(row?.value, null);
      const data = await fetch(`${system.url}/engine-rest/history/variable-instance/${row?.id}/data`);
      assert.equal(data.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(await data.text(), 'paid: 5 €');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
