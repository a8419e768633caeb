/** What a task list asks for, one call after the other, on the real engine: filters, tasks, people, comments, attachments, the form. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Described } from '../testing/described.test.ts';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const REVIEW = bpmn(
  'review',
  `<bpmn:startEvent id="Start" />
    <bpmn:userTask id="Check" name="Check it" camunda:candidateGroups="sales" camunda:candidateUsers="zoe" camunda:priority="70">
      <bpmn:extensionElements><camunda:formData><camunda:formField id="approved" type="boolean" /></camunda:formData></bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:endEvent id="End" />`,
  ['Start->Check', 'Check->End'],
);
const LARGE = 1_500_000;

/** JSON as it came. */
type Wire = ReturnType<typeof JSON.parse>;

describe('a task list', () => {
  const described = new Described();
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'review.bpmn': REVIEW });
  });
  after(() => system.stop());

  const send = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
    user = 'ada',
  ): Promise<{ readonly status: number; readonly body: Wire }> => {
    const headers = { 'x-procos-user': user };
    const answer = await system.app.inject({
      method,
      url: `/engine-rest${path}`,
      headers,
      ...(payload ? { payload } : {}),
    });
    described.check(method, path, answer.statusCode, answer.body);
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const get = async (path: string, user?: string) => (await send('GET', path, undefined, user)).body;
  const start = async (businessKey: string): Promise<{ id: string; processInstanceId: string }> => {
    await send('POST', '/process-definition/key/review/start', { businessKey });
    return (await get(`/task?processInstanceBusinessKey=${businessKey}`))[0];
  };

  it('asks a filter, claims, comments, attaches, completes, and still sees all of it afterwards', async () => {
    const { id, processInstanceId } = await start('whole');
    const kept = {
      resourceType: 'Task',
      name: 'Mine',
      owner: 'ada',
      query: { assigneeExpression: '${currentUser()}', sorting: [{ sortBy: 'priority', sortOrder: 'desc' }] },
      properties: { color: '#3e4d2f', priority: 5 },
    };
    const created = await send('POST', '/filter/create', kept);
    assert.equal(created.status, 200);
    assert.deepEqual(created.body, { id: created.body.id, ...kept });
    const mine = `/filter/${created.body.id}`;
    assert.deepEqual(
      (await get('/filter?resourceType=Task&itemCount=true')).map((one: Wire) => one.itemCount),
      [0],
    );
    const all = await send('POST', '/filter/create', {
      resourceType: 'Task',
      name: 'Offered',
      query: { candidateGroup: 'sales' },
    });
    assert.deepEqual(await get('/filter/count'), { count: 2 });
    const offered = `/filter/${all.body.id}`;
    assert.deepEqual(await get(`${offered}/count`), { count: 1 });
    assert.equal((await get(`${offered}/list`))[0].id, id);
    assert.equal((await send('POST', `${offered}/list`, { name: 'Another' })).body.length, 0);

    assert.equal((await send('POST', `/task/${id}/claim`, { userId: 'ada' })).status, 204);
    assert.deepEqual(await get(`${mine}/count`), { count: 1 });
    assert.deepEqual(await get(`${mine}/count`, 'bob'), { count: 0 });
    assert.deepEqual(await get(`${mine}/count`, 'anonymous'), { count: 0 });
    assert.equal((await get(`${mine}/singleResult`)).id, id);
    assert.equal((await send('GET', `${offered}/singleResult`)).status, 204);

    const comment = (await send('POST', `/task/${id}/comment/create`, { message: 'Looks fine' })).body;
    assert.deepEqual(
      [comment.userId, comment.taskId, comment.message, comment.processInstanceId],
      ['ada', id, 'Looks fine', processInstanceId],
    );
    assert.equal((await send('POST', `/task/${id}/comment/create`, {})).status, 400);
    assert.equal((await send('PUT', `/task/${id}/comment`, { id: comment.id, message: 'Looks good' })).status, 204);
    assert.equal((await send('PUT', `/task/${id}/comment`, { id: '999', message: 'x' })).status, 400);
    const [seen] = await get('/task?assignee=ada&withCommentAttachmentInfo=true');
    assert.deepEqual([seen.comment, seen.attachment], [true, false]);

    const form = new FormData();
    form.append('attachment-name', 'Offer');
    form.append('attachment-type', 'text/plain');
    form.append('content', new Blob(['x'.repeat(LARGE)], { type: 'text/plain' }), 'offer.txt');
    const sent = await fetch(`${system.url}/engine-rest/task/${id}/attachment/create`, { method: 'POST', body: form });
    assert.equal(sent.status, 200);
    const attachment: Wire = await sent.json();
    assert.deepEqual([attachment.name, attachment.taskId, attachment.url], ['Offer', id, null]);
    const address = new FormData();
    address.append('attachment-name', 'Terms');
    address.append('url', 'http://127.0.0.1/terms');
    assert.equal(
      (await fetch(`${system.url}/engine-rest/task/${id}/attachment/create`, { method: 'POST', body: address })).status,
      200,
    );
    const empty = new FormData();
    empty.append('attachment-name', 'Nothing');
    assert.equal(
      (await fetch(`${system.url}/engine-rest/task/${id}/attachment/create`, { method: 'POST', body: empty })).status,
      400,
    );

    assert.deepEqual(Object.keys(await get(`/task/${id}/form-variables`)), ['approved']);
    const done = await send('POST', `/task/${id}/submit-form`, { variables: { approved: { value: true } } });
    assert.equal(done.status, 204);
    assert.deepEqual(await get(`${mine}/count`), { count: 0 });

    assert.deepEqual(
      (await get(`/task/${id}/comment`)).map((one: Wire) => one.message),
      ['Looks good'],
    );
    assert.equal((await get(`/task/${id}/comment/${comment.id}`)).message, 'Looks good');
    assert.equal((await get(`/process-instance/${processInstanceId}/comment`)).length, 1);
    assert.deepEqual(
      (await get(`/task/${id}/attachment`)).map((one: Wire) => one.name),
      ['Offer', 'Terms'],
    );
    const data = await fetch(`${system.url}/engine-rest/task/${id}/attachment/${attachment.id}/data`);
    assert.equal((await data.text()).length, LARGE);
    assert.equal((await send('POST', `/task/${id}/comment/create`, { message: 'Too late' })).status, 400);
    assert.equal((await send('DELETE', `/task/${id}/comment/${comment.id}`)).status, 204);
    assert.deepEqual(await get(`/task/${id}/comment`), []);
    assert.equal((await send('GET', '/task/999999/comment')).status, 404);
    assert.equal((await send('DELETE', `/task/${id}/attachment/${attachment.id}`)).status, 204);
    assert.equal((await send('GET', `/task/${id}/attachment/${attachment.id}`)).status, 404);

    assert.equal((await send('PUT', mine, { ...kept, name: 'My tasks' })).status, 204);
    assert.equal((await get(mine)).name, 'My tasks');
    assert.equal((await send('DELETE', mine)).status, 204);
    assert.equal((await send('GET', mine)).status, 404);
  });

  it('shows and changes who has to do with a task', async () => {
    const { id } = await start('people');
    const links = async (type = '') =>
      (await get(`/task/${id}/identity-links${type}`)).map((link: Wire) => [link.type, link.userId, link.groupId]);
    assert.deepEqual(await links(), [
      ['candidate', 'zoe', null],
      ['candidate', null, 'sales'],
    ]);
    const link = (path: string, body: object) => send('POST', `/task/${id}/identity-links${path}`, body);
    assert.equal((await link('', { groupId: 'legal', type: 'candidate' })).status, 204);
    assert.equal((await link('', { groupId: 'legal', type: 'candidate' })).status, 204);
    assert.equal((await link('', { userId: 'bob', type: 'reviewer' })).status, 204);
    assert.equal((await link('', { userId: 'eve', type: 'owner' })).status, 204);
    assert.equal((await link('/delete', { userId: 'zoe', type: 'candidate' })).status, 204);
    assert.deepEqual(await links(), [
      ['owner', 'eve', null],
      ['candidate', null, 'sales'],
      ['candidate', null, 'legal'],
      ['reviewer', 'bob', null],
    ]);
    assert.deepEqual(await links('?type=reviewer'), [['reviewer', 'bob', null]]);
    assert.equal((await link('', { type: 'candidate' })).status, 400);
    assert.equal((await link('', { userId: 'a', groupId: 'b', type: 'candidate' })).status, 400);
    const count = async (query: string) => (await get(`/task/count?processInstanceBusinessKey=people&${query}`)).count;
    for (const [query, expected] of [
      ['candidateGroup=legal', 1],
      ['candidateUser=zoe', 0],
      ['involvedUser=bob', 1],
      ['involvedUser=eve', 1],
      ['involvedUser=nobody', 0],
      ['owner=eve', 1],
      ['candidateGroups=nobody,legal', 1],
      ['candidateGroupLike=leg%25', 1],
      ['nameNotLike=Check%25', 0],
      ['processDefinitionName=Process%20review', 1],
      ['parentTaskId=1', 0],
      ['followUpBeforeOrNotExistent=2030-01-01T00:00:00.000%2B0000', 1],
    ] as const)
      assert.equal(await count(query), expected, query);
    assert.equal((await send('PUT', `/task/${id}/localVariables/seen`, { value: true, type: 'Boolean' })).status, 204);
    const ofTask = (value: boolean) => ({ taskVariables: [{ name: 'seen', operator: 'eq', value }] });
    assert.deepEqual((await send('POST', '/task/count', ofTask(true))).body, { count: 1 });
    assert.deepEqual((await send('POST', '/task/count', ofTask(false))).body, { count: 0 });
    const or = (orQueries: readonly object[]) =>
      send('POST', '/task/count', { processInstanceBusinessKey: 'people', orQueries });
    assert.deepEqual((await or([{ owner: 'eve', assignee: 'nobody' }])).body, { count: 1 });
    assert.deepEqual((await or([{ owner: 'nobody', assignee: 'nobody' }])).body, { count: 0 });
    const report = (await get('/task/report/candidate-group-count')).map((one: Wire) => [one.groupName, one.taskCount]);
    assert.ok(report.some(([name, number]: [string, number]) => name === 'legal' && number === 1));
  });

  it('delegates to somebody who resolves it for its owner, who alone completes it', async () => {
    const { id } = await start('delegated');
    await send('POST', `/task/${id}/claim`, { userId: 'ada' });
    assert.equal((await send('POST', `/task/${id}/delegate`, { userId: 'bob' })).status, 204);
    const given = await get(`/task/${id}`);
    assert.deepEqual(
      [given.assignee, given.owner, given.delegationState, given.taskState],
      ['bob', 'ada', 'PENDING', 'Updated'],
    );
    assert.deepEqual(await get('/task/count?delegationState=PENDING'), { count: 1 });
    const refused = await send('POST', `/task/${id}/complete`, {});
    assert.deepEqual(
      [refused.status, refused.body.message],
      [500, `Cannot complete task ${id}: A delegated task cannot be completed, but should be resolved instead.`],
    );
    assert.equal((await send('POST', `/task/${id}/resolve`, { variables: { note: { value: 'ok' } } })).status, 204);
    const back = await get(`/task/${id}`);
    assert.deepEqual([back.assignee, back.delegationState], ['ada', 'RESOLVED']);
    assert.equal((await get(`/task/${id}/variables`)).note.value, 'ok');
    assert.equal((await send('POST', `/task/${id}/complete`, {})).status, 204);
    assert.equal((await send('POST', '/task/999999/delegate', { userId: 'bob' })).status, 500);
  });

  it('sets all properties of a task at once, and cannot delete one that a process waits for', async () => {
    const { id } = await start('changed');
    const due = '2030-01-02T03:04:05.000+0000';
    const whole = { name: 'Another name', description: 'Look twice', assignee: 'bob', priority: 7, due };
    assert.equal((await send('PUT', `/task/${id}`, whole)).status, 204);
    const changed = await get(`/task/${id}`);
    assert.deepEqual({ ...whole, ...changed }, changed);
    assert.ok(changed.lastUpdated);
    assert.deepEqual(await get('/task/count?descriptionLike=Look%25'), { count: 1 });
    assert.equal((await send('PUT', `/task/${id}`, { ...whole, delegationState: 'WRONG' })).status, 400);
    assert.equal((await send('DELETE', `/task/${id}`)).status, 500);
    assert.equal((await send('DELETE', '/task/999999')).status, 400);
  });

  it('tells from the log who was given a task, and what people have done', async () => {
    const { id, processInstanceId } = await start('told');
    await send('POST', `/task/${id}/claim`, { userId: 'ada' });
    await send('POST', `/task/${id}/identity-links`, { groupId: 'legal', type: 'candidate' });
    await send('POST', `/task/${id}/identity-links/delete`, { userId: 'zoe', type: 'candidate' }, 'bob');
    await send('PUT', `/task/${id}`, { name: 'Check it', assignee: 'bob', priority: 70 }, 'bob');
    const comment = { message: 'Mine now' };
    await send('POST', `/task/${id}/comment/create`, comment, 'bob');
    await send('POST', `/task/${id}/complete`, {}, 'bob');
    const links = (await get(`/history/identity-link-log?taskId=${id}`)).map((one: Wire) => [
      one.operationType,
      one.type,
      one.userId ?? one.groupId,
      one.assignerId,
    ]);
    assert.deepEqual(links, [
      ['add', 'candidate', 'zoe', 'ada'],
      ['add', 'candidate', 'sales', 'ada'],
      ['add', 'assignee', 'ada', 'ada'],
      ['add', 'candidate', 'legal', 'ada'],
      ['delete', 'candidate', 'zoe', 'bob'],
      ['delete', 'assignee', 'ada', 'bob'],
      ['add', 'assignee', 'bob', 'bob'],
    ]);
    assert.deepEqual(await get(`/history/identity-link-log/count?taskId=${id}&operationType=delete`), { count: 2 });
    assert.deepEqual(await get(`/history/identity-link-log/count?taskId=${id}&assignerId=bob`), { count: 3 });
    const done = (await get(`/history/user-operation?processInstanceId=${processInstanceId}`)).map((one: Wire) => [
      one.userId,
      one.entityType,
      one.operationType,
      one.property,
      one.orgValue,
      one.newValue,
    ]);
    assert.deepEqual(done, [
      ['ada', 'ProcessInstance', 'Create', null, null, null],
      ['ada', 'Task', 'Claim', 'assignee', null, 'ada'],
      ['ada', 'IdentityLink', 'AddGroupLink', 'candidate', null, 'legal'],
      ['bob', 'IdentityLink', 'DeleteUserLink', 'candidate', null, 'zoe'],
      ['bob', 'Task', 'Update', 'assignee', 'ada', 'bob'],
      ['bob', 'Comment', 'AddComment', 'comment', null, 'Mine now'],
      ['bob', 'Task', 'Complete', 'delete', 'false', 'true'],
    ]);
    assert.deepEqual(await get(`/history/user-operation/count?taskId=${id}&userId=ada`), { count: 2 });
    assert.deepEqual(await get(`/history/user-operation/count?taskId=${id}&category=Operator`), { count: 0 });
  });

  it('counts what was done, and by how many people', async () => {
    const sum = async (name: string, query = '') => (await get(`/metrics/${name}/sum${query}`)).result;
    const [started, tasks] = [await sum('process-instances'), await sum('flow-node-instances')];
    await start('counted');
    assert.equal(await sum('process-instances'), started + 1);
    assert.equal(await sum('flow-node-instances'), tasks + 2);
    // The timers of the system's own processes are none of it.
    assert.equal(await sum('job-successful'), 0);
    assert.equal(await sum('process-instances', '?endDate=2000-01-01T00:00:00.000%2B0000'), 0);
    assert.equal(await sum('job-acquisition-attempt'), 0);
    assert.ok((await sum('task-users')) >= 2);
    const [newest] = await get('/metrics?name=process-instances');
    assert.deepEqual([newest.name, newest.value > 0], ['process-instances', true]);
    assert.equal((await send('GET', '/metrics?interval=0')).status, 400);
  });

  it('finds tasks that are over as they were at last, and counts how long they took', async () => {
    const { id, processInstanceId } = await start('over');
    const due = '2030-01-02T03:04:05.000+0000';
    const whole = { name: 'Renamed', description: 'Look twice', owner: 'uma', assignee: 'bob', priority: 7, due };
    assert.equal((await send('PUT', `/task/${id}`, whole)).status, 204);
    const open = await get(`/history/task?taskId=${id}`);
    assert.deepEqual([open[0].taskState, open[0].endTime, open[0].due], ['Updated', null, due]);
    assert.equal((await send('POST', `/task/${id}/complete`, {})).status, 204);
    const canceled = await start('canceled');
    assert.equal((await send('DELETE', `/process-instance/${canceled.processInstanceId}`)).status, 204);
    const [task] = await get(`/history/task?taskId=${id}`);
    const { name, description, owner, assignee, priority, deleteReason, taskState } = task;
    assert.deepEqual({ name, description, owner, assignee, priority, due: task.due }, whole);
    assert.deepEqual([deleteReason, taskState, task.processInstanceId], ['completed', 'Completed', processInstanceId]);
    const ids = async (query: string) => (await get(`/history/task?${query}`)).map((one: Wire) => one.id);
    for (const query of [
      'taskOwner=uma',
      'taskNameLike=Ren%25',
      'taskDescriptionLike=%25twice&finished=true',
      'taskDueDateBefore=2031-01-01T00:00:00.000%2B0000&finished=true',
      'processInstanceBusinessKey=over',
      `rootProcessInstanceId=${processInstanceId}`,
      'taskAssignee=bob&processFinished=true&taskPriority=7',
    ])
      assert.deepEqual(await ids(query), [id], query);
    assert.deepEqual(await ids('taskDeleteReason=deleted'), [canceled.id]);
    assert.deepEqual(await ids('taskOwner=nobody'), []);
    const finished = { finished: true, sorting: [{ sortBy: 'priority', sortOrder: 'asc' }] };
    assert.equal((await send('POST', '/history/task', finished)).body[0].id, id);
    const { count } = (await send('POST', '/history/task/count', { finished: true })).body;
    assert.deepEqual(await get('/history/task/count?finished=true'), { count });
    assert.equal((await send('GET', '/history/task?taskHadCandidateUser=zoe')).status, 400);

    const counted = await get('/history/task/report?reportType=count&groupBy=taskName');
    assert.equal(counted.find((one: Wire) => one.taskName === 'Renamed').count, 1);
    const [lasted] = await get('/history/task/report?reportType=duration&periodUnit=month');
    assert.ok(lasted.minimum <= lasted.average && lasted.average <= lasted.maximum);
    const reported = await get(
      '/history/process-instance/report?reportType=duration&periodUnit=quarter&processDefinitionKeyIn=review',
    );
    assert.equal(reported.length, 1);
    assert.equal((await send('GET', '/history/task/report?reportType=count&groupBy=wrong')).status, 400);
  });

  it('is told at once what a filter cannot ask for', async () => {
    const create = (query: object, name = 'Wrong') =>
      send('POST', '/filter/create', { resourceType: 'Task', name, query });
    assert.match((await create({ assigneeExpression: '${unknown(' })).body.message, /assigneeExpression/);
    assert.equal((await create({ priority: 'high' })).status, 400);
    assert.equal((await create({}, '')).status, 400);
    assert.equal((await send('POST', '/filter/create', { resourceType: 'Process', name: 'x' })).status, 400);
  });
});
