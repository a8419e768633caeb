/** User tasks over the Camunda 7 face, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const REVIEW = bpmn(
  'review',
  `<bpmn:startEvent id="Start" />
    <bpmn:userTask id="Check" name="Check it" camunda:candidateGroups="sales" camunda:formKey="embedded:app:x.html" />
    <bpmn:endEvent id="End" />`,
  ['Start->Check', 'Check->End'],
);

describe('task', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'review.bpmn': REVIEW });
  });
  after(() => system.stop());

  const send = async (method: 'GET' | 'POST', path: string, payload?: object) => {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };

  it('is found, claimed by one, completed, and gone', async () => {
    await send('POST', '/process-definition/key/review/start', { businessKey: 'R', variables: { a: { value: 1 } } });
    const { body: found } = await send(
      'GET',
      '/task?processInstanceBusinessKey=R&candidateGroup=sales&unassigned=true',
    );
    assert.equal(found.length, 1);
    const [{ id, created, executionId, processDefinitionId, processInstanceId, ...rest }] = found;
    assert.match(created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    assert.match(processDefinitionId, /^review:1:\d+$/);
    assert.ok(executionId && processInstanceId);
    assert.deepEqual(rest, {
      name: 'Check it',
      assignee: null,
      owner: null,
      lastUpdated: null,
      due: null,
      followUp: null,
      delegationState: null,
      description: null,
      parentTaskId: null,
      priority: 50,
      caseExecutionId: null,
      caseDefinitionId: null,
      caseInstanceId: null,
      taskDefinitionKey: 'Check',
      suspended: false,
      formKey: 'embedded:app:x.html',
      camundaFormRef: null,
      tenantId: null,
      taskState: 'Created',
    });
    assert.equal((await send('POST', `/task/${id}/claim`, { userId: 'ada' })).status, 204);
    const taken = await send('POST', `/task/${id}/claim`, { userId: 'bob' });
    assert.deepEqual(
      [taken.status, taken.body.type, taken.body.message],
      [500, 'TaskAlreadyClaimedException', `Task '${id}' is already claimed by someone else.`],
    );
    assert.deepEqual((await send('POST', '/task/count', { assignee: 'ada' })).body, { count: 1 });
    assert.deepEqual((await send('GET', '/task/count?candidateGroup=sales')).body, { count: 0 });
    assert.deepEqual((await send('GET', '/task/count?candidateGroup=sales&includeAssignedTasks=true')).body, {
      count: 1,
    });
    assert.equal((await send('POST', `/task/${id}/unclaim`)).status, 204);
    assert.equal((await send('POST', `/task/${id}/assignee`, { userId: 'bob' })).status, 204);
    assert.equal((await send('GET', `/task/${id}`)).body.assignee, 'bob');
    assert.deepEqual((await send('GET', `/task/${id}/form`)).body, {
      key: 'embedded:app:x.html',
      camundaFormRef: null,
      contextPath: null,
    });
    assert.deepEqual((await send('GET', `/task/${id}/form-variables`)).body, {
      a: { type: 'Integer', value: 1, valueInfo: {} },
    });
    assert.deepEqual((await send('GET', `/task/${id}/localVariables`)).body, {});
    const done = await send('POST', `/task/${id}/complete`, {
      variables: { approved: { value: true } },
      withVariablesInReturn: true,
    });
    assert.equal(done.status, 200);
    assert.deepEqual(done.body['approved'], { type: 'Boolean', value: true, valueInfo: {} });
    assert.equal((await send('GET', `/task/${id}`)).status, 404);
    const again = await send('POST', `/task/${id}/complete`, {});
    assert.deepEqual(
      [again.status, again.body],
      [
        500,
        {
          type: 'RestException',
          message: `Cannot complete task ${id}: Cannot find task with id ${id}: task is null`,
          code: 0,
        },
      ],
    );
    const { body: history } = await send('GET', `/history/process-instance/${processInstanceId}`);
    assert.equal(history.state, 'COMPLETED');
  });

  it('what is submitted by a form is checked and brought into the types of its fields, at the start and at a task', async () => {
    const form = (constraint: string) =>
      `<bpmn:extensionElements><camunda:formData><camunda:formField id="amount" type="long"><camunda:validation>${constraint}</camunda:validation></camunda:formField></camunda:formData></bpmn:extensionElements>`;
    await system.deploy({
      'asked.bpmn': bpmn(
        'asked',
        `<bpmn:startEvent id="Start">${form('<camunda:constraint name="required" />')}</bpmn:startEvent><bpmn:userTask id="T">${form('<camunda:constraint name="max" config="10" />')}</bpmn:userTask>`,
        ['Start->T'],
      ),
    });
    const submit = (path: string, value: unknown) =>
      send('POST', `${path}/submit-form`, { businessKey: 'F', variables: { amount: { value } } });
    const refused = await submit('/process-definition/key/asked', null);
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, /Cannot instantiate process definition .* validation of required failed/);
    const started = await submit('/process-definition/key/asked', '7');
    assert.deepEqual([started.status, started.body.businessKey], [200, 'F']);
    const { body: variable } = await send('GET', `/process-instance/${started.body.id}/variables/amount`);
    assert.deepEqual([variable.type, variable.value], ['Long', 7]);
    const [{ id }] = (await send('GET', `/task?processInstanceId=${started.body.id}`)).body;
    const tooMuch = await submit(`/task/${id}`, 11);
    assert.deepEqual(
      [tooMuch.status, tooMuch.body.message],
      [
        400,
        `Cannot submit task form ${id}: Invalid value submitted for form field 'amount': validation of max(10) failed`,
      ],
    );
    assert.equal((await submit(`/task/${id}`, 10)).status, 204);
    assert.equal((await submit(`/task/${id}`, 10)).status, 500);
  });

  it('parameters that are not served are refused, never silently wrong', async () => {
    const refused = await send('GET', '/task?assigneeExpression=%24%7Bx%7D');
    assert.deepEqual([refused.status, refused.body.type], [400, 'BadUserRequestException']);
  });
});
