/** Users, groups and what they may do, as Camunda's clients ask for them, on a system that asks everybody who he is. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Described } from '../../testing/described.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const PASSWORD = 'correct horse battery';
/** JSON as it came. */
type Wire = ReturnType<typeof JSON.parse>;

const basic = (name: string, password = PASSWORD): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

describe('users, groups and authorizations', () => {
  const described = new Described();
  let system: System;
  let root = '';

  async function ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
    authorization = root,
  ): Promise<{ readonly status: number; readonly body: Wire }> {
    const answer = await system.app.inject({
      method,
      url: `/engine-rest${path}`,
      headers: { authorization },
      ...(payload ? { payload } : {}),
    });
    // What waits for a second person Camunda does not know.
    if (answer.statusCode !== 202) described.check(method, path, answer.statusCode, answer.body);
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }
  const get = async (path: string, authorization?: string) => (await ask('GET', path, undefined, authorization)).body;

  before(async () => {
    system = await startSystem({ authentication: 'required' });
    await system.kernel.ready;
    const setup = `Bearer ${system.kernel.identity.access.setupToken()}`;
    const profile = { id: 'first', firstName: 'Grace', lastName: 'Hopper', email: 'grace@example.org' };
    assert.equal(
      (await ask('POST', '/user/create', { profile, credentials: { password: PASSWORD } }, setup)).status,
      204,
    );
    const operations = [{ do: 'addUser', name: 'root', roles: ['administrator'], password: PASSWORD }];
    const headers = { authorization: setup };
    await system.app.inject({ method: 'POST', url: '/api/identity-changes', headers, payload: { operations } });
    root = basic('root');
    for (let turn = 0; turn < 500 && (await ask('GET', '/user/count')).status !== 200; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
  });
  after(() => system.stop());

  it('a user is made by the process of the system, is found by all that is known of him, and goes', async () => {
    const profile = { id: 'ada', firstName: 'Ada Augusta', lastName: 'King Noel', email: 'ada@example.org' };
    assert.equal((await ask('POST', '/user/create', { profile, credentials: { password: PASSWORD } })).status, 204);
    assert.deepEqual(await get('/user/ada/profile'), profile);
    for (const query of [
      'id=ada',
      'firstNameLike=Ada%25',
      'lastName=King%20Noel',
      'emailLike=ada%25',
      'idIn=ada,nobody',
    ])
      assert.deepEqual(await get(`/user?${query}`), [profile], query);
    const ids = async (query: string) => (await get(`/user?${query}`)).map(({ id }: Wire) => id);
    assert.deepEqual(await ids('sortBy=userId&sortOrder=desc'), ['root', 'first', 'ada']);
    assert.deepEqual(await ids('sortBy=userId&sortOrder=asc&firstResult=1&maxResults=1'), ['first']);
    assert.deepEqual(await get('/user/count'), { count: 3 });
    const log = system.kernel.engine.find('processInstances', {
      where: [{ column: 'bpmnProcessId', op: '=', value: 'procos_system_user_management' }],
    });
    assert.ok(log.length >= 3, 'every change is a run of the process');
    const twice = await system.app.inject({
      method: 'POST',
      url: '/engine-rest/user/create',
      headers: { authorization: root },
      payload: { profile },
    });
    assert.deepEqual([twice.statusCode, twice.json().type], [500, 'ProcessEngineException']);
    assert.match(twice.json().message, /There is a user ada already/);

    const changed = { id: 'ada', firstName: 'Ada', lastName: 'Lovelace', email: null };
    assert.equal((await ask('PUT', '/user/ada/profile', changed)).status, 204);
    assert.deepEqual(await get('/user/ada/profile'), changed);
    const credentials = { password: 'another horse battery', authenticatedUserPassword: PASSWORD };
    assert.equal(
      (await ask('PUT', '/user/ada/credentials', { ...credentials, authenticatedUserPassword: 'wrong' })).status,
      400,
    );
    assert.equal((await ask('PUT', '/user/ada/credentials', credentials)).status, 204);
    assert.equal((await ask('PUT', '/user/nobody/credentials', credentials)).status, 404);
    const verify = (username: string, password: string) => ask('POST', '/identity/verify', { username, password });
    assert.equal((await verify('ada', 'another horse battery')).body.authenticated, true);
    assert.deepEqual((await verify('ada', PASSWORD)).body, {
      authenticatedUser: 'ada',
      authenticated: false,
      tenants: null,
      groups: null,
    });
    assert.equal((await ask('POST', '/identity/verify', { username: 'ada' })).status, 400);
    assert.equal((await ask('DELETE', '/user/ada')).status, 204);
    assert.equal((await ask('DELETE', '/user/ada')).status, 404);
    assert.equal((await ask('GET', '/user/ada/profile')).status, 404);
  });

  it('a group has members, who see each other', async () => {
    const group = { id: 'clerks', name: 'The clerks', type: 'WORKFLOW' };
    assert.equal((await ask('POST', '/group/create', group)).status, 204);
    assert.equal((await ask('POST', '/group/create', group)).status, 500);
    assert.deepEqual(await get('/group/clerks'), group);
    for (const query of ['id=clerks', 'name=The%20clerks', 'nameLike=The%25', 'type=WORKFLOW'])
      assert.deepEqual(await get(`/group?${query}`), [group], query);
    assert.deepEqual((await ask('POST', '/group', { idIn: ['clerks'] })).body, [group]);
    assert.deepEqual((await ask('POST', '/group/count', { type: 'SYSTEM' })).body, { count: 0 });
    for (const user of ['first', 'root']) assert.equal((await ask('PUT', `/group/clerks/members/${user}`)).status, 204);
    assert.equal((await ask('PUT', '/group/clerks/members/nobody')).status, 500);
    assert.equal((await ask('PUT', '/group/nothing/members/root')).status, 500);
    assert.deepEqual((await get('/user?memberOfGroup=clerks')).map(({ id }: Wire) => id).sort(), ['first', 'root']);
    assert.deepEqual(await get('/group?member=first'), [group]);
    assert.deepEqual(await get('/identity/groups?userId=first', basic('first')), {
      groups: [{ id: 'clerks', name: 'The clerks' }],
      groupUsers: [{ id: 'root', firstName: null, lastName: null, displayName: 'root' }],
    });
    assert.equal((await ask('GET', '/identity/groups')).status, 400);
    assert.equal((await ask('PUT', '/group/clerks', { ...group, name: 'Clerks' })).status, 204);
    assert.equal((await get('/group/clerks')).name, 'Clerks');
    assert.equal((await ask('DELETE', '/group/clerks/members/first')).status, 204);
    assert.deepEqual(await get('/group/count?member=first'), { count: 0 });
    assert.equal((await ask('DELETE', '/group/clerks')).status, 204);
    assert.equal((await ask('GET', '/group/clerks')).status, 404);
  });

  it('who may not change users sees himself alone, and changes his own password', async () => {
    const first = basic('first');
    assert.deepEqual(
      (await get('/user', first)).map(({ id }: Wire) => id),
      ['first'],
    );
    assert.deepEqual(await get('/group/count', first), { count: 0 });
    assert.equal((await ask('GET', '/user/root/profile', undefined, first)).status, 404);
    assert.equal((await ask('POST', '/group/create', { id: 'mine' }, first)).status, 403);
    assert.equal((await ask('PUT', '/user/first/profile', { firstName: 'A' }, first)).status, 403);
    const credentials = { password: 'a horse of my own', authenticatedUserPassword: PASSWORD };
    assert.equal((await ask('PUT', '/user/first/credentials', credentials, first)).status, 204);
    assert.equal(
      (
        await ask(
          'PUT',
          '/user/first/credentials',
          { ...credentials, password: 'short' },
          basic('first', 'a horse of my own'),
        )
      ).status,
      400,
    );
    assert.deepEqual(await get('/identity/password-policy'), {
      rules: [{ placeholder: 'PASSWORD_POLICY_LENGTH', parameter: { minLength: '10' } }],
    });
    assert.equal((await ask('POST', '/identity/password-policy', { password: 'short' })).body.valid, false);
  });

  it('who administers users has what was guessed at a password forgotten', async (test) => {
    const forgotten = test.mock.method(system.kernel.identity.access, 'forgetGuesses');
    await ask('POST', '/user/create', { profile: { id: 'eva' }, credentials: { password: PASSWORD } });
    assert.equal((await ask('POST', '/user/eva/unlock', undefined, basic('eva'))).status, 403);
    assert.equal((await ask('POST', '/user/nobody/unlock')).status, 404);
    assert.equal(forgotten.mock.callCount(), 0);
    assert.equal((await ask('POST', '/user/eva/unlock')).status, 204);
    assert.deepEqual(
      forgotten.mock.calls.map((call) => call.arguments),
      [['eva']],
    );
  });

  it('roles are told in words of authorizations', async () => {
    const operations = [{ do: 'addUser', name: 'clerk', roles: ['worker'], password: PASSWORD }];
    const payload = { operations };
    await system.app.inject({
      method: 'POST',
      url: '/api/identity-changes',
      headers: { authorization: root },
      payload,
    });
    for (let turn = 0; turn < 500 && (await ask('GET', '/user/clerk/profile')).status !== 200; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const check = async (permission: string, type: number, user?: string) =>
      (
        await get(
          `/authorization/check?permissionName=${permission}&resourceName=any&resourceType=${type}`,
          user === undefined ? root : basic(user),
        )
      ).authorized;
    assert.equal(await check('TASK_WORK', 7, 'clerk'), true);
    assert.equal(await check('CREATE_INSTANCE', 6, 'clerk'), false);
    assert.equal(await check('ALL', 9, 'clerk'), false);
    assert.equal(await check('ALL', 9), true);
    const ofClerk = '/authorization/check?permissionName=READ&resourceName=Task&resourceType=7&userId=clerk';
    assert.equal((await get(ofClerk)).authorized, true);
    assert.equal(
      (await ask('GET', ofClerk.replace('userId=clerk', 'userId=root'), undefined, basic('clerk'))).status,
      403,
    );
    assert.equal((await ask('GET', ofClerk.replace('READ', 'FLY'))).status, 400);
    const tasks = await get('/authorization?userIdIn=clerk&resourceType=7');
    assert.deepEqual(tasks, [
      {
        id: 'user:clerk:7',
        type: 1,
        permissions: ['ALL'],
        userId: 'clerk',
        groupId: null,
        resourceType: 7,
        resourceId: '*',
        removalTime: null,
        rootProcessInstanceId: null,
      },
    ]);
    assert.deepEqual(await get('/authorization/user:clerk:7'), tasks[0]);
    assert.equal((await ask('GET', '/authorization/user:clerk:9999')).status, 404);
    assert.ok((await get('/authorization/count')).count > tasks.length);
    const filter = { resourceType: 'Task', name: 'All', owner: 'root', query: {} };
    const { id } = (await ask('POST', '/filter/create', filter)).body;
    const clerk = basic('clerk');
    assert.equal((await ask('PUT', `/filter/${id}`, filter, clerk)).status, 403);
    assert.equal((await ask('DELETE', `/filter/${id}`, undefined, clerk)).status, 403);
    assert.equal((await ask('POST', '/filter/create', filter, basic('first', 'a horse of my own'))).status, 403);
    const own = (await ask('POST', '/filter/create', { ...filter, owner: 'clerk' }, clerk)).body;
    assert.equal((await ask('PUT', `/filter/${own.id}`, filter, clerk)).status, 204);
    assert.equal((await ask('DELETE', `/filter/${own.id}`)).status, 204);
    const created = await system.app.inject({
      method: 'POST',
      url: '/engine-rest/authorization/create',
      headers: { authorization: root },
      payload: { type: 1, permissions: ['ALL'], userId: 'clerk', resourceType: 9, resourceId: '*' },
    });
    assert.equal(created.statusCode, 501);
  });

  it('where two are needed a change is taken in, and done when the second one has approved', async () => {
    const second = [
      { do: 'addUser', name: 'second', roles: ['administrator'], password: PASSWORD },
      { do: 'setRule', name: 'four-eyes' },
    ];
    for (const operation of second) {
      const payload = { operations: [operation] };
      await system.app.inject({
        method: 'POST',
        url: '/api/identity-changes',
        headers: { authorization: root },
        payload,
      });
      for (let turn = 0; turn < 200; turn += 1) {
        const there =
          operation.do === 'setRule'
            ? system.kernel.identity.directory.rule('four-eyes')
            : system.kernel.identity.directory.user('second');
        if (there !== undefined) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    const taken = await ask('POST', '/group/create', { id: 'approved' });
    assert.equal(taken.status, 202);
    assert.match(taken.body.message, /second person/);
    assert.equal((await ask('GET', '/group/approved')).status, 404);
    const [{ id }] = await get('/task?processDefinitionKey=procos_system_user_management');
    const approve = { variables: { approved: { value: true } } };
    assert.equal((await ask('POST', `/task/${id}/complete`, approve, basic('second'))).status, 204);
    for (let turn = 0; turn < 200 && (await ask('GET', '/group/approved')).status !== 200; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal((await ask('GET', '/group/approved')).status, 200);
  });
});
