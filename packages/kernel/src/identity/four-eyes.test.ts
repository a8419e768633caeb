/** The rule of the second person, and the ways round it that there are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Subject } from '@procos/engine';
import { createMemoryStore, type Store } from '@procos/store';
import { DEPLOYMENT_PROCESS, keepDraft } from '../deployment/draft.ts';
import type { RunningKernel } from '../kernel-options.ts';
import type { DeployRequest } from '../process-engine.ts';
import { redeploy, redeployDecision, redeploymentOfDecision } from '../redeployment.ts';
import { put, user } from '../testing/people.ts';
import { startTestKernel, systemModels, until } from '../testing/system.ts';
import { FOUR_EYES } from './names.ts';
import { type IdentityOperation, Refused } from './operations.ts';
import { businessKeyOf } from './requests.ts';

const USERS = 'procos_system_user_management';
const ada: Subject = { kind: 'user', id: 'ada' };
const bob: Subject = { kind: 'user', id: 'bob' };
const carl: Subject = { kind: 'user', id: 'carl' };

const rule = { kind: 'rule', name: FOUR_EYES, setBy: 'ada', setAt: 0 } as const;
const people = [user('ada', 'administrator'), user('bob', 'administrator'), user('carl', 'operator')];

async function setUp(options: { rule?: boolean; authentication?: 'none' | 'required'; store?: Store } = {}) {
  const store = options.store ?? createMemoryStore();
  if (options.store === undefined) put(store, ...people.map((set) => ({ set })));
  if (options.rule !== false) put(store, { set: rule });
  const kernel = await startTestKernel({ store, authentication: options.authentication ?? 'required' });
  await kernel.ready;
  return { kernel, store, [Symbol.asyncDispose]: () => stop(kernel) };
}

async function stop(kernel: RunningKernel): Promise<void> {
  kernel.handleSignal('SIGINT');
  kernel.handleSignal('SIGINT');
  await kernel.stopped;
}

/** The backup process of the system with another name on its start event. */
function changed(name: string, tenantId: string | null = null): DeployRequest {
  const content = systemModels.find((model) => model.name === 'backup.bpmn')?.content ?? '';
  const resources = [
    { name: 'backup.bpmn', content: content.replace(/(<bpmn:startEvent id="start" name=")[^"]*/, `$1${name}`) },
  ];
  return { name: 'mine', source: 'system', tenantId, resources, skipUnchanged: false };
}

const versionsOf = ({ engine }: RunningKernel, bpmnProcessId = 'procos_system_backup') =>
  engine.count('definitions', { where: [{ column: 'bpmnProcessId', op: '=', value: bpmnProcessId }] });

async function isRefused(deployed: ReturnType<RunningKernel['engine']['deploy']>): Promise<void> {
  const outcome = await deployed;
  assert.ok(
    !outcome.ok && outcome.findings.some(({ problems }) => problems.some(({ rule }) => rule === 'approval-needed')),
  );
}

/** Hands the files in and has the process wait for its approval; the user task. */
async function handIn(kernel: RunningKernel, request: DeployRequest, by: Subject): Promise<number> {
  const { engine } = kernel;
  const kept = await keepDraft(engine, request, by);
  assert.ok(kept.ok);
  const variables = { draft: { type: 'String', value: String(kept.value.deploymentId) } } as const;
  const definition = { bpmnProcessId: DEPLOYMENT_PROCESS };
  const started = await engine.submit({ type: 'createProcessInstance', definition, variables }, by);
  assert.ok(started.ok);
  return taskOf(kernel, started.value.processInstanceId);
}

async function taskOf(kernel: RunningKernel, processInstanceId: number): Promise<number> {
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  await until(kernel, () => kernel.engine.find('userTasks', { where }).length > 0);
  return kernel.engine.find('userTasks', { where })[0]?.id ?? 0;
}

const approve = ({ engine }: RunningKernel, userTaskId: number, by: Subject, approved = true) =>
  engine.submit(
    { type: 'completeUserTask', userTaskId, variables: { approved: { type: 'Boolean', value: approved } } },
    by,
  );

