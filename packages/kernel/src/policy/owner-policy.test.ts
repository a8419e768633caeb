/** The owner's policy in a whole kernel: changed while tasks run, kept, audited, and heard of by the hosts. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Subject } from '@procos/engine';
import { createMemoryStore, StorageFull } from '@procos/store';
import type { RunningKernel } from '../kernel-options.ts';
import { startTestKernel } from '../testing/system.ts';
import { tellHosts } from './owner-policy.ts';

const ADA: Subject = { kind: 'user', id: 'ada' };
const WORKER: Subject = { kind: 'worker', id: 'w' };

const model = (id: string, topic: string, block = '') =>
  `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0" id="definitions" targetNamespace="t"><bpmn:process id="${id}" isExecutable="true"><bpmn:extensionElements>${block}</bpmn:extensionElements><bpmn:startEvent id="s" /><bpmn:serviceTask id="x" camunda:type="external" camunda:topic="${topic}" /><bpmn:endEvent id="e" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" /><bpmn:sequenceFlow id="g" sourceRef="x" targetRef="e" /></bpmn:process></bpmn:definitions>`;

describe('the policy of the owner', () => {
  let kernel: RunningKernel;
  /** Commands that the disk has no room for. */
  let refused: string | undefined;
  before(async () => {
    const store = createMemoryStore();
    const commit = store.commit.bind(store);
    store.commit = (records) => {
      if (records.some(({ command }) => command === refused)) throw new StorageFull('full');
      commit(records);
    };
    kernel = await startTestKernel({ store });
    await kernel.ready;
    for (const id of ['pays', 'asks', 'other']) {
      const content = model(id, id === 'asks' ? 'http_request' : 'pay');
      const request = { name: id, source: null, tenantId: null, skipUnchanged: false };
      const outcome = await kernel.engine.deploy({ ...request, resources: [{ name: `${id}.bpmn`, content }] }, ADA);
      assert.ok(outcome.ok, JSON.stringify(outcome));
    }
  });
  after(async () => {
    await kernel.requestShutdown(ADA, 'test');
    await kernel.stopped;
  });

  async function start(bpmnProcessId: string): Promise<number> {
    const outcome = await kernel.engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId } }, ADA);
    assert.ok(outcome.ok);
    return outcome.value.processInstanceId;
  }
  async function fetch(topic: string, maxTasks = 10, more: { readonly bpmnProcessIds?: readonly string[] } = {}) {
    const command = {
      type: 'fetchAndLock',
      workerId: 'w',
      maxTasks,
      usePriority: false,
      topics: [{ topic, lockMs: 60_000, ...more }],
    } as const;
    const outcome = await kernel.engine.fetchAndLock(command, WORKER, { waitMs: 0 });
    assert.ok(outcome.ok);
    return outcome.value.tasks;
  }

  it('takes back what has lost its right, held or not, leaves the rest alone, and says who changed it and why', async () => {
    const [first, second, third] = [await start('pays'), await start('pays'), await start('other')];
    const held = await fetch('pay', 1, { bpmnProcessIds: ['pays'] });
    assert.deepEqual(
      held.map(({ task }) => task.processInstanceId),
      [first],
    );
    const rules = [{ process: 'pays', deny: { tasks: [{ name: 'pay' }] }, why: 'the account is closed' }];
    const outcome = await kernel.engine.setPolicy({ rules }, 'asked by the bank', ADA);
    assert.deepEqual(outcome, { ok: true, value: { tasks: 2 } });
    const incidents = kernel.engine.find('incidents').filter(({ kind }) => kind === 'forbidden');
    assert.deepEqual(incidents.map(({ processInstanceId }) => processInstanceId).sort(), [first, second].sort());
    const holder = { externalTaskId: held[0]?.task.id ?? 0, workerId: 'w' };
    const late = await kernel.engine.submit({ type: 'completeExternalTask', ...holder }, WORKER);
    assert.ok(!late.ok && /was taken back: .*the account is closed/.test(late.rejection.message));
    assert.deepEqual(
      (await fetch('pay')).map(({ task }) => task.processInstanceId),
      [third],
    );
    const { by, why } = kernel.engine.policy();
    assert.deepEqual([by, why], ['user:ada', 'asked by the bank']);
    const record = kernel.engine
      .records(0, 10_000)
      .findLast(({ events }) =>
        events.some((event) => event.type === 'deploymentCreated' && event.deployment.name === 'procos-policy'),
      );
    assert.deepEqual(record?.by, ADA);
    const caps = kernel.engine.capabilitiesOf(first);
    assert.deepEqual(
      caps?.parts.map(({ from, why: reason }) => [from, reason]),
      [
        ['model', undefined],
        ['policy', 'the account is closed'],
      ],
    );
    assert.deepEqual(caps?.effective?.denied, { tasks: [{ name: 'pay' }] });
    await kernel.engine.setPolicy({ rules: [] }, 'open again', ADA);
    for (const { id } of incidents)
      assert.ok((await kernel.engine.submit({ type: 'resolveIncident', incidentId: id }, ADA)).ok);
    assert.equal((await fetch('pay')).length, 2);
  });

  it('hands a task out anew whose worker may use less now, and no other', async () => {
    await start('asks');
    const [held] = await fetch('http_request');
    const deny = { hosts: [{ name: '*.example.org' }] };
    const narrowed = await kernel.engine.setPolicy({ rules: [{ process: 'asks', deny, why: 'w' }] }, 'y', ADA);
    assert.deepEqual(narrowed, { ok: true, value: { tasks: 1 } });
    const [again] = await fetch('http_request');
    assert.equal(again?.task.id, held?.task.id);
    assert.deepEqual(again?.capabilities?.denied, deny);
    // A rule that says the same in other words, or gives more, concerns nobody.
    for (const rules of [[{ process: 'as*', deny, why: 'v' }], []]) {
      const outcome = await kernel.engine.setPolicy({ rules }, 'z', ADA);
      assert.deepEqual(outcome, { ok: true, value: { tasks: 0 } });
    }
  });

  it('takes back when it is set again what it could not take back at first, and then nothing more', async () => {
    await start('pays');
    const [held] = await fetch('pay', 1);
    assert.ok(held !== undefined);
    const rules = [{ process: '*', deny: { secrets: [{ name: 'iban' }] }, why: 'w' }];
    refused = 'applyPolicy';
    await assert.rejects(kernel.engine.setPolicy({ rules }, 'first', ADA), { code: 'STORAGE_FULL' });
    refused = undefined;
    const again = await kernel.engine.setPolicy({ rules }, 'again', ADA);
    assert.ok(again.ok && again.value.tasks > 0);
    const late = await kernel.engine.submit(
      { type: 'completeExternalTask', externalTaskId: held.task.id, workerId: 'w' },
      WORKER,
    );
    assert.ok(!late.ok && late.rejection.code === 'NOT_LOCKED_BY_WORKER');
    assert.deepEqual(await kernel.engine.setPolicy({ rules }, 'third', ADA), { ok: true, value: { tasks: 0 } });
    await kernel.engine.setPolicy({ rules: [] }, 'open again', ADA);
  });

  it('is refused when it makes no sense, and nobody makes one by deploying a file of its name', async () => {
    for (const [policy, why, message] of [
      [{}, 'w', /list "rules"/],
      [{ rules: [{ process: 'a*b', deny: {}, why: 'w' }] }, 'w', /Rule 1: "process" must be/],
      [{ rules: [{ process: 'a', deny: { hosts: [{ name: 'http://x' }] }, why: 'w' }] }, 'w', /a host is expected/],
      [{ rules: [{ process: 'a', deny: { cars: [] } }] }, 'w', /no kind cars/],
      [{ rules: [] }, ' ', /Say why/],
    ] as const) {
      const outcome = await kernel.engine.setPolicy(policy, why, ADA);
      assert.ok(!outcome.ok && message.test(outcome.rejection.message), JSON.stringify(outcome));
    }
    const resources = [{ name: 'policy.json', content: '{"rules":[]}' }];
    const forged = await kernel.engine.deploy(
      { name: 'procos-policy', source: null, tenantId: null, resources, skipUnchanged: false },
      ADA,
    );
    assert.ok(!forged.ok && forged.findings[0]?.problems[0]?.rule === 'reserved-name');
  });

  it('is heard of by the hosts at once', () => {
    const told: unknown[] = [];
    const tell = tellHosts({ tell: (message) => told.push(message) });
    const record = { sequence: 1, at: 0, by: ADA, command: 'applyPolicy', lastId: 0 };
    tell([
      {
        ...record,
        events: [
          { type: 'externalTaskForbidden', externalTaskId: 7, topic: 'pay', reason: 'why' },
          { type: 'externalTaskFenced', externalTaskId: 8, topic: 'pay', lockCount: 3, reason: 'changed' },
          { type: 'externalTaskFenced', externalTaskId: 9, topic: 'pay', lockCount: 1_000_000 },
        ],
      },
    ]);
    assert.deepEqual(told, [
      { type: 'revoked', taskId: '7', lockCount: null, reason: 'why' },
      { type: 'revoked', taskId: '8', lockCount: 3, reason: 'changed' },
    ]);
  });
});
