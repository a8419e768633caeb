/** User tasks over the Camunda 8 face, as a task list uses them, asked by the published client, which checks every answer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, zeebe } from '../../testing/camunda8.test.ts';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const REVIEW = zeebe(
  'review',
  `<bpmn:startEvent id="Start" />
   <bpmn:userTask id="Check" name="Check it"><bpmn:extensionElements><zeebe:userTask />
     <zeebe:assignmentDefinition candidateGroups="sales, it" candidateUsers="ada" />
     <zeebe:taskSchedule dueDate="2031-05-01T10:00:00Z" /><zeebe:priorityDefinition priority="70" />
     <zeebe:taskHeaders><zeebe:header key="room" value="7" /></zeebe:taskHeaders>
     <zeebe:ioMapping><zeebe:input source="=amount" target="local" /></zeebe:ioMapping>
   </bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="End" />`,
  ['Start->Check', 'Check->End'],
);
const OLD = bpmn(
  'old',
  `<bpmn:startEvent id="Start" /><bpmn:userTask id="Sign" camunda:priority="120" camunda:formKey="app:sign.html" /><bpmn:endEvent id="End" />`,
  ['Start->Sign', 'Sign->End'],
);
const NOW = { consistency: { waitUpToMs: 0 } };

describe('user tasks of Camunda 8', () => {
  let system: System;
  let camunda: CamundaClient;

  before(async () => {
    system = await startSystem();
    camunda = camunda8Client(system.url);
    await system.deploy({ 'review.bpmn': REVIEW, 'old.bpmn': OLD });
  });
  after(() => system.stop());

  const begin = async (processDefinitionId: string, variables: object = {}) => {
    const { processInstanceKey } = await camunda.createProcessInstance({ processDefinitionId, variables } as never);
    const { items } = await camunda.searchUserTasks({ filter: { processInstanceKey } }, NOW);
    const [task] = items;
    assert.ok(task && items.length === 1);
    return task;
  };
  const send = async (method: 'POST' | 'PATCH' | 'DELETE' | 'GET', path: string, payload?: object) => {
    const answer = await system.app.inject({ method, url: `/v2/user-tasks${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };

  it('those of both Camundas are found, each as it is', async () => {
    const {
      userTaskKey,
      elementInstanceKey,
      processInstanceKey,
      rootProcessInstanceKey,
      processDefinitionKey,
      creationDate,
      ...task
    } = await begin('review', { amount: 12 });
    assert.ok(userTaskKey && elementInstanceKey && processDefinitionKey && creationDate);
    assert.equal(rootProcessInstanceKey, processInstanceKey);
    assert.deepEqual(task, {
      state: 'CREATED',
      name: 'Check it',
      assignee: null,
      candidateUsers: ['ada'],
      candidateGroups: ['sales', 'it'],
      priority: 70,
      completionDate: null,
      dueDate: '2031-05-01T10:00:00.000Z',
      followUpDate: null,
      elementId: 'Check',
      processDefinitionId: 'review',
      processDefinitionVersion: 1,
      processName: 'Process review',
      customHeaders: { room: '7' },
      formKey: null,
      externalFormReference: null,
      tenantId: '<default>',
      tags: [],
    });
    const old = await begin('old');
    assert.equal(old.externalFormReference, 'app:sign.html');
    assert.equal(old.priority, 100);
    assert.deepEqual(await camunda.getUserTask({ userTaskKey: old.userTaskKey }, NOW), old);
  });

  it('is claimed by one, given back, changed, completed with variables, and then found as completed', async () => {
    const { userTaskKey, processInstanceKey } = await begin('review', { amount: 3 });
    await camunda.assignUserTask({ userTaskKey, assignee: 'ada', allowOverride: false });
    const claimed = await send('POST', `/${userTaskKey}/assignment`, { assignee: 'bob', allowOverride: false });
    assert.deepEqual([claimed.status, claimed.body.title], [409, 'INVALID_STATE']);
    await camunda.assignUserTask({ userTaskKey, assignee: 'bob' });
    await camunda.unassignUserTask({ userTaskKey });
    assert.equal((await camunda.getUserTask({ userTaskKey }, NOW)).assignee, null);
    await camunda.updateUserTask({
      userTaskKey,
      changeset: { priority: 5, candidateGroups: [], dueDate: '2032-01-01T00:00:00.000Z', followUpDate: null },
    });
    const changed = await camunda.getUserTask({ userTaskKey }, NOW);
    assert.deepEqual(
      [changed.priority, changed.candidateGroups, changed.candidateUsers, changed.dueDate],
      [5, [], ['ada'], '2032-01-01T00:00:00.000Z'],
    );
    await send('PATCH', `/${userTaskKey}`, { changeset: { dueDate: '' } });
    assert.equal((await camunda.getUserTask({ userTaskKey }, NOW)).dueDate, null);
    await camunda.assignUserTask({ userTaskKey, assignee: 'ada' });
    await camunda.completeUserTask({ userTaskKey, variables: { good: true } });
    const over = await camunda.getUserTask({ userTaskKey }, NOW);
    assert.deepEqual(
      [over.state, over.assignee, over.priority, over.candidateUsers, over.completionDate !== null],
      ['COMPLETED', 'ada', 5, ['ada'], true],
    );
    const { items } = await camunda.searchVariables({ filter: { processInstanceKey, name: 'good' } }, NOW);
    assert.deepEqual(
      items.map(({ value }) => value),
      ['true'],
    );
    const again = await send('POST', `/${userTaskKey}/completion`, {});
    assert.equal(again.status, 409);
    assert.match(again.body.detail, /^Command 'COMPLETE' rejected with code 'INVALID_STATE'.* 'COMPLETED'$/);
  });

  it('tells of a task that never was, and of a request that cannot be meant', async () => {
    const { userTaskKey } = await begin('review', { amount: 3 });
    for (const [method, path, body, status, detail] of [
      ['POST', '/99999999/completion', {}, 404, /Command 'COMPLETE' rejected with code 'NOT_FOUND'/],
      ['POST', '/99999999/assignment', { assignee: 'a' }, 404, /NOT_FOUND/],
      ['DELETE', '/99999999/assignee', undefined, 404, /NOT_FOUND/],
      ['PATCH', '/99999999', { action: 'x' }, 404, /NOT_FOUND/],
      ['GET', '/99999999', undefined, 404, /User Task with key '99999999' not found/],
      ['GET', '/abc', undefined, 400, /'userTaskKey' must be a key/],
      ['POST', `/${userTaskKey}/assignment`, {}, 400, /'assignee' must be text that is not empty, but is missing/],
      ['PATCH', `/${userTaskKey}`, { changeset: {} }, 400, /No update data provided/],
      [
        'PATCH',
        `/${userTaskKey}`,
        { changeset: { priority: 101 } },
        400,
        /'changeset.priority' must be a whole number from 0 to 100/,
      ],
      ['PATCH', `/${userTaskKey}`, { changeset: { dueDate: 'soon' } }, 400, /'changeset.dueDate' must be a date/],
      ['POST', `/${userTaskKey}/completion`, { variables: [] }, 400, /'variables' must be an object/],
      ['POST', '/search', { filter: { state: 'DONE' } }, 400, /'filter.state' must be one of CREATING/],
    ] as const) {
      const answer = await send(method, path, body);
      assert.deepEqual([answer.status, path], [status, path]);
      assert.match(answer.body.detail, detail);
    }
  });

  it('are searched by what they have, open and over together', async () => {
    const first = await begin('review', { amount: 100 });
    const second = await begin('review', { amount: 200 });
    const third = await begin('review', { amount: 300 });
    await camunda.assignUserTask({ userTaskKey: second.userTaskKey, assignee: 'cleo' });
    await camunda.completeUserTask({ userTaskKey: second.userTaskKey });
    await camunda.cancelProcessInstance({ processInstanceKey: third.processInstanceKey });
    const since = { creationDate: { $gte: first.creationDate }, processDefinitionId: 'review' };
    const names = new Map([first, second, third].map(({ userTaskKey }, at) => [userTaskKey as string, at]));
    for (const [filter, expected] of [
      [{ state: 'CREATED' }, [0]],
      [{}, [0, 1, 2]],
      [{ state: { $in: ['COMPLETED', 'CANCELED'] } }, [1, 2]],
      [{ state: { $neq: 'CREATED' }, assignee: 'cleo' }, [1]],
      [{ state: 'COMPLETED', completionDate: { $exists: true }, candidateGroup: 'it' }, [1]],
      [{ state: 'CREATED', candidateGroup: 'sales', candidateUser: { $in: ['ada', 'x'] } }, [0]],
      [{ state: 'CREATED', candidateGroup: 'finance' }, []],
      [{ candidateGroup: { $like: 'sal*' } }, [0, 1, 2]],
      [{ state: 'CREATED', assignee: { $exists: false }, priority: { $gt: 60 } }, [0]],
      [{ state: 'CREATED', processInstanceVariables: [{ name: 'amount', value: '100' }] }, [0]],
      [{ localVariables: [{ name: 'local', value: { $in: ['200', '300'] } }] }, [1, 2]],
      [{ localVariables: [{ name: 'amount', value: '100' }] }, []],
      [{ userTaskKey: third.userTaskKey }, [2]],
      [{ elementInstanceKey: second.elementInstanceKey, name: { $like: 'Check*' } }, [1]],
      [{ dueDate: { $lt: '2031-05-02T00:00:00.000Z' }, elementId: 'Check' }, [0, 1, 2]],
      [{ state: 'FAILED' }, []],
    ] as const) {
      const { items, page } = await camunda.searchUserTasks({ filter: { ...since, ...filter } } as never, NOW);
      const shown = items.map(({ userTaskKey }) => names.get(userTaskKey)).filter((one) => one !== undefined);
      assert.deepEqual(shown, [...expected], JSON.stringify(filter));
      assert.equal(page.hasMoreTotalItems, false);
    }
    const sorted = await camunda.searchUserTasks(
      { filter: since, sort: [{ field: 'completionDate', order: 'DESC' }] } as never,
      NOW,
    );
    assert.deepEqual(sorted.items.map(({ state }) => state).slice(0, 2), ['CANCELED', 'COMPLETED']);
  });

  it('shows the variables that a task sees: all, or of each name the innermost', async () => {
    const { userTaskKey, processInstanceKey, elementInstanceKey } = await begin('review', {
      amount: 8,
      local: 'outside',
    });
    const all = await camunda.searchUserTaskVariables({ userTaskKey, sort: [{ field: 'value' }] }, NOW);
    assert.deepEqual(
      all.items.map(({ name, value, scopeKey }) => [name, value, scopeKey]),
      [
        ['local', '"outside"', processInstanceKey],
        ['amount', '8', processInstanceKey],
        ['local', '8', elementInstanceKey],
      ],
    );
    const effective = await camunda.searchUserTaskEffectiveVariables({ userTaskKey, sort: [{ field: 'name' }] }, NOW);
    assert.deepEqual(
      effective.items.map(({ name, value }) => [name, value]),
      [
        ['amount', '8'],
        ['local', '8'],
      ],
    );
    const named = await camunda.searchUserTaskVariables({ userTaskKey, filter: { name: 'amount' } }, NOW);
    assert.equal(named.page.totalItems, 1);
  });
});