function ended({ engine }: RunningKernel, bpmnProcessId: string): string[] {
  const where = [
    { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
    { column: 'state', op: '=', value: 'completed' },
  ] as const;
  const ids = engine.find('processInstances', { where }).map(({ id }) => id);
  const ends = engine.find('elementInstances', {
    where: [
      { column: 'processInstanceId', op: 'in', value: ids },
      { column: 'elementType', op: '=', value: 'endEvent' },
    ],
  });
  return ends.map(({ elementId }) => elementId);
}

test('what one hands in another one approves, and then it is deployed in the name of the first; the approval is used up', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const task = await handIn(kernel, changed('new'), ada);
  assert.equal(versionsOf(kernel), 1);
  assert.ok((await approve(kernel, task, bob)).ok);
  await until(kernel, () => versionsOf(kernel) === 2);
  const last = kernel.engine.records(0, 10_000).findLast(({ command }) => command === 'deploy');
  assert.deepEqual(last?.by, ada);
  assert.deepEqual(last?.events.filter(({ type }) => type === 'identityRemoved').length, 1);
  await isRefused(kernel.engine.deploy(changed('new'), ada));
});

test('who says no deploys nothing', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const task = await handIn(kernel, changed('new'), ada);
  assert.ok((await approve(kernel, task, bob, false)).ok);
  await until(kernel, () => ended(kernel, DEPLOYMENT_PROCESS).includes('declined_end'));
  await isRefused(kernel.engine.deploy(changed('new'), ada));
  assert.equal(versionsOf(kernel), 1);
});

test('the requester himself cannot approve, nor who may not deploy for the system, a worker, a claim, or a token that lacks the right', async () => {
  await using setting = await setUp();
  const { kernel, store } = setting;
  const task = await handIn(kernel, changed('new'), ada);
  const refusals: readonly (readonly [Subject, RegExp])[] = [
    [ada, /has handed this in himself/],
    [carl, /needs the permission deploySystem/],
    [{ kind: 'worker', id: 'procos-workers' }, /proved his name/],
    [{ kind: 'anonymous', id: 'bob' }, /proved his name/],
  ];
  for (const [by, reason] of refusals) {
    const refused = await approve(kernel, task, by);
    assert.ok(!refused.ok && refused.rejection.code === 'FORBIDDEN', by.id);
    assert.match(refused.rejection.message, reason);
  }
  const narrow = kernel.identity.directory.callerOf('bob', ['operator']);
  assert.ok(narrow && !(await approve(kernel, task, narrow)).ok);
  put(store, { set: { ...user('bob', 'administrator'), state: 'disabled' } });
  assert.ok(!(await approve(kernel, task, bob)).ok);
  assert.equal(versionsOf(kernel), 1);
});

test('without an approval nothing of the system is deployed: directly, as a rollback, for a tenant, or by nobody', async () => {
  await using setting = await setUp({ rule: false });
  const { kernel, store } = setting;
  assert.ok((await kernel.engine.deploy(changed('second'), ada)).ok);
  put(store, { set: rule });
  await isRefused(kernel.engine.deploy(changed('third'), ada));
  await isRefused(kernel.engine.deploy(changed('third', 'tenant'), ada));
  assert.ok(!(await kernel.engine.deploy(changed('third'), { kind: 'worker', id: 'kernel' })).ok);
  const where = [{ column: 'bpmnProcessId', op: '=', value: 'procos_system_backup' }] as const;
  const [first] = kernel.engine.find('definitions', { where });
  assert.ok(first);
  await isRefused(redeploy(kernel.engine, first, ada));
  assert.equal(versionsOf(kernel), 2);
});

