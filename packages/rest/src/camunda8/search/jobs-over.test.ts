/** Jobs that are over, found again: what became of each, in every order, page after page. The published client checks every answer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, job, payment, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { Problem } from '../errors.ts';
import { BOUNDS } from './bounds.ts';
import { searchJobs } from './jobs-search.ts';

const NOW = { consistency: { waitUpToMs: 0 } };
/** Nine jobs, one after the other: more records than an instance names. */
const LONG = zeebe(
  'long',
  `<bpmn:startEvent id="s" />${Array.from({ length: 9 }, (_, at) => job(`t${at}`, 'step')).join('')}<bpmn:endEvent id="e" />`,
  ['s->t0', ...Array.from({ length: 8 }, (_, at) => `t${at}->t${at + 1}`), 't8->e'],
);
const LISTENED = zeebe(
  'listened',
  `<bpmn:startEvent id="s" /><bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask />
     <zeebe:taskListeners><zeebe:taskListener eventType="completing" type="check" /></zeebe:taskListeners>
   </bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="e" />`,
  ['s->u', 'u->e'],
);

interface Shown {
  readonly jobKey: string;
  readonly state: string;
  readonly worker: string;
  readonly retries: number;
  readonly errorMessage: string | null;
  readonly errorCode: string | null;
  readonly endTime: string | null;
  readonly creationTime: string | null;
  readonly elementId: string;
  readonly isDenied: boolean | null;
  readonly deniedReason: string | null;
  readonly customHeaders: object;
}
interface Page {
  readonly items: readonly Shown[];
  readonly page: {
    readonly totalItems: number;
    readonly hasMoreTotalItems: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

describe('jobs that are over', () => {
  let system: System;
  let camunda: CamundaClient;
  let unchecked: CamundaClient;
  before(async () => {
    system = await startSystem();
    camunda = camunda8Client(system.url);
    unchecked = camunda8Client(system.url, { CAMUNDA_SDK_VALIDATION: 'req:none,res:strict' });
    await system.deploy({ 'pay.bpmn': payment('pay'), 'long.bpmn': LONG, 'listened.bpmn': LISTENED });
  });
  after(() => system.stop());

  const found = async (body: object) => (await unchecked.searchJobs(body as never, NOW)) as never as Page;
  const start = async (id: string) =>
    (await camunda.createProcessInstance({ processDefinitionId: id as never })).processInstanceKey;
  const activate = async (type: string, worker = 'w') => {
    const request = { type, worker, timeout: 60_000, maxJobsToActivate: 1, requestTimeout: 10_000 };
    const [one] = (await camunda.activateJobs(request)).jobs;
    assert.ok(one !== undefined);
    return one;
  };

  it('tells how each one ended: by whom, after which failure, by which error, or with its process', async () => {
    const done = await start('pay');
    const first = await activate('pay');
    await first.fail({ errorMessage: 'no money', retries: 2, retryBackOff: 0 });
    await (await activate('pay', 'till')).complete({});
    const declined = await start('pay');
    await (await activate('pay')).error({ errorCode: 'CARD', errorMessage: 'declined', variables: {} });
    const canceled = await start('pay');
    await camunda.cancelProcessInstance({ processInstanceKey: canceled });
    const waits = await start('pay');
    const of = async (processInstanceKey: string) => (await found({ filter: { processInstanceKey } })).items[0];
    const shown = async (key: string) => {
      const { state, worker, retries, errorMessage, errorCode, endTime, customHeaders } =
        (await of(key)) ?? ({} as Shown);
      return [state, worker, retries, errorMessage, errorCode, endTime !== null, customHeaders];
    };
    const headers = { method: 'card' };
    assert.deepEqual(await shown(done), ['COMPLETED', 'till', 2, 'no money', null, true, headers]);
    assert.deepEqual(await shown(declined), ['ERROR_THROWN', 'w', 3, 'declined', 'CARD', true, headers]);
    assert.deepEqual(await shown(canceled), ['CANCELED', '', 3, null, null, true, headers]);
    assert.deepEqual(await shown(waits), ['CREATED', '', 3, null, null, false, headers]);
    const { items } = await found({ filter: { jobKey: first.jobKey } });
    assert.deepEqual(items, [await of(done)]);
    const { items: ofElement } = await found({ filter: { elementInstanceKey: first.elementInstanceKey } });
    assert.deepEqual(ofElement, items);
    const { items: byEnd } = await found({
      filter: { type: 'pay', state: { $in: ['COMPLETED', 'ERROR_THROWN', 'CANCELED'] } },
      sort: [{ field: 'endTime', order: 'DESC' }],
    });
    assert.deepEqual(
      byEnd.map(({ state }) => state),
      ['CANCELED', 'ERROR_THROWN', 'COMPLETED'],
    );
    for (const [filter, states] of [
      [{ errorCode: 'CARD' }, ['ERROR_THROWN']],
      [{ worker: 'till' }, ['COMPLETED']],
      [{ errorMessage: { $like: 'no*' } }, ['COMPLETED']],
      [{ errorMessage: 'declined', retries: 3 }, ['ERROR_THROWN']],
      [{ endTime: { $exists: false }, type: 'pay' }, ['CREATED']],
      [{ endTime: { $gt: byEnd[1]?.endTime ?? '' }, type: 'pay' }, ['CANCELED']],
      [{ state: 'CANCELED', processDefinitionId: 'pay' }, ['CANCELED']],
      [{ state: 'TIMED_OUT' }, []],
    ] as const) {
      const { items: some } = await found({ filter });
      const shownStates = some.map(({ state }) => state);
      assert.deepEqual(shownStates, states, JSON.stringify(filter));
    }
    await camunda.cancelProcessInstance({ processInstanceKey: waits });
  });

  it('finds them in an instance with many records, the last one too, and pages through them by cursors both ways', async () => {
    const key = await start('long');
    const created: string[] = [];
    for (let at = 0; at < 8; at += 1) {
      const one = await activate('step', `w${at}`);
      created.push(one.jobKey);
      await one.complete({});
    }
    const filter = { processInstanceKey: key };
    const all = await found({ filter });
    assert.deepEqual(
      all.items.map(({ elementId, state, worker }) => [elementId, state, worker]),
      Array.from({ length: 9 }, (_, at) => [`t${at}`, at < 8 ? 'COMPLETED' : 'CREATED', at < 8 ? `w${at}` : '']),
    );
    assert.deepEqual([all.page.totalItems, all.page.hasMoreTotalItems], [9, false]);
    for (const sort of [[], [{ field: 'jobKey', order: 'DESC' }], [{ field: 'elementId', order: 'DESC' }]]) {
      const whole = (await found({ filter, sort })).items.map(({ jobKey }) => jobKey);
      const forth: string[] = [];
      let after: string | null = null;
      for (;;) {
        const page: Page = await found({ filter, sort, page: { limit: 4, ...(after === null ? {} : { after }) } });
        if (page.items.length === 0) break;
        forth.push(...page.items.map(({ jobKey }) => jobKey));
        after = page.page.endCursor;
      }
      assert.deepEqual(forth, whole);
      const last = await found({ filter, sort, page: { from: 8, limit: 4 } });
      const back: string[] = last.items.map(({ jobKey }) => jobKey);
      let before = last.page.startCursor;
      for (;;) {
        const page: Page = await found({ filter, sort, page: { limit: 3, before: before ?? '' } });
        if (page.items.length === 0) break;
        back.unshift(...page.items.map(({ jobKey }) => jobKey));
        before = page.page.startCursor;
      }
      assert.deepEqual(back, whole);
    }
    await (await activate('step')).complete({});
    const ended = await found({ filter });
    assert.deepEqual(new Set(ended.items.map(({ state }) => state)), new Set(['COMPLETED']));
    const later = await found({ filter: { ...filter, creationTime: { $gte: ended.items[4]?.creationTime } } });
    assert.ok(later.items.length >= 5 && later.items.length < 9);
  });

  it('keeps that the job of a listener has denied a change, and why', async () => {
    const key = await start('listened');
    const { items } = await camunda.searchUserTasks({ filter: { processInstanceKey: key } }, NOW);
    const userTaskKey = items[0]?.userTaskKey ?? ('' as never);
    const completed = camunda.completeUserTask({ userTaskKey }).catch((error: unknown) => error);
    const check = await activate('check');
    await camunda.completeJob({
      jobKey: check.jobKey,
      result: { type: 'userTask', denied: true, deniedReason: 'not on a Friday' },
    } as never);
    await completed;
    const { items: denied } = await found({ filter: { processInstanceKey: key, isDenied: true } });
    assert.deepEqual(
      denied.map(({ state, isDenied, deniedReason }) => [state, isDenied, deniedReason]),
      [['COMPLETED', true, 'not on a Friday']],
    );
    assert.equal((await found({ filter: { deniedReason: 'not on a Friday' } })).items.length, 1);
    await camunda.cancelProcessInstance({ processInstanceKey: key });
  });

  it('stays as it was told when the instance is over, and is told no more when its history is deleted', async () => {
    const key = await start('pay');
    await (await activate('pay', 'till')).complete({});
    const filter = { processInstanceKey: key };
    const { items } = await found({ filter });
    assert.deepEqual(
      items.map(({ state }) => state),
      ['COMPLETED'],
    );
    const jobKey = items[0]?.jobKey;
    await camunda.deleteProcessInstance({ processInstanceKey: key } as never);
    assert.deepEqual((await found({ filter })).items, []);
    assert.deepEqual((await found({ filter: { jobKey } })).items, []);
  });

  it('refuses what would read too much of the log, with how to narrow it, and answers a page that needs no more', async () => {
    const { engine } = system.kernel;
    const reply = { raw: { destroyed: false } };
    const bounds = { ...BOUNDS, walked: 200 };
    for (let at = 0; at < 200; at += 1) await start('pay');
    const ask = (body: object) => searchJobs({ engine, body: body as never, reply }, bounds);
    await assert.rejects(ask({ filter: { state: 'COMPLETED' } }), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.title, 'INVALID_ARGUMENT');
      assert.match(error.message, /more than 200 records of the log: narrow the filter, e\.g\. by processInstanceKey/);
      return true;
    });
    await assert.rejects(ask({ filter: { state: 'COMPLETED' }, sort: [{ field: 'endTime' }] }), Problem);
    assert.equal((await ask({ filter: { state: 'COMPLETED' }, page: { limit: 2 } })).rows.length, 2);
    // What there is stands in the store: nothing of the log is read for it.
    assert.ok((await ask({ filter: { state: 'CREATED', type: 'pay' }, page: { limit: 500 } })).rows.length >= 200);
  });
});
