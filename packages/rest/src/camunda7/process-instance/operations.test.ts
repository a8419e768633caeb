/** Operations on running instances over the Camunda 7 face, on the real engine: modify, suspend, migrate, restart, conditions. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const task = (id: string, name: string) => `<bpmn:userTask id="${id}" name="${name}" />`;
const STEPS = (name: string) =>
  bpmn(
    'steps',
    `<bpmn:startEvent id="Start" />${task('One', name)}${task('Two', name)}<bpmn:endEvent id="End" />
    <bpmn:boundaryEvent id="OnError" attachedToRef="One"><bpmn:errorEventDefinition /></bpmn:boundaryEvent>`,
    ['Start->One', 'One->Two', 'Two->End', 'OnError->End'],
  );
const BIG = bpmn(
  'big',
  `<bpmn:startEvent id="Start"><bpmn:conditionalEventDefinition><bpmn:condition>\${amount &gt; 10}</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>
    ${task('Look', 'Look')}<bpmn:endEvent id="End" />`,
  ['Start->Look', 'Look->End'],
);

describe('operations on instances', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'steps.bpmn': STEPS('Old'), 'big.bpmn': BIG });
  });
  after(() => system.stop());

  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) => {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const start = async (payload: object = {}): Promise<string> =>
    (await send('POST', '/process-definition/key/steps/start', payload)).body.id;
  const tasksOf = async (
    id: string,
  ): Promise<{ id: string; name: string; taskDefinitionKey: string; suspended: boolean }[]> =>
    (await send('GET', `/task?processInstanceId=${id}`)).body;

  it('a modification cancels and starts; a wrong one changes nothing and says why', async () => {
    const id = await start();
    const move = {
      instructions: [
        { type: 'cancel', activityId: 'One' },
        { type: 'startBeforeActivity', activityId: 'Two' },
      ],
    };
    assert.equal((await send('POST', `/process-instance/${id}/modification`, move)).status, 204);
    assert.deepEqual(
      (await tasksOf(id)).map((one) => one.taskDefinitionKey),
      ['Two'],
    );
    const wrong = { instructions: [{ type: 'startAfterActivity', activityId: 'Nothing' }] };
    const refused = await send('POST', `/process-instance/${id}/modification`, wrong);
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, /element 'Nothing' does not exist/);
  });

  it('what waits before an activity or after it is a transition instance, which a modification cancels by its id', async () => {
    await system.deploy({
      'later.bpmn': bpmn(
        'later',
        `<bpmn:startEvent id="Start" />${task('Two', 'Two')}<bpmn:task id="Slow" name="Slow one" camunda:asyncBefore="true" />`,
        ['Start->Two', 'Two->Slow'],
      ),
    });
    const { id } = (await send('POST', '/process-definition/key/later/start', {})).body;
    const modify = (...instructions: object[]) =>
      send('POST', `/process-instance/${id}/modification`, { instructions });
    const treeOf = async () => (await send('GET', `/process-instance/${id}/activity-instances`)).body;
    // So that the continuation is not carried out at once.
    await send('PUT', `/process-instance/${id}/suspended`, { suspended: true });
    assert.equal((await modify({ type: 'startBeforeActivity', activityId: 'Slow' })).status, 204);
    const tree = await treeOf();
    const [waiting] = tree.childTransitionInstances;
    assert.deepEqual(
      [waiting.activityId, waiting.activityName, waiting.activityType, waiting.parentActivityInstanceId],
      ['Slow', 'Slow one', 'task', id],
    );
    assert.deepEqual(
      tree.childActivityInstances.map((one: { activityId: string }) => one.activityId),
      ['Two'],
    );
    const twice = await modify({ type: 'cancel', activityId: 'Slow', transitionInstanceId: waiting.id });
    assert.match(twice.body.message, /exactly one, 'activityId', 'activityInstanceId', or 'transitionInstanceId'/);
    assert.equal((await modify({ type: 'cancel', transitionInstanceId: waiting.id })).status, 204);
    assert.deepEqual((await treeOf()).childTransitionInstances, []);
  });

  it('an instance starts where its start instructions say', async () => {
    const id = await start({ startInstructions: [{ type: 'startBeforeActivity', activityId: 'Two' }] });
    assert.deepEqual(
      (await tasksOf(id)).map((one) => one.taskDefinitionKey),
      ['Two'],
    );
  });

  it('suspended instances and definitions are shown as such and refuse what would move them', async () => {
    const id = await start();
    assert.equal((await send('PUT', `/process-instance/${id}/suspended`, { suspended: true })).status, 204);
    assert.equal((await send('GET', `/process-instance/${id}`)).body.suspended, true);
    const [one] = await tasksOf(id);
    assert.equal(one?.suspended, true);
    assert.notEqual((await send('POST', `/task/${one?.id}/complete`, {})).status, 204);
    await send('PUT', '/process-instance/suspended', { suspended: false, processDefinitionKey: 'steps' });
    assert.equal((await send('POST', `/task/${one?.id}/complete`, {})).status, 204);
    await send('PUT', '/process-definition/key/steps/suspended', { suspended: true });
    assert.equal((await send('GET', '/process-definition?suspended=true')).body.length, 1);
    assert.equal((await send('POST', '/process-definition/key/steps/start', {})).status, 500);
    await send('PUT', '/process-definition/suspended', { suspended: false, processDefinitionKey: 'steps' });
    assert.equal((await send('GET', '/process-definition?suspended=true')).body.length, 0);
  });

  it('an ended instance is restarted with its variables at the place that is named', async () => {
    const id = await start({ variables: { amount: { value: 3 } }, businessKey: 'again' });
    await send('DELETE', `/process-instance/${id}`);
    const { body: definition } = await send('GET', '/process-definition/key/steps');
    const instructions = [{ type: 'startBeforeActivity', activityId: 'Two' }];
    const restart = { processInstanceIds: [id], instructions, initialVariables: true };
    assert.equal((await send('POST', `/process-definition/${definition.id}/restart`, restart)).status, 204);
    const { body: found } = await send('GET', '/process-instance?businessKey=again');
    const { body: variables } = await send('GET', `/process-instance/${found[0].id}/variables`);
    assert.equal(variables.amount.value, 3);
  });

  it('a business error of a user task is caught by its boundary event', async () => {
    const id = await start();
    const [one] = await tasksOf(id);
    assert.equal((await send('POST', `/task/${one?.id}/bpmnError`, { errorCode: 'no' })).status, 204);
    assert.equal((await send('GET', `/process-instance/${id}`)).status, 404);
  });

  it('a definition is suspended at its execution date, by key in all its versions', async () => {
    await system.deploy({
      'dated.bpmn': bpmn('dated', `<bpmn:startEvent id="Start" />${task('One', 'One')}`, ['Start->One']),
    });
    const suspend = (body: object) =>
      send('PUT', '/process-definition/suspended', { processDefinitionKey: 'dated', ...body });
    const wrong = await suspend({ suspended: true, executionDate: 'tomorrow' });
    assert.deepEqual([wrong.status, /'tomorrow' is no date/.test(wrong.body.message)], [400, true]);
    const isSuspended = async () => (await send('GET', '/process-definition/key/dated')).body.suspended;
    const later = await suspend({ suspended: true, executionDate: '2999-01-01T00:00:00.000+0000' });
    assert.deepEqual([later.status, await isSuspended()], [204, false]);
    await suspend({ suspended: true, executionDate: '2020-01-01T00:00:00.000+0000', includeProcessInstances: true });
    while (!(await isSuspended())) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('timers of a job definition are suspended at its execution date', async () => {
    const wait = `<bpmn:intermediateCatchEvent id="Wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1000H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>`;
    await system.deploy({
      'waits.bpmn': bpmn('waits', `<bpmn:startEvent id="Start" />${wait}`, ['Start->Wait']),
    });
    await send('POST', '/process-definition/key/waits/start', {});
    const rows = async (list: string) => (await send('GET', `/${list}?processDefinitionKey=waits`)).body;
    const [{ id }] = await rows('job-definition');
    const suspend = (body: object) => send('PUT', `/job-definition/${id}/suspended`, { suspended: true, ...body });
    const wrong = await suspend({ executionDate: 'tomorrow' });
    assert.deepEqual(
      [wrong.status, /of Job Definitions .* 'tomorrow' is no date/.test(wrong.body.message)],
      [400, true],
    );
    const rest = async () => [(await rows('job-definition'))[0].suspended, (await rows('job'))[0].suspended];
    assert.equal((await suspend({ executionDate: '2999-01-01T00:00:00.000+0000', includeJobs: true })).status, 204);
    assert.deepEqual(await rest(), [false, false]);
    const past = { executionDate: '2020-01-01T00:00:00.000+0000' };
    assert.equal((await suspend({ ...past, includeJobs: true })).status, 204);
    while (!(await rest())[1]) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await rest(), [true, true]);
    const key = { processDefinitionKey: 'waits', suspended: false };
    assert.equal((await send('PUT', '/job-definition/suspended', { ...key, ...past })).status, 204);
    while ((await rest())[0]) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await rest(), [false, true], 'what is set already rests on');
  });

  it('a condition starts what waits for it', async () => {
    assert.deepEqual((await send('POST', '/condition', { variables: { amount: { value: 1 } } })).body, []);
    const { body } = await send('POST', '/condition', { variables: { amount: { value: 11 } } });
    assert.deepEqual(
      body.map((one: { definitionKey: string }) => one.definitionKey),
      ['big'],
    );
  });

  it('a migration plan is generated, checked, and carried out', async () => {
    const id = await start();
    const { body: before } = await send('GET', '/process-definition/key/steps');
    await system.deploy({ 'steps.bpmn': STEPS('New') });
    const { body: now } = await send('GET', '/process-definition/key/steps');
    const sides = { sourceProcessDefinitionId: before.id, targetProcessDefinitionId: now.id };
    const { body: plan } = await send('POST', '/migration/generate', sides);
    assert.equal(plan.instructions.length, 5);
    const wrong = { ...plan, instructions: [{ sourceActivityIds: ['One'], targetActivityIds: ['End'] }] };
    const { body: report } = await send('POST', '/migration/validate', wrong);
    assert.match(report.instructionReports[0].failures[0], /a userTask cannot become a endEvent/);
    const execute = { migrationPlan: plan, processInstanceIds: [id] };
    assert.equal((await send('POST', '/migration/execute', execute)).status, 204);
    assert.equal((await send('GET', `/process-instance/${id}`)).body.definitionId, now.id);
    const refused = await send('POST', '/migration/execute', execute);
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, /do not run process definition/);
  });

  it('a migration puts a new sub-process, a loop too, around what runs already', async () => {
    const loop = `<bpmn:userTask id="T"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>`;
    await system.deploy({ 'grows.bpmn': bpmn('grows', `<bpmn:startEvent id="S" />${loop}`, ['S->T']) });
    const { body: before } = await send('GET', '/process-definition/key/grows');
    const { id } = (await send('POST', '/process-definition/key/grows/start', {})).body;
    const around = `<bpmn:subProcess id="New"><bpmn:startEvent id="S2" />${loop}<bpmn:sequenceFlow id="in" sourceRef="S2" targetRef="T" /></bpmn:subProcess>`;
    await system.deploy({ 'grows.bpmn': bpmn('grows', `<bpmn:startEvent id="S" />${around}`, ['S->New']) });
    const { body: now } = await send('GET', '/process-definition/key/grows');
    const instructions = ['T', 'T#multiInstanceBody'].map((one) => ({
      sourceActivityIds: [one],
      targetActivityIds: [one],
    }));
    const migrationPlan = { sourceProcessDefinitionId: before.id, targetProcessDefinitionId: now.id, instructions };
    const done = await send('POST', '/migration/execute', {
      migrationPlan,
      processInstanceIds: [id],
      skipIoMappings: true,
    });
    assert.equal(done.status, 204);
    const { body: tree } = await send('GET', `/process-instance/${id}/activity-instances`);
    const [scope] = tree.childActivityInstances;
    assert.equal(scope.activityId, 'New');
    const [body] = scope.childActivityInstances;
    assert.equal(body.activityId, 'T#multiInstanceBody');
    assert.equal(body.childActivityInstances.length, 2);
    for (const { id: taskId } of await tasksOf(id)) await send('POST', `/task/${taskId}/complete`, {});
    assert.equal((await send('GET', `/process-instance/${id}`)).status, 404);
  });
});