test('a table of the system is rolled back with the approval of a second person, by the deployment process', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const { engine } = kernel;
  const versions = () =>
    engine.find('decisions', { where: [{ column: 'decisionId', op: '=', value: 'procos_system_recovery' }] });
  const [shipped] = versions();
  assert.ok(shipped);
  await isRefused(redeployDecision(engine, shipped, ada));
  const task = await handIn(kernel, redeploymentOfDecision(engine, shipped), ada);
  assert.equal(versions().length, 1);
  assert.ok((await approve(kernel, task, bob)).ok);
  await until(kernel, () => versions().length === 2);
  const last = engine.records(0, 10_000).findLast(({ command }) => command === 'deploy');
  assert.deepEqual(last?.by, ada);
});

test('another source does not help: the names of the system are reserved', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  for (const source of [null, 'procos cli', 'SYSTEM'])
    assert.ok(!(await kernel.engine.deploy({ ...changed('third'), source }, ada)).ok, String(source));
  const mine = { ...changed('third'), source: null };
  const [file] = mine.resources;
  const renamed = { name: 'x.bpmn', content: file?.content?.replaceAll('procos_system_backup', 'mine') ?? '' };
  await kernel.engine.deploy({ ...mine, resources: [renamed] }, ada);
  assert.equal(versionsOf(kernel), 1);
});

test('the approval holds for exactly these bytes and this place', async () => {
  await using setting = await setUp();
  const { kernel, store } = setting;
  const task = await handIn(kernel, changed('good'), ada);
  const draft = kernel.engine.find('variables', { where: [{ column: 'name', op: '=', value: 'draft' }] })[0];
  assert.ok(draft);
  // An approval that the process did not come to use, as when the deployment failed.
  const { requests } = kernel.identity;
  assert.ok(requests);
  const { hashOfDeployment } = await import('./four-eyes.ts');
  const approval = {
    kind: 'approval',
    requestedBy: 'ada',
    approvedBy: 'bob',
    approvedAt: kernel.engine.now(),
  } as const;
  put(store, { set: { ...approval, name: hashOfDeployment(changed('good')) } as never });
  await isRefused(kernel.engine.deploy(changed('evil'), ada));
  await isRefused(kernel.engine.deploy(changed('good', 'tenant'), ada));
  await isRefused(kernel.engine.deploy(changed('good'), bob));
  assert.ok((await kernel.engine.deploy(changed('good'), ada)).ok);
  await isRefused(kernel.engine.deploy(changed('good'), ada));
  assert.ok(task > 0);
});

test('an approval of the day before yesterday is none', async () => {
  await using setting = await setUp();
  const { kernel, store } = setting;
  const { hashOfDeployment } = await import('./four-eyes.ts');
  const name = hashOfDeployment(changed('good'));
  const old = { kind: 'approval', name, requestedBy: 'ada', approvedBy: 'bob' } as const;
  put(store, { set: { ...old, approvedAt: kernel.engine.now() - 2 * 86_400_000 } as never });
  await isRefused(kernel.engine.deploy(changed('good'), ada));
});

test('nobody makes the process believe that it was approved: no variable, no modification, no migration, no kill of the task', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const { engine } = kernel;
  const task = await handIn(kernel, changed('new'), ada);
  const processInstanceId =
    engine.find('userTasks', { where: [{ column: 'id', op: '=', value: task }] })[0]?.processInstanceId ?? 0;
  const approved = { approved: { type: 'Boolean', value: true } } as const;
  const commands = [
    { type: 'setVariables', processInstanceId, scopeId: processInstanceId, variables: approved, local: false },
    { type: 'modifyProcessInstance', processInstanceId, instructions: [{ kind: 'startBefore', elementId: 'deploy' }] },
    { type: 'migrateProcessInstance', processInstanceId, targetDefinitionId: 1, instructions: [] },
    { type: 'throwFromUserTask', userTaskId: task, what: 'error', code: 'x', variables: approved },
    { type: 'changeIdentities', changes: [{ remove: { kind: 'rule', name: FOUR_EYES } }] },
  ] as const;
  for (const command of commands) assert.ok(!(await engine.submit(command as never, ada)).ok, command.type);
  // A claim of the approval in the command itself counts for nothing.
  const approves = { kind: 'approval', name: 'x', requestedBy: 'ada', approvedBy: 'bob', approvedAt: 0 } as const;
  assert.ok(
    !(await engine.submit({ type: 'completeUserTask', userTaskId: task, variables: approved, approves }, ada)).ok,
  );
  assert.equal(versionsOf(kernel), 1);
});

