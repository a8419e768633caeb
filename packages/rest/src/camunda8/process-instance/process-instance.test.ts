/** Process instances of Camunda 8: begun elsewhere, moved, migrated, changed and deleted. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const TWO = zeebe(
  'two',
  `<bpmn:startEvent id="s" />${job('a', 'a')}
    <bpmn:subProcess id="sub"><bpmn:startEvent id="ss" />${job('b', 'b')}${job('c', 'c')}
      <bpmn:sequenceFlow id="g0" sourceRef="ss" targetRef="b" /><bpmn:sequenceFlow id="g1" sourceRef="b" targetRef="c" /></bpmn:subProcess>
    <bpmn:endEvent id="e" />`,
  ['s->a', 'a->sub', 'sub->e'],
);
const AD_HOC = zeebe(
  'adHoc',
  `<bpmn:startEvent id="s" /><bpmn:adHocSubProcess id="h">${job('x', 'x')}${job('y', 'y')}</bpmn:adHocSubProcess>`,
  ['s->h'],
);
const CALLING = zeebe(
  'calling',
  `<bpmn:startEvent id="s" /><bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="two" /></bpmn:extensionElements></bpmn:callActivity>`,
  ['s->call'],
);

describe('process instances of Camunda 8', () => {
  let system: System;
  let client: CamundaClient;
  let targetKey = '';
  before(async () => {
    system = await startSystem();
    client = camunda8Client(system.url);
    await system.deploy({ 'two.bpmn': TWO, 'adHoc.bpmn': AD_HOC, 'calling.bpmn': CALLING });
    const target = TWO.replaceAll('two', 'target').replaceAll('"a"', '"z"');
    const { processes } = await client.createDeployment({ resources: [new File([target], 'target.bpmn')] } as never);
    targetKey = String(processes[0]?.processDefinitionKey);
  });
  after(() => system.stop());

  interface Active {
    readonly id: string;
    readonly activityId: string;
  }
  const active = (key: string) =>
    system.get<Active[]>(
      `/engine-rest/history/activity-instance?processInstanceId=${key}&unfinished=true&sortBy=activityId&sortOrder=asc`,
    );
  const at = async (key: string) => (await active(key)).map(({ activityId }) => activityId);
  const create = async (more: object = {}, id = 'two') => {
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: id as never, ...more });
    return processInstanceKey;
  };
  const variables = async (key: string) => {
    const found = await system.get<Record<string, { value: unknown }>>(
      `/engine-rest/process-instance/${key}/variables`,
    );
    return Object.fromEntries(Object.entries(found).map(([name, { value }]) => [name, value]));
  };
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => assert.fail('it was accepted'),
      ({ status, title, detail }) => `${status} ${title} ${detail}`,
    );

  it('begins before given elements', async () => {
    assert.deepEqual(await at(await create({ startInstructions: [{ elementId: 'c' }, { elementId: 'a' }] })), [
      'a',
      'c',
      'sub',
    ]);
    assert.match(
      await refusal(create({ startInstructions: [{ elementId: 'nothing' }] })),
      /^400 INVALID_ARGUMENT .*'?nothing/,
    );
  });

  it('goes no further than it is told to', async () => {
    const until = (afterElementId: string) => ({
      runtimeInstructions: [{ type: 'TERMINATE_PROCESS_INSTANCE', afterElementId }],
    });
    assert.match(await refusal(create(until('nothing'))), /^400 INVALID_ARGUMENT .*'nothing', which is no element/);
    const key = await create({ ...until('b'), startInstructions: [{ elementId: 'a' }, { elementId: 'b' }] });
    const finish = async (type: string) => {
      const { jobs } = await client.activateJobs({ type, timeout: 1, maxJobsToActivate: 9, requestTimeout: -1 });
      const mine = jobs.find(({ processInstanceKey }) => processInstanceKey === key);
      await client.completeJob({ jobKey: mine?.jobKey as never });
    };
    await finish('a');
    assert.deepEqual(await at(key), ['b', 'b', 'sub', 'sub'], 'after another element it goes on');
    await finish('b');
    const { state } = await client.getProcessInstance({ processInstanceKey: key }, { consistency: { waitUpToMs: 0 } });
    assert.deepEqual([state, await at(key)], ['TERMINATED', []]);
    const history = await system.get<{ activityId: string }[]>(
      `/engine-rest/history/activity-instance?processInstanceId=${key}&activityId=c`,
    );
    assert.deepEqual(history, [], 'nothing has begun after it');
  });

  it('has tags, which its jobs and searches know', async () => {
    await create();
    const tags = ['vip', 'order:7'] as never;
    const created = await client.createProcessInstance({ processDefinitionId: 'two' as never, tags });
    assert.deepEqual(created.tags, tags);
    const { jobs } = await client.activateJobs({
      type: 'a',
      timeout: 60_000,
      maxJobsToActivate: 100,
      requestTimeout: -1,
    });
    const found = jobs.find(({ processInstanceKey }) => processInstanceKey === created.processInstanceKey);
    assert.deepEqual([found?.tags, jobs.find((one) => one !== found)?.tags], [tags, []]);
    const search = (filter: object) =>
      client.searchProcessInstances({ filter: filter as never }, { consistency: { waitUpToMs: 0 } });
    const [item, ...others] = (await search({ tags: ['order:7'] })).items;
    assert.deepEqual([item?.processInstanceKey, item?.tags, others], [created.processInstanceKey, tags, []]);
    assert.deepEqual((await search({ tags: ['vip', 'other'] })).items, []);
    const spaced = await fetch(`${system.url}/v2/process-instances`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"processDefinitionId":"two","tags":["a b"]}',
    });
    assert.equal(spaced.status, 400);
  });

  it('is modified: activated with variables, moved, terminated', async () => {
    const key = await create();
    await client.modifyProcessInstance({
      processInstanceKey: key,
      activateInstructions: [
        {
          elementId: 'c' as never,
          variableInstructions: [
            { variables: { everywhere: 1 } },
            { variables: { here: 2 }, scopeId: 'c' },
            { variables: { around: 3 }, scopeId: 'sub' },
          ],
        },
      ],
      terminateInstructions: [{ elementId: 'a' as never }],
    });
    assert.deepEqual(await at(key), ['c', 'sub']);
    assert.deepEqual(await variables(key), { everywhere: 1 });
    const local = await system.get<{ name: string; activityInstanceId: string }[]>(
      `/engine-rest/variable-instance?processInstanceIdIn=${key}&sortBy=variableName&sortOrder=asc`,
    );
    const holders = new Map([
      [key as string, 'two'],
      ...(await active(key)).map(({ id, activityId }) => [id, activityId] as const),
    ]);
    assert.deepEqual(
      local.map(({ name, activityInstanceId }) => [name, holders.get(activityInstanceId)]),
      [
        ['around', 'sub'],
        ['everywhere', 'two'],
        ['here', 'c'],
      ],
    );
    const elsewhere = [{ elementId: 'a', variableInstructions: [{ variables: {}, scopeId: 'sub' }] }] as never;
    const outside = client.modifyProcessInstance({ processInstanceKey: key, activateInstructions: elsewhere });
    assert.match(await refusal(outside), /^400 INVALID_ARGUMENT .*'sub' is no scope around 'a'/);
    const sourceElementInstruction = { sourceType: 'byId', sourceElementId: 'c' } as const;
    const move = {
      sourceElementInstruction,
      targetElementId: 'b',
      ancestorScopeInstruction: { ancestorScopeType: 'sourceParent' } as const,
    };
    const [before] = (await active(key)).filter(({ activityId }) => activityId === 'sub');
    await client.modifyProcessInstance({ processInstanceKey: key, moveInstructions: [move] } as never);
    assert.deepEqual(await at(key), ['b', 'sub']);
    assert.deepEqual(
      (await active(key)).find(({ activityId }) => activityId === 'sub')?.id,
      before?.id,
      'in the same scope',
    );
    const b = (await active(key)).find(({ activityId }) => activityId === 'b')?.id;
    const byKey = {
      sourceElementInstruction: { sourceType: 'byKey', sourceElementInstanceKey: b },
      targetElementId: 'c',
      ancestorScopeInstruction: { ancestorScopeType: 'inferred' },
    };
    await client.modifyProcessInstance({ processInstanceKey: key, moveInstructions: [byKey] } as never);
    assert.deepEqual(await at(key), ['c', 'sub']);
    const elementInstanceKey = (await active(key)).find(({ activityId }) => activityId === 'c')?.id as never;
    await client.modifyProcessInstance({ processInstanceKey: key, terminateInstructions: [{ elementInstanceKey }] });
    const over = await client.getProcessInstance({ processInstanceKey: key }, { consistency: { waitUpToMs: 0 } });
    assert.equal(over.state, 'TERMINATED');
    assert.match(
      await refusal(
        client.modifyProcessInstance({ processInstanceKey: key, terminateInstructions: [{ elementId: 'a' as never }] }),
      ),
      /^404 /,
    );
    const none = client.modifyProcessInstance({ processInstanceKey: await create() });
    assert.match(await refusal(none), /^400 INVALID_ARGUMENT One of 'activateInstructions'/);
  });

  it('is migrated by a mapping', async () => {
    const key = await create();
    const migrate = (sourceElementId: string, targetElementId: string) => {
      const mappingInstructions = [{ sourceElementId, targetElementId }] as never;
      return client.migrateProcessInstance({
        processInstanceKey: key,
        targetProcessDefinitionKey: targetKey as never,
        mappingInstructions,
      });
    };
    assert.match(await refusal(migrate('a', 'nothing')), /^400 INVALID_ARGUMENT/);
    await migrate('a', 'z');
    const moved = await client.getProcessInstance({ processInstanceKey: key }, { consistency: { waitUpToMs: 0 } });
    assert.deepEqual([moved.processDefinitionKey, await at(key)], [targetKey, ['z']]);
  });

  it('has variables set in a scope, or where each is found', async () => {
    const key = await create({ variables: { found: 1 } });
    const [a] = await active(key);
    const set = (local: boolean, given: object) =>
      client.createElementInstanceVariables({ elementInstanceKey: a?.id as never, variables: given as never, local });
    await set(true, { found: 'local' });
    await set(false, { found: 'local again', other: 2 });
    assert.deepEqual(await variables(key), { found: 1, other: 2 });
    await client.createElementInstanceVariables({ elementInstanceKey: key as never, variables: { found: 3 } });
    assert.deepEqual(await variables(key), { found: 3, other: 2 });
    const nobody = client.createElementInstanceVariables({ elementInstanceKey: '1' as never, variables: {} });
    assert.match(await refusal(nobody), /^404 NOT_FOUND/);
  });

  it('has activities of an ad-hoc sub-process started', async () => {
    const key = await create({}, 'adHoc');
    const [h] = await active(key);
    const adHocSubProcessInstanceKey = h?.id as never;
    const start = (elements: object[], cancelRemainingInstances = false) =>
      client.activateAdHocSubProcessActivities({
        adHocSubProcessInstanceKey,
        elements: elements as never,
        cancelRemainingInstances,
      });
    await start([{ elementId: 'x', variables: { n: 1 } }]);
    await start([{ elementId: 'y' }]);
    assert.deepEqual(await at(key), ['h', 'x', 'y']);
    await start([{ elementId: 'y' }], true);
    assert.deepEqual(await at(key), ['h', 'y']);
    assert.match(await refusal(start([{ elementId: 'h' }])), /^400 INVALID_ARGUMENT/);
  });

  it('knows its callers, and is deleted when it is over', async () => {
    const key = await create({}, 'calling');
    const [called] = await system.get<{ id: string }[]>(`/engine-rest/process-instance?superProcessInstance=${key}`);
    const processInstanceKey = called?.id as never;
    const chain = await client.getProcessInstanceCallHierarchy(
      { processInstanceKey },
      { consistency: { waitUpToMs: 0 } },
    );
    assert.deepEqual(
      chain.map((one) => [one.processInstanceKey, one.processDefinitionName]),
      [
        [key, 'Process calling'],
        [called?.id, 'Process two'],
      ],
    );
    const inside = await client.getProcessInstance({ processInstanceKey }, { consistency: { waitUpToMs: 0 } });
    assert.deepEqual([inside.parentProcessInstanceKey, inside.rootProcessInstanceKey], [key, key]);
    assert.match(await refusal(client.deleteProcessInstance({ processInstanceKey: key })), /^409 INVALID_STATE/);
    await client.cancelProcessInstance({ processInstanceKey: key });
    assert.match(await refusal(client.cancelProcessInstance({ processInstanceKey: key })), /^404 NOT_FOUND/);
    await client.deleteProcessInstance({ processInstanceKey: key });
    assert.match(await refusal(client.deleteProcessInstance({ processInstanceKey: key })), /^404 NOT_FOUND/);
  });
});
