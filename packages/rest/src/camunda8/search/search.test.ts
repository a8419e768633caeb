/** Searches of the Camunda 8 face on the real engine, asked by the published client, which checks every answer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const ORDER = zeebe(
  'order',
  `<bpmn:startEvent id="Start" />${job('Pay', 'pay', '<zeebe:taskHeaders><zeebe:header key="bank" value="x" /></zeebe:taskHeaders>')}<bpmn:endEvent id="End" />`,
  ['Start->Pay', 'Pay->End'],
);
const WAIT = zeebe(
  'wait',
  `<bpmn:startEvent id="Start" />
   <bpmn:intermediateCatchEvent id="Paid"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>
   <bpmn:exclusiveGateway id="Which" /><bpmn:endEvent id="End" />`,
  ['Start->Paid', 'Paid->Which', 'Which->End'],
);
const NOW = { consistency: { waitUpToMs: 0 } };

describe('searches of Camunda 8', () => {
  let system: System;
  let camunda: CamundaClient;
  let unchecked: CamundaClient;
  const started: string[] = [];

  before(async () => {
    system = await startSystem();
    camunda = camunda8Client(system.url);
    unchecked = camunda8Client(system.url, { CAMUNDA_SDK_VALIDATION: 'req:none,res:strict' });
    await system.deploy({ 'order.bpmn': ORDER, 'wait.bpmn': WAIT });
    for (let at = 0; at < 7; at++) {
      const { processInstanceKey } = await camunda.createProcessInstance({
        processDefinitionId: 'order' as never,
        variables: { order: `o${at}`, price: at, long: 'x'.repeat(at === 0 ? 9_000 : 1) },
        businessId: `B-${at}` as never,
      });
      started.push(processInstanceKey);
    }
  });
  after(() => system.stop());

  // Checking the request, the client takes 'page' for the first of its kinds that fits and drops 'from', 'after' and 'before'.
  const found = async (body: object) => (await unchecked.searchProcessInstances(body as never, NOW)) as never as Page;
  interface Page {
    readonly items: readonly { readonly processInstanceKey: string; readonly businessId: string }[];
    readonly page: {
      readonly totalItems: number;
      readonly hasMoreTotalItems: boolean;
      startCursor: string | null;
      endCursor: string | null;
    };
  }
  const keys = (page: Page) => page.items.map(({ processInstanceKey }) => processInstanceKey);

  it('finds instances by each kind of condition', async () => {
    const order = { processDefinitionId: 'order' };
    const cases: readonly [object, readonly number[]][] = [
      [{ businessId: 'B-3' }, [3]],
      [{ businessId: { $in: ['B-1', 'B-2', 'B-9'] } }, [1, 2]],
      // As the published Java client writes it.
      [{ processInstanceKey: { $eq: started[2], $in: [], $notIn: [] } }, [2]],
      [{ ...order, businessId: { $notIn: ['B-1', 'B-2'] } }, [0, 3, 4, 5, 6]],
      [{ ...order, businessId: { $neq: 'B-1' } }, [0, 2, 3, 4, 5, 6]],
      [{ businessId: { $like: 'B-?' } }, [0, 1, 2, 3, 4, 5, 6]],
      [{ ...order, businessId: { $like: 'B*5' } }, [5]],
      [{ ...order, businessId: { $exists: false } }, []],
      [{ processInstanceKey: { $in: [started[4], started[2]] } }, [2, 4]],
      [{ ...order, processInstanceKey: started[6], state: 'ACTIVE' }, [6]],
      [{ ...order, state: { $neq: 'ACTIVE' } }, []],
      [{ ...order, startDate: { $gt: '2100-01-01T00:00:00.000Z' } }, []],
      [{ ...order, variables: [{ name: 'price', value: '4' }] }, [4]],
      [
        {
          ...order,
          variables: [
            { name: 'order', value: { $like: '"o*"' } },
            { name: 'price', value: { $in: ['1', '2'] } },
          ],
        },
        [1, 2],
      ],
      [{ ...order, elementId: 'Pay', elementInstanceState: 'ACTIVE' }, [0, 1, 2, 3, 4, 5, 6]],
      [{ ...order, elementId: 'End' }, []],
      [{ ...order, $or: [{ businessId: 'B-0' }, { variables: [{ name: 'price', value: '6' }] }] }, [0, 6]],
      [{ ...order, hasIncident: true }, []],
      [{ processDefinitionName: 'Process order', processDefinitionVersion: { $gte: 1 } }, [0, 1, 2, 3, 4, 5, 6]],
      [
        { tenantId: '<default>', processDefinitionId: 'order', parentProcessInstanceKey: { $exists: false } },
        [0, 1, 2, 3, 4, 5, 6],
      ],
    ];
    for (const [filter, expected] of cases) {
      const page = await found({ filter });
      assert.deepEqual(
        keys(page),
        expected.map((at) => started[at]),
        JSON.stringify(filter),
      );
      assert.equal(page.page.totalItems, expected.length);
    }
  });

  it('pages by offset and by cursor, forward and back, in any order', async () => {
    const filter = { processDefinitionId: 'order' };
    for (const sort of [
      [],
      [{ field: 'processInstanceKey', order: 'DESC' }],
      [{ field: 'startDate', order: 'DESC' }],
      [{ field: 'businessId', order: 'DESC' }],
      [{ field: 'endDate' }, { field: 'businessId' }],
      [{ field: 'endDate', order: 'DESC' }, { field: 'processDefinitionName' }],
      [{ field: 'processDefinitionName' }, { field: 'businessId', order: 'DESC' }],
    ]) {
      const name = JSON.stringify(sort);
      const all = keys(await found({ filter, sort }));
      assert.deepEqual([...all].sort(), [...started].sort(), name);
      assert.deepEqual(keys(await found({ filter, sort, page: { from: 2, limit: 3 } })), all.slice(2, 5), name);
      const forward: string[] = [];
      const pages: Page[] = [];
      for (let after: string | null = null; ; ) {
        const page: Page = await found({ filter, sort, page: { limit: 3, ...(after === null ? {} : { after }) } });
        if (page.items.length === 0) break;
        forward.push(...keys(page));
        pages.push(page);
        assert.equal(page.page.totalItems, 7, name);
        after = page.page.endCursor;
      }
      assert.deepEqual(forward, all, name);
      const before = await found({ filter, sort, page: { before: pages.at(-1)?.page.startCursor, limit: 4 } });
      assert.deepEqual(keys(before), all.slice(2, 6), name);
      const first = await found({ filter, sort, page: { before: before.page.startCursor, limit: 4 } });
      assert.deepEqual(keys(first), all.slice(0, 2), name);
    }
  });

  it('tells what is wrong with a search, and where', async () => {
    const refused = async (path: string, body: object) => {
      const answer = await system.app.inject({ method: 'POST', url: `/v2${path}`, payload: body });
      assert.equal(answer.statusCode, 400, answer.body);
      assert.equal(answer.json().title, 'INVALID_ARGUMENT');
      return answer.json().detail as string;
    };
    const cases: readonly [object, RegExp][] = [
      [{ filter: { colour: 'red' } }, /'filter\.colour' is not known here: use processInstanceKey/],
      [{ filter: { state: 'GONE' } }, /'filter\.state' must be one of ACTIVE, COMPLETED, TERMINATED, but is "GONE"/],
      [{ filter: { businessId: { $near: 1 } } }, /'filter\.businessId\.\$near' is no operator/],
      [{ filter: { processInstanceKey: 'x' } }, /'filter\.processInstanceKey' must be a key/],
      [{ filter: { startDate: { $gt: 'today' } } }, /'filter\.startDate\.\$gt' must be a date/],
      [{ filter: { $or: [{ colour: 1 }] } }, /'filter\.\$or\[0\]\.colour'/],
      [{ sort: [{ field: 'colour' }] }, /'sort\[0\]\.field' must be one of processInstanceKey/],
      [{ sort: [{ field: 'state', order: 'UP' }] }, /'sort\[0\]\.order' must be one of ASC, DESC/],
      [{ filter: { elementInstanceState: 'constructor' } }, /'filter\.elementInstanceState' must be one of/],
      [{ filter: { $or: Array(101).fill({}) } }, /'filter\.\$or' must have at most 100 entries, but has 101/],
      [{ filter: { variables: Array(101).fill({ name: 'a', value: '1' }) } }, /'filter\.variables' must have at most/],
      [{ sort: Array(101).fill({ field: 'state' }) }, /'sort' must have at most 100 entries/],
      [{ page: { limit: 0 } }, /'page\.limit' must be a whole number from 1 to 10000/],
      [{ page: { limit: 10_001 } }, /'page\.limit'/],
      [{ page: { from: -1 } }, /'page\.from'/],
      [{ page: { from: 1, after: 'e30=' } }, /'page' must have one of/],
      [{ page: { after: 'e30=' } }, /'page\.after' is no cursor/],
      [{ page: { after: '?' } }, /'page\.after' is no cursor/],
      [{ pages: {} }, /'pages' is not known here/],
    ];
    for (const [body, expected] of cases) assert.match(await refused('/process-instances/search', body), expected);
    const { page } = await found({});
    const other = { sort: [{ field: 'state' }], page: { after: page.endCursor } };
    assert.match(await refused('/process-instances/search', other), /sorted in another way/);
  });

  it('finds what is inside an instance, and each by its key', async () => {
    const processInstanceKey = started[0] as never;
    const elements = await camunda.searchElementInstances({ filter: { processInstanceKey } }, NOW);
    assert.deepEqual(
      elements.items.map(({ elementId, type, state }) => [elementId, type, state]),
      [
        ['Start', 'START_EVENT', 'COMPLETED'],
        ['Pay', 'SERVICE_TASK', 'ACTIVE'],
      ],
    );
    const services = await camunda.searchElementInstances(
      { filter: { processInstanceKey, type: 'SERVICE_TASK' } },
      NOW,
    );
    const elementInstanceKey = services.items[0]?.elementInstanceKey as never;
    assert.deepEqual(await camunda.getElementInstance({ elementInstanceKey }, NOW), services.items[0]);
    const variables = await camunda.searchVariables({ filter: { processInstanceKey }, sort: [{ field: 'name' }] }, NOW);
    assert.deepEqual(
      variables.items.map(({ name, value, isTruncated }) => [name, value.length, isTruncated]),
      [
        ['long', 8_191, true],
        ['order', 4, false],
        ['price', 1, false],
      ],
    );
    const whole = await camunda.searchVariables(
      { filter: { processInstanceKey, isTruncated: true }, truncateValues: false },
      NOW,
    );
    assert.deepEqual(
      whole.items.map(({ value, isTruncated }) => [value.length, isTruncated]),
      [[9_002, false]],
    );
    const variableKey = whole.items[0]?.variableKey as never;
    assert.equal((await camunda.getVariable({ variableKey }, NOW)).value, JSON.stringify('x'.repeat(9_000)));
    const jobs = await camunda.searchJobs({ filter: { processInstanceKey, type: 'pay', state: 'CREATED' } }, NOW);
    assert.equal(jobs.items.length, 1);
    assert.deepEqual(jobs.items[0]?.customHeaders, { bank: 'x' });
    assert.equal(jobs.items[0]?.retries, 3);
    const flows = await camunda.getProcessInstanceSequenceFlows({ processInstanceKey }, NOW);
    assert.deepEqual(
      flows.items.map(({ elementId }) => elementId),
      ['f0'],
    );
    const { items } = await camunda.getProcessInstanceStatistics({ processInstanceKey }, NOW);
    assert.deepEqual(items, [
      { elementId: 'Start', active: 0, canceled: 0, incidents: 0, completed: 1 },
      { elementId: 'Pay', active: 1, canceled: 0, incidents: 0, completed: 0 },
    ]);
    const hierarchy = await camunda.getProcessInstanceCallHierarchy({ processInstanceKey }, NOW);
    assert.deepEqual(
      hierarchy.map(({ processDefinitionName }) => processDefinitionName),
      ['Process order'],
    );
  });

  it('finds definitions, and counts on their elements', async () => {
    const latest = await camunda.searchProcessDefinitions(
      {
        filter: { isLatestVersion: true, name: { $like: 'Process *' } },
        sort: [{ field: 'processDefinitionId', order: 'DESC' }],
      },
      NOW,
    );
    assert.deepEqual(
      latest.items.map(({ processDefinitionId }) => processDefinitionId),
      ['wait', 'order'],
    );
    const order = latest.items[1];
    assert.ok(order);
    const { processDefinitionKey } = order;
    assert.deepEqual(await camunda.getProcessDefinition({ processDefinitionKey }, NOW), order);
    const counted = await camunda.getProcessDefinitionStatistics(
      { processDefinitionKey, filter: { businessId: { $in: ['B-1', 'B-2'] as never } } },
      NOW,
    );
    assert.deepEqual(
      counted.items.map(({ elementId, active, completed }) => [elementId, active, completed]),
      [
        ['Start', 0, 2],
        ['Pay', 2, 0],
      ],
    );
  });

  it('finds what is over: instances, elements, variables', async () => {
    const processInstanceKey = started[1] as never;
    await camunda.cancelProcessInstance({ processInstanceKey });
    const over = await camunda.searchProcessInstances({ filter: { state: 'TERMINATED' } }, NOW);
    assert.deepEqual(
      over.items.map((one) => [one.processInstanceKey, one.endDate !== null]),
      [[processInstanceKey, true]],
    );
    const elements = await camunda.searchElementInstances({ filter: { processInstanceKey, state: 'TERMINATED' } }, NOW);
    assert.deepEqual(
      elements.items.map(({ elementId }) => elementId),
      ['Pay'],
    );
    const variables = await camunda.searchVariables({ filter: { processInstanceKey, name: 'price' } }, NOW);
    assert.deepEqual(
      variables.items.map(({ value }) => value),
      ['1'],
    );
    const [element] = elements.items;
    const elementInstanceKey = element?.elementInstanceKey as never;
    assert.deepEqual(await camunda.getElementInstance({ elementInstanceKey }, NOW), element);
    const [variable] = variables.items;
    const variableKey = variable?.variableKey as never;
    assert.equal((await camunda.getVariable({ variableKey }, NOW)).value, '1');
    const byVariable = await found({ filter: { state: 'TERMINATED', variables: [{ name: 'price', value: '1' }] } });
    assert.deepEqual(keys(byVariable), [processInstanceKey]);
  });

  it('of a value that is kept out of line a search shows the beginning, its key the whole', async () => {
    const { processInstanceKey } = await camunda.createProcessInstance({
      processDefinitionId: 'order' as never,
      variables: { huge: 'ab'.repeat(2 ** 20), list: Array.from({ length: 2 ** 18 }, () => 'item') },
    });
    const { items } = await camunda.searchVariables({ filter: { processInstanceKey, isTruncated: true } }, NOW);
    assert.deepEqual(
      items.map(({ name, value, isTruncated }) => [name, value.length, value.slice(0, 7), isTruncated]),
      [
        ['huge', 8_191, '"ababab', true],
        ['list', 8_191, '["item"', true],
      ],
    );
    const variableKey = items[0]?.variableKey as never;
    assert.equal((await camunda.getVariable({ variableKey }, NOW)).value.length, 2 ** 21 + 2);
    const whole = await camunda.searchVariables(
      { filter: { processInstanceKey, name: 'list' }, truncateValues: false },
      NOW,
    );
    assert.equal(JSON.parse(whole.items[0]?.value ?? '').length, 2 ** 18);
    await camunda.cancelProcessInstance({ processInstanceKey });
  });

  it('finds who waits for a message', async () => {
    const { processInstanceKey } = await camunda.createProcessInstance({
      processDefinitionId: 'wait' as never,
      variables: { order: 'o-77' },
    });
    const { items } = await camunda.searchMessageSubscriptions({ filter: { correlationKey: 'o-77' } }, NOW);
    assert.deepEqual(
      items.map((one) => [one.messageName, one.elementId, one.messageSubscriptionState, one.processInstanceKey]),
      [['paid', 'Paid', 'CREATED', processInstanceKey]],
    );
  });

  it('a cursor stays where it is while instances are added and end', async () => {
    const filter = { processDefinitionId: 'order', state: 'ACTIVE' };
    const first = await found({ filter, page: { limit: 2 } });
    await camunda.createProcessInstance({ processDefinitionId: 'order' as never, variables: {} });
    await camunda.cancelProcessInstance({ processInstanceKey: keys(first)[1] as never });
    const second = await found({ filter, page: { limit: 3, after: first.page.endCursor } });
    assert.deepEqual(keys(second), started.slice(3, 6));
  });
});