test("an operator's deployment process that does not ask deploys nothing of the system", async () => {
  await using setting = await setUp({ rule: false });
  const { kernel, store } = setting;
  const content = systemModels.find(({ name }) => name === 'deployment.bpmn')?.content ?? '';
  // It never asks, and says that it was approved.
  const bold = content.replace(
    '${approval_required}</bpmn:conditionExpression>',
    '${false}</bpmn:conditionExpression>',
  );
  assert.notEqual(bold, content);
  const own = { ...changed(''), resources: [{ name: 'deployment.bpmn', content: bold }] };
  assert.ok((await kernel.engine.deploy(own, ada)).ok);
  put(store, { set: rule });
  const kept = await keepDraft(kernel.engine, changed('new'), ada);
  assert.ok(kept.ok);
  const variables = { draft: { type: 'String', value: String(kept.value.deploymentId) } } as const;
  await kernel.engine.submit(
    { type: 'createProcessInstance', definition: { bpmnProcessId: DEPLOYMENT_PROCESS }, variables },
    ada,
  );
  await until(kernel, () => ended(kernel, DEPLOYMENT_PROCESS).length > 0);
  assert.equal(versionsOf(kernel), 1);
});

/** Hands a change of users in; the user task where it waits for one. */
async function ask(kernel: RunningKernel, by: Subject, ...operations: IdentityOperation[]): Promise<number> {
  const outcome = await kernel.identity.requests.handIn(operations, by);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const where = [{ column: 'businessKey', op: '=', value: businessKeyOf(outcome.value.request) }] as const;
  await until(kernel, () => kernel.engine.find('processInstances', { where }).length > 0);
  return kernel.engine.find('processInstances', { where })[0]?.id ?? 0;
}

async function isOver(kernel: RunningKernel, processInstanceId: number): Promise<void> {
  const where = [
    { column: 'id', op: '=', value: processInstanceId },
    { column: 'state', op: '=', value: 'completed' },
  ] as const;
  await until(kernel, () => kernel.engine.count('processInstances', { where }) > 0);
}

const newUser = (name: string, ...roles: string[]): IdentityOperation => {
  return { do: 'addUser', name, fullName: null, email: null, roles, groups: [], password: null };
};

test(`a second person is not made by one alone: ${USERS} waits for approval, too, for a user, a role, a password, a token of another`, async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const { directory } = kernel.identity;
  const asked: readonly IdentityOperation[] = [
    newUser('puppet', 'administrator'),
    { do: 'changeUser', name: 'carl', roles: ['administrator'] },
    { do: 'setPassword', name: 'bob', password: 'scrypt$…' },
    { do: 'setRole', name: 'chef', permissions: ['deploySystem'] },
    { do: 'setGroup', name: 'chefs', roles: ['administrator'] },
    { do: 'createToken', user: 'bob', label: 'x', hash: 'f'.repeat(64), roles: null, expiresAt: null },
    { do: 'liftRule', name: FOUR_EYES },
  ];
  for (const operation of asked) {
    const task = await taskOf(kernel, await ask(kernel, ada, operation));
    const refused = await approve(kernel, task, ada);
    assert.ok(!refused.ok && refused.rejection.code === 'FORBIDDEN', operation.do);
  }
  assert.deepEqual(
    [directory.user('puppet'), directory.user('carl')?.roles, directory.user('bob')?.password],
    [undefined, ['operator'], null],
  );
  assert.ok(directory.rule(FOUR_EYES));
});

