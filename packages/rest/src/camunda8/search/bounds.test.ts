/** However little a search may look at, its pages are those of the whole, or it is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { Problem } from '../errors.ts';
import { BOUNDS, type Bounds } from './bounds.ts';
import { ELEMENT_INSTANCES } from './element-instances.ts';
import { PROCESS_INSTANCES } from './process-instances.ts';
import { type Found, search } from './search.ts';
import { VARIABLES } from './variables.ts';

const model = (id: string, first = 'First') =>
  zeebe(
    id,
    `<bpmn:startEvent id="Start" /><bpmn:task id="${first}" name="${first} step" />${job('Work', 'work')}<bpmn:endEvent id="End" />`,
    [`Start->${first}`, `${first}->Work`, 'Work->End'],
  );

describe('bounds of a search', () => {
  let system: System;
  let engine: ProcessEngine;
  before(async () => {
    system = await startSystem();
    engine = system.kernel.engine;
    await system.deploy({ 'many.bpmn': model('many'), 'few.bpmn': model('few', 'Only') });
    for (let at = 0; at < 60; at++) {
      const started = await system.post<{ processInstanceKey: string }>('/v2/process-instances', {
        processDefinitionId: at % 10 === 9 ? 'few' : 'many',
        businessId: `B-${(at * 7) % 13}`,
        variables: { price: at % 5 },
      });
      if (at % 3 === 0) await system.post(`/v2/process-instances/${started.processInstanceKey}/cancellation`);
    }
  });
  after(() => system.stop());

  const find = (body: object, bounds: Partial<Bounds> = {}) =>
    search(engine, body as JsonObject, PROCESS_INSTANCES, {}, { ...BOUNDS, ...bounds });
  const refusal = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof Problem && error.title === 'INVALID_ARGUMENT') return error.message;
      throw error;
    }
    return assert.fail('it was not refused');
  };

  const orRefused = (work: () => Found<ProcessInstanceView>): Found<ProcessInstanceView> | undefined => {
    try {
      return work();
    } catch (error) {
      if (error instanceof Problem && /^The filter leaves more than \d+ rows/.test(error.message)) return undefined;
      throw error;
    }
  };

  const filters = [
    {},
    { processDefinitionId: 'many' },
    { processDefinitionId: 'few', state: 'TERMINATED' },
    { processDefinitionId: { $in: ['many', 'few'] }, state: 'ACTIVE' },
    { state: { $neq: 'ACTIVE' }, businessId: { $like: 'B-1*' } },
    { processDefinitionId: 'many', processDefinitionName: { $like: '*many' }, businessId: { $gt: 'B-3' } },
    {
      processDefinitionId: 'many',
      $or: [{ businessId: 'B-2' }, { state: 'TERMINATED', businessId: { $in: ['B-5', 'B-6'] } }],
    },
    { processDefinitionId: 'many', hasRetriesLeft: false },
  ];
  const sorts = [
    [],
    [{ field: 'startDate', order: 'DESC' }],
    [{ field: 'businessId' }],
    [
      { field: 'endDate', order: 'DESC' },
      { field: 'businessId', order: 'DESC' },
    ],
    [{ field: 'processDefinitionName' }, { field: 'endDate' }],
  ];
  const tight: readonly Partial<Bounds>[] = [
    {},
    { scanned: 5 },
    { scanned: 5, read: 20 },
    { scanned: 30, read: 3 },
    { read: 0 },
  ];

  it('pages forward and back give the whole in its order, whatever way they are found', () => {
    let answered = 0;
    let others = 0;
    let refused = 0;
    for (const filter of filters) {
      for (const sort of sorts) {
        const all = find({ filter, sort, page: { limit: 1_000 } });
        assert.equal(all.page.totalItems, all.rows.length);
        for (const bounds of tight) {
          const name = JSON.stringify({ filter, sort, bounds });
          const ask = (page: object) => find({ filter, sort, page: { limit: 7, ...page } }, bounds);
          let page = orRefused(() => ask({}));
          const ids: number[] = [];
          const starts: string[] = [];
          while (page !== undefined && page.rows.length > 0) {
            ids.push(...page.rows.map(({ id }) => id));
            starts.push(page.page.startCursor ?? '');
            const { totalItems, hasMoreTotalItems, endCursor } = page.page;
            assert.ok(hasMoreTotalItems ? totalItems <= all.rows.length : totalItems === all.rows.length, name);
            assert.ok(totalItems >= ids.length, name);
            page = orRefused(() => ask({ after: endCursor }));
          }
          // Where the rest is thin it is refused: what there is before it was right.
          if (page === undefined) refused += 1;
          else assert.equal(ids.length, all.rows.length, name);
          assert.deepEqual(
            ids,
            all.rows.slice(0, ids.length).map(({ id }) => id),
            name,
          );
          if (ids.length > 0) answered += 1;
          const third = starts[2];
          if (third === undefined) continue;
          for (const [other, from, to] of [
            [{ before: third, limit: 10 }, 4, 14],
            [{ from: 9, limit: 4 }, 9, 13],
          ] as const) {
            const found = orRefused(() => ask(other));
            if (found === undefined) continue;
            assert.deepEqual(
              found.rows.map(({ id }) => id),
              all.rows.slice(from, to).map(({ id }) => id),
              name,
            );
            others += 1;
          }
        }
      }
    }
    assert.ok(
      answered > 100 && refused > 10 && others > 100,
      `${answered} answered, ${refused} refused, ${others} others`,
    );
  });

  it('what would look at too much is refused, and told how to narrow it', () => {
    const sorted = { filter: { processDefinitionId: 'many' }, sort: [{ field: 'endDate' }] };
    const message = refusal(() => find(sorted, { scanned: 10, read: 10 }));
    assert.match(message, /more than 10 rows to look through\. .*narrow the filter/);
    assert.equal(find(sorted, { scanned: 60, read: 0 }).page.totalItems, 54);
    const thin = { filter: { businessId: { $like: '*nobody*' } } };
    assert.match(
      refusal(() => find(thin, { scanned: 10, read: 10 })),
      /Among the first 10 there are not enough for a page/,
    );
    assert.equal(find(thin).page.totalItems, 0);
  });

  it('the history of many instances is not read: what is inside them is asked of one, or of what lives', () => {
    const bounds = { ...BOUNDS, instances: 20 };
    const inside = (filter: object) => search(engine, { filter } as JsonObject, ELEMENT_INSTANCES, {}, bounds);
    // Of processes that do not have it nothing is read.
    assert.equal(inside({ elementId: 'Nobody' }).page.totalItems, 0);
    assert.equal(inside({ elementId: 'Only', elementName: { $like: 'Only*' } }).page.totalItems, 6);
    assert.match(
      refusal(() => inside({ elementId: 'Work' })),
      /history of more than 20 process instances/,
    );
    assert.match(
      refusal(() => inside({ processDefinitionId: 'many' })),
      /give processInstanceKey/,
    );
    assert.equal(inside({ elementId: 'Work', state: 'ACTIVE' }).page.totalItems, 40);
    assert.equal(inside({ processDefinitionId: 'few' }).page.totalItems, 18);
    const variables = (filter: object) => search(engine, { filter } as JsonObject, VARIABLES, {}, bounds);
    assert.match(
      refusal(() => variables({ name: 'price' })),
      /history of more than 20/,
    );
    const [instance] = find({ filter: { state: 'TERMINATED' } }).rows;
    assert.equal(variables({ processInstanceKey: String(instance?.id), name: 'price' }).page.totalItems, 1);
    const costly = { filter: { processDefinitionId: 'many', variables: [{ name: 'price', value: '3' }] } };
    assert.match(
      refusal(() => find(costly, { costly: 10 })),
      /more than 10/,
    );
    const living = { filter: { ...costly.filter, state: 'ACTIVE' } };
    assert.deepEqual(
      find(living, { costly: 10 }).rows,
      find(costly).rows.filter(({ endedAt }) => endedAt === null),
    );
  });
});
