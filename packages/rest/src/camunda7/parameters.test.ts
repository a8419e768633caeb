/** Every parameter of every list of the Camunda 7 face finds what it asks for and leaves out what it does not; every order. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Contract, skip } from '../testing/camunda-contract.test.ts';
import { ANOTHER, LISTS, type List, type Row } from '../testing/camunda-lists.test.ts';
import { CALLED, EVERYTHING, GRAPH, SHORT, STARTED } from '../testing/camunda-models.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';

const ALONE = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="alone" name="alone" namespace="n">
  <decision id="alone" name="Alone"><literalExpression><text>1</text></literalExpression></decision></definitions>`;
const PRESENTATION = new Set(['sortBy', 'sortOrder', 'sorting', 'firstResult', 'maxResults', 'deserializeValues']);

describe('parameters of lists', { skip }, () => {
  let system: System;
  let contract: Contract;
  /** What the words in capitals of the lists stand for. */
  const world: Record<string, unknown> = {};

  const send = async (method: 'GET' | 'POST' | 'PUT', path: string, payload?: object) => {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const get = async (path: string) => (await send('GET', path)).body;

  before(async () => {
    contract = new Contract();
    system = await startSystem();
    const files = {
      'everything.bpmn': EVERYTHING,
      'called.bpmn': CALLED,
      'short.bpmn': SHORT,
      'graph.dmn': GRAPH,
      'started.bpmn': STARTED,
      'alone.dmn': ALONE,
    };
    for (const tenant of ['', 'blue']) {
      const form = new FormData();
      for (const [name, value] of [
        ['deployment-name', `all${tenant}`],
        ['deployment-source', tenant === '' ? '' : 'tests'],
        ['tenant-id', tenant],
      ])
        form.append(name ?? '', value ?? '');
      for (const [name, content] of Object.entries(files)) form.append(name, new Blob([content]), name);
      const answer = await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: form });
      assert.equal(answer.status, 200, await answer.text());
    }
    const start = async (path: string, businessKey: string): Promise<string> => {
      const variables = { amount: { value: 7, type: 'Integer' }, word: { value: 'Grün' } };
      return (await send('POST', `/process-definition/key/${path}/start`, { businessKey, variables })).body.id;
    };
    const id = await start('everything', 'order-1');
    const other = await start('everything/tenant-id/blue', 'order-2');
    await start('short', 'order-3');
    await start('short/tenant-id/blue', 'order-4');
    const ended = await start('everything', 'order-5');
    for (const instance of [id, other, ended]) {
      for (let turns = 0; (await get(`/incident?processInstanceId=${instance}`)).length === 0; turns += 1) {
        assert.ok(turns < 400, 'the incident does not come');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    await system.app.inject({ method: 'DELETE', url: `/engine-rest/process-instance/${ended}` });
    const [incident] = await get(`/incident?processInstanceId=${id}`);
    const early = await start('everything', 'order-6');
    const [timer] = await get(`/job?processInstanceId=${early}&activityId=Later`);
    assert.equal((await send('POST', `/job/${timer.id}/execute`)).status, 204);
    const [task] = await get(`/task?processInstanceId=${id}`);
    await send('PUT', `/task/${task.id}`, {
      ...task,
      description: 'what it is',
      owner: 'carl',
      delegationState: 'PENDING',
    });
    const topics = [{ topicName: 'ship', lockDuration: 60_000 }];
    const [locked] = (await send('POST', '/external-task/fetchAndLock', { workerId: 'w', maxTasks: 1, topics })).body;
    const failure = { workerId: 'w', errorMessage: 'no', errorDetails: 'at 1', retries: 0, retryTimeout: 0 };
    await send('POST', `/external-task/${locked.id}/failure`, failure);
    await send('POST', '/external-task/fetchAndLock', { workerId: 'w2', maxTasks: 1, topics });
    await send('POST', `/process-instance/${id}/variables`, {
      modifications: { amount: { value: 7, type: 'Integer' } },
    });
    const raised = { incidentType: 'mine', configuration: '5', message: 'look' };
    const mine = (await send('POST', `/execution/${id}/create-incident`, raised)).body;
    await system.app.inject({ method: 'DELETE', url: `/engine-rest/incident/${mine.id}` });
    await send('POST', `/execution/${id}/create-incident`, raised);
    await send('PUT', `/process-instance/${other}/suspended`, { suspended: true });
    await send('PUT', '/process-definition/key/byMessage/suspended', { suspended: true });
    const [definition] = await get(`/job-definition?activityIdIn=Later&withoutTenantId=true`);
    await send('PUT', `/job-definition/${definition.id}/jobPriority`, { priority: 9 });
    const [blue] = await get('/job-definition?activityIdIn=Later&tenantIdIn=blue');
    await send('PUT', `/job-definition/${blue.id}/suspended`, { suspended: true });
    const again = new FormData();
    again.append(
      'again.bpmn',
      new Blob([CALLED.replace('name="Called"', 'name="Called" camunda:isStartableInTasklist="false"')]),
      'again.bpmn',
    );
    again.append('graph.dmn', new Blob([GRAPH]), 'graph.dmn');
    assert.equal(
      (await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: again })).status,
      200,
    );
    const [called] = await get(`/process-instance?superProcessInstance=${id}`);
    const [{ id: deployment, deploymentTime }] = await get('/deployment?name=all');
    const [root] = await get('/history/decision-instance?rootDecisionInstancesOnly=true');
    Object.assign(world, {
      DEPLOYED: deploymentTime,
      INCIDENT: incident.id,
      MESSAGE: incident.incidentMessage,
      DEPLOYMENT: deployment,
      CALLER: id,
      CALLED: called.id,
      DEFINITION: incident.processDefinitionId,
      TASK: task.id,
      TASK_EXECUTION: task.executionId,
      CREATED: task.created,
      JOB_DEFINITION: incident.jobDefinitionId,
      ROOT: root.id,
    });
  });
  after(() => system?.stop());

  /** Of both ways to ask the same is answered. */
  async function ask(list: List, asked: Row): Promise<readonly Row[]> {
    const { path, posts } = list;
    const before = system.kernel.engine.lastSequence;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(asked)) query.set(name, inQuery(value));
    const answer = await send('GET', `${path}?${query}`);
    assert.equal(answer.status, 200, `${path}?${query}: ${JSON.stringify(answer.body)}`);
    if (posts !== true) return answer.body;
    const { sortBy, sortOrder, firstResult, maxResults, ...rest } = asked;
    const page = firstResult === undefined ? '' : `?firstResult=${firstResult}&maxResults=${maxResults}`;
    const posted = await send(
      'POST',
      path + page,
      sortBy === undefined ? rest : { ...rest, sorting: [{ sortBy, sortOrder }] },
    );
    assert.equal(posted.status, 200, `${path} ${JSON.stringify(asked)}: ${JSON.stringify(posted.body)}`);
    // The system looks after its health every minute, also between the two.
    if (system.kernel.engine.lastSequence !== before) return ask(list, asked);
    assert.deepEqual(posted.body, answer.body, `${path} ${JSON.stringify(asked)}`);
    return answer.body;
  }

  function inQuery(value: unknown): string {
    if (!Array.isArray(value)) return String(value);
    return value
      .map((one) => {
        if (typeof one !== 'object' || one === null) return String(one);
        const { name, operator, value: compared } = one as Record<string, unknown>;
        return name === undefined ? `${operator}_${compared}` : `${name}_${operator}_${compared}`;
      })
      .join(',');
  }

  /** A value that a row has, and one that none has; a list where the parameter takes several. */
  function pairOf(list: List, name: string, all: readonly Row[]): readonly [unknown, unknown] {
    const given = list.values?.[name];
    if (given !== undefined) return [known(given[0], list, name, all), known(given[1], list, name, all)];
    const isLike = name.endsWith('Like');
    const isList = /(In|Ids|IdNotIn)$/.test(name);
    const plain = name.replace(/(Like|In)$/, '');
    const candidates = [list.members?.[name], list.members?.[plain], name, plain].filter((one) => one !== undefined);
    for (const member of candidates) {
      const row = all.find((one) => one[member] !== null && one[member] !== undefined && one[member] !== '');
      const value = row?.[member];
      if (value === undefined) continue;
      if (/(after|before)$/i.test(name))
        return /after$/i.test(name)
          ? [ANOTHER, '2099-01-02T03:04:05.000+0000']
          : ['2099-01-02T03:04:05.000+0000', ANOTHER];
      if (isLike) return [`%${String(value).slice(1)}`, '%nothing%'];
      const no = typeof value === 'number' ? 99_999 : /Id$/.test(member) || member === 'id' ? '999999' : 'nothing';
      return isList ? [[value], [no]] : [value, no];
    }
    throw new Error(`${list.path}: no row shows ${name}`);
  }

  function known(value: unknown, list: List, name: string, all: readonly Row[]): unknown {
    if (value === 'KEYS') {
      const member =
        list.members?.[name] ??
        (name.includes('DefinitionKey') && list.path.endsWith('process-instance')
          ? list.path.startsWith('/history')
            ? 'processDefinitionKey'
            : 'definitionKey'
          : name.startsWith('task')
            ? 'taskDefinitionKey'
            : 'id');
      return [...new Set(all.map((row) => String(row[member])))];
    }
    if (Array.isArray(value)) return value.map((one) => (typeof one === 'string' ? (world[one] ?? one) : one));
    return typeof value === 'string' ? (world[value] ?? value) : value;
  }

  const words = (text = ''): ReadonlySet<string> => new Set(text.split(/\s+/));

  for (const list of LISTS) {
    it(`of ${list.path}`, async () => {
      const all = await ask(list, {});
      assert.ok(all.length > 1, `${list.path} has too few rows`);
      const parameters = new Map([
        ...contract.parametersOf('GET', list.path),
        ...(list.posts ? contract.parametersOf('POST', list.path) : []),
      ]);
      const [idle, empty] = [words(list.idle), words(list.empty)];
      const wrong: string[] = [];
      for (const [name, { isFlag }] of parameters) {
        if (PRESENTATION.has(name) || list.elsewhere?.[name] !== undefined) continue;
        const along = list.along?.[name] ?? {};
        if (idle.has(name)) {
          // More may have come: the system's own processes go on.
          if ((await ask(list, { ...along, [name]: true })).length < all.length)
            wrong.push(`${name} leaves out something`);
          continue;
        }
        if (empty.has(name)) {
          const found = await ask(list, { ...along, [name]: isFlag ? true : 'x' });
          if (found.length > 0) wrong.push(`${name} finds ${found.length}`);
          continue;
        }
        if (isFlag && list.values?.[name] === undefined) {
          const found = await ask(list, { ...along, [name]: true });
          if (found.length === 0 || found.length >= all.length)
            wrong.push(`${name}=true finds ${found.length} of ${all.length}`);
          continue;
        }
        const [yes, no] = pairOf(list, name, all);
        const found = await ask(list, { ...along, [name]: yes });
        if (found.length === 0) wrong.push(`${name}=${JSON.stringify(yes)} finds nothing`);
        if (name === 'nameNotEqual' || name === 'followUpBeforeOrNotExistent') continue;
        const left = await ask(list, { ...along, [name]: no });
        if (left.length > 0) wrong.push(`${name}=${JSON.stringify(no)} finds ${left.length}`);
      }
      assert.deepEqual(wrong, []);
    });

    it(`of ${list.path}: every order, and pages`, async () => {
      const wrong: string[] = [];
      for (const sortBy of contract.sortByOf('GET', list.path)) {
        if (words(list.sortsByVariable).has(sortBy)) continue;
        const ascending = await ask(list, { sortBy, sortOrder: 'asc' }).catch((error: Error) => error.message);
        const descending = await ask(list, { sortBy, sortOrder: 'desc' }).catch((error: Error) => error.message);
        if (typeof ascending === 'string' || typeof descending === 'string') {
          wrong.push(`${sortBy}: ${ascending}`);
          continue;
        }
        const member = list.sorts?.[sortBy] === undefined ? sortBy : list.sorts[sortBy];
        if (member === null) continue;
        if (!(member in (ascending[0] ?? {}))) wrong.push(`${sortBy}: no row shows ${member}`);
        for (const [rows, sign] of [
          [ascending, 1],
          [descending, -1],
        ] as const) {
          const values = rows.map((row) => keyOf(row[member]));
          const at = values.findIndex(
            (value, index) => index > 0 && sign * compare(values[index - 1] as never, value as never) > 0,
          );
          if (at > 0) wrong.push(`${sortBy} ${sign}: ${values[at - 1]} before ${values[at]}`);
        }
        const { page, whole } = await pageOf(list, sortBy);
        assert.deepEqual(page, whole.slice(1, 2), `${list.path} by ${sortBy}`);
      }
      assert.deepEqual(wrong, []);
    });
  }

  /** The second row, and all rows that there were meanwhile: where a process of the system has gone on in between, both are asked for again. */
  async function pageOf(
    list: List,
    sortBy: string,
  ): Promise<{ readonly page: readonly Row[]; readonly whole: readonly Row[] }> {
    const order = { sortBy, sortOrder: 'asc' };
    for (;;) {
      const whole = await ask(list, order);
      const page = await ask(list, { ...order, firstResult: 1, maxResults: 1 });
      if (isDeepStrictEqual(await ask(list, order), whole)) return { page, whole };
    }
  }

  /** Ids are numbers that grow. */
  function keyOf(value: unknown): string | number | null {
    if (value === null || value === undefined) return null;
    if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
    const text = String(value);
    const number = /^\d+$/.test(text) ? text : /^[\w-]+:\d+:(\d+)$/.exec(text)?.[1];
    return number === undefined ? text : Number(number);
  }

  function compare(left: string | number | null, right: string | number | null): number {
    if (left === right) return 0;
    if (left === null) return -1;
    if (right === null) return 1;
    return left < right ? -1 : 1;
  }

  it('queries inside a query: one of the parameters must hold, beside those of the query itself', async () => {
    for (const [path, one, other, none, member] of [
      ['/task', { name: 'Check it' }, { taskDefinitionKey: 'Inner' }, { name: 'nothing' }, 'id'],
      ['/process-instance', { businessKey: 'order-1' }, { businessKeyLike: '%-2' }, { businessKey: 'nothing' }, 'id'],
      [
        '/history/process-instance',
        { processInstanceBusinessKey: 'order-3' },
        { processDefinitionKey: 'called' },
        { processInstanceBusinessKey: 'nothing' },
        'id',
      ],
    ] as const) {
      const idsOf = async (body: object): Promise<unknown[]> =>
        (await send('POST', path, body)).body.map((row: Row) => row[member]).toSorted();
      const [first, second] = [await idsOf(one), await idsOf(other)];
      assert.ok(first.length > 0 && second.length > 0, path);
      assert.deepEqual(
        await idsOf({ orQueries: [{ ...one, ...other }] }),
        [...new Set([...first, ...second])].toSorted(),
        path,
      );
      assert.deepEqual(
        await idsOf({ orQueries: [one, other] }),
        first.filter((id) => second.includes(id)),
        path,
      );
      assert.deepEqual(await idsOf({ ...one, orQueries: [{ ...one, ...other }] }), first, path);
      assert.deepEqual(await idsOf({ orQueries: [none] }), [], path);
      const count = await send('POST', `${path}/count`, { orQueries: [{ ...one, ...other }] });
      assert.deepEqual(count.body, { count: new Set([...first, ...second]).size }, path);
    }
  });

  it('names and values of variables are compared without their letter case where that is asked for', async () => {
    for (const path of ['/process-instance', '/execution', '/task', '/external-task', '/history/process-instance']) {
      const member = path.includes('process-instance') ? 'variables' : 'processVariables';
      const count = async (name: string, value: string, flags: object) =>
        (await send('POST', path, { [member]: [{ name, operator: 'eq', value }], ...flags })).body.length;
      const all = await count('word', 'Grün', {});
      assert.ok(all > 0, path);
      assert.equal(await count('WORD', 'Grün', {}), 0, path);
      assert.equal(await count('WORD', 'Grün', { variableNamesIgnoreCase: true }), all, path);
      assert.equal(await count('word', 'grÜN', {}), 0, path);
      assert.equal(await count('word', 'grÜN', { variableValuesIgnoreCase: true }), all, path);
    }
  });

  it('tasks are sorted by variables, and told with them', async () => {
    const by = (sortBy: string, sortOrder: string, variable: string) => ({
      sorting: [{ sortBy, sortOrder, parameters: { variable, type: 'Integer' } }],
    });
    const [one] = (await send('POST', '/task', { processInstanceBusinessKey: 'order-6' })).body;
    await send('PUT', `/process-instance/${one.processInstanceId}/variables/amount`, { value: 100, type: 'Integer' });
    await send('PUT', `/task/${one.id}/localVariables/mine`, { value: 1, type: 'Integer' });
    const first = async (body: object) => (await send('POST', '/task', body)).body[0].id;
    assert.equal(await first(by('processVariable', 'desc', 'amount')), one.id);
    assert.equal(await first(by('taskVariable', 'desc', 'mine')), one.id);
    assert.notEqual(await first(by('executionVariable', 'asc', 'mine')), one.id);
    assert.equal((await send('GET', '/task?sortBy=processVariable&sortOrder=asc')).status, 400);
    const [local] = (await send('POST', '/task', { taskId: one.id, withTaskLocalVariablesInReturn: true })).body;
    assert.deepEqual(Object.keys(local.variables).toSorted(), ['mine', 'own']);
    const [visible] = await get(`/task?taskId=${one.id}&withTaskVariablesInReturn=true`);
    assert.deepEqual(Object.keys(visible.variables).toSorted(), ['amount', 'mine', 'own', 'word']);
  });

  it('a query has no more orders, alternatives and conditions than can be looked at', async () => {
    const condition = { name: 'word', operator: 'eq', value: 'x' };
    for (const [name, one] of [
      ['sorting', { sortBy: 'name', sortOrder: 'asc' }],
      ['orQueries', { name: 'x' }],
      ['processVariables', condition],
    ] as const) {
      assert.equal((await send('POST', '/task', { [name]: Array(100).fill(one) })).status, 200, name);
      const { status, body } = await send('POST', '/task', { [name]: Array(101).fill(one) });
      assert.equal(status, 400, name);
      assert.match(body.message, new RegExp(`'${name}' has 101 entries: at most 100`));
    }
  });

  it('the expression of a filter is text', async () => {
    const filter = { resourceType: 'Task', name: 'odd', query: { assigneeExpression: {} } };
    const { status, body } = await send('POST', '/filter/create', filter);
    assert.equal(status, 400);
    assert.match(body.message, /'assigneeExpression' of a filter must be the text of an expression/);
  });

  it('expressions are refused from outside', async () => {
    const answer = await send('GET', '/task?assigneeExpression=%24%7BcurrentUser()%7D');
    assert.deepEqual([answer.status, answer.body.type], [400, 'BadUserRequestException']);
  });
});