test('two can do it: a new user is there after the approval, and the rule is lifted by two', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const { directory } = kernel.identity;
  const added = await ask(kernel, ada, newUser('dora', 'viewer'));
  assert.ok((await approve(kernel, await taskOf(kernel, added), bob)).ok);
  await isOver(kernel, added);
  assert.deepEqual(directory.user('dora')?.roles, ['viewer']);
  const lifted = await ask(kernel, bob, { do: 'liftRule', name: FOUR_EYES });
  assert.ok((await approve(kernel, await taskOf(kernel, lifted), ada)).ok);
  await isOver(kernel, lifted);
  assert.equal(directory.rule(FOUR_EYES), undefined);
  assert.ok((await kernel.engine.deploy(changed('alone'), ada)).ok);
});

test('what gives nobody a right needs one: own tokens and passwords, a token revoked, a user disabled, as long as two can approve', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const { directory } = kernel.identity;
  const own = { user: 'carl', label: 'x', hash: 'a'.repeat(64), roles: null, expiresAt: null } as const;
  await isOver(kernel, await ask(kernel, carl, { do: 'createToken', ...own }));
  await isOver(kernel, await ask(kernel, carl, { do: 'setPassword', name: 'carl', password: 'scrypt$…' }));
  await isOver(kernel, await ask(kernel, ada, { do: 'revokeToken', token: 'aaaa' }));
  await isOver(kernel, await ask(kernel, ada, { do: 'disableUser', name: 'carl' }));
  assert.deepEqual([directory.user('carl')?.state, directory.token('a'.repeat(64))], ['disabled', undefined]);
  await assert.rejects(
    ask(kernel, ada, { do: 'disableUser', name: 'bob' }),
    /only ada has the permission deploySystem/,
  );
});

test('the rule is not set where nobody can tell two persons apart, nor where only one could approve', async () => {
  await using alone = await setUp({ rule: false, authentication: 'none' });
  const anonymous: Subject = { kind: 'anonymous', id: 'ada' };
  await assert.rejects(ask(alone.kernel, anonymous, { do: 'setRule', name: FOUR_EYES }), (error) => {
    assert.ok(error instanceof Refused);
    assert.match(error.message, /Without authentication nobody can tell a second person from the first/);
    return true;
  });
  await using one = await setUp({ rule: false });
  put(one.store, { set: { ...user('bob', 'administrator'), state: 'disabled' } });
  await assert.rejects(
    ask(one.kernel, ada, { do: 'setRule', name: FOUR_EYES }),
    /two active users must be able to approve/,
  );
});

test('starting the system without authentication does not lift it: then nobody changes the system', async () => {
  await using setting = await setUp({ authentication: 'none' });
  const { kernel } = setting;
  await isRefused(kernel.engine.deploy(changed('new'), { kind: 'anonymous', id: 'anonymous' }));
  await isRefused(kernel.engine.deploy(changed('new'), { kind: 'anonymous', id: 'bob' }));
  const task = await handIn(kernel, changed('new'), { kind: 'anonymous', id: 'ada' });
  assert.ok(!(await approve(kernel, task, { kind: 'anonymous', id: 'bob' })).ok);
});

test('a backup does not take the place of a system under the rule, whoever asks for it', async () => {
  await using setting = await setUp();
  const { kernel } = setting;
  const refused = await kernel.engine.submit(
    { type: 'createProcessInstance', definition: { bpmnProcessId: 'procos_system_restore' } },
    ada,
  );
  assert.ok(!refused.ok && /not replaced by a backup/.test(refused.rejection.message));
});

test('changes of the same user that come at the same time do not undo each other', async () => {
  await using setting = await setUp({ rule: false });
  const { kernel } = setting;
  const [roles, mail, password] = await Promise.all([
    ask(kernel, ada, { do: 'changeUser', name: 'carl', roles: ['developer'] }),
    ask(kernel, ada, { do: 'changeUser', name: 'carl', email: 'carl@example.org' }),
    ask(kernel, ada, { do: 'setPassword', name: 'carl', password: 'scrypt$…' }),
  ]);
  for (const id of [roles, mail, password]) await isOver(kernel, id ?? 0);
  const carlNow = kernel.identity.directory.user('carl');
  assert.deepEqual(
    [carlNow?.roles, carlNow?.email, carlNow?.password],
    [['developer'], 'carl@example.org', 'scrypt$…'],
  );
});
