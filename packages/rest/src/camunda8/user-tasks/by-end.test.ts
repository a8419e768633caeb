/** Where there are too many user tasks to have them all at hand, pages in the order of their end are those of the whole. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ProcessEngine } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { BOUNDS, TooMuch } from '../search/bounds.ts';
import { searchUserTasks } from './search.ts';

const REVIEW = zeebe(
  'review',
  `<bpmn:startEvent id="Start" /><bpmn:userTask id="Check"><bpmn:extensionElements><zeebe:userTask />
     <zeebe:assignmentDefinition candidateGroups="=group" /></bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="End" />`,
  ['Start->Check', 'Check->End'],
);

describe('user tasks by their end', () => {
  let system: System;
  let engine: ProcessEngine;
  before(async () => {
    system = await startSystem();
    engine = system.kernel.engine;
    await system.deploy({ 'review.bpmn': REVIEW });
    for (let at = 0; at < 40; at++) {
      await system.post('/v2/process-instances', {
        processDefinitionId: 'review',
        variables: { group: at % 4 === 0 ? 'rare' : 'usual' },
      });
    }
    const { items } = await system.post<{ readonly items: readonly Task[] }>('/v2/user-tasks/search', {});
    // In another order than they were created, some at the same time, some not at all.
    const order = items.map((task, at) => [(at * 17) % 40, task] as const).toSorted(([one], [other]) => one - other);
    const done: Promise<unknown>[] = [];
    for (const [at, { userTaskKey, processInstanceKey }] of order.slice(0, 35)) {
      const path =
        at % 5 === 4 ? `process-instances/${processInstanceKey}/cancellation` : `user-tasks/${userTaskKey}/completion`;
      done.push(system.post(`/v2/${path}`, {}));
      if (at % 3 === 0) await Promise.all(done);
    }
    await Promise.all(done);
  });
  after(() => system.stop());

  interface Task {
    readonly userTaskKey: string;
    readonly processInstanceKey: string;
  }

  const find = (body: object, tight: boolean, records = BOUNDS.records) =>
    searchUserTasks({ engine, body: body as JsonObject }, tight ? { ...BOUNDS, instances: 5, records } : BOUNDS);

  it('pages forward and back are those of all of them', () => {
    for (const filter of [
      { state: 'COMPLETED' },
      { state: { $in: ['COMPLETED', 'CANCELED'] } },
      { state: 'CANCELED', processDefinitionId: 'review' },
      { state: 'COMPLETED', candidateGroup: 'rare' },
    ]) {
      for (const order of ['ASC', 'DESC']) {
        const name = JSON.stringify([filter, order]);
        const sort = [{ field: 'completionDate', order }];
        const all = find({ filter, sort }, false).rows.map(({ id }) => id);
        assert.ok(all.length > 5, name);
        const seen: number[] = [];
        const starts: (string | null)[] = [];
        for (let page: object = { limit: 3 }; ; ) {
          const found = find({ filter, sort, page }, true);
          if (found.rows.length === 0) break;
          seen.push(...found.rows.map(({ id }) => id));
          starts.push(found.page.startCursor);
          page = { limit: 3, after: found.page.endCursor };
        }
        assert.deepEqual(seen, all, name);
        const before = find({ filter, sort, page: { limit: 4, before: starts[2] } }, true);
        assert.deepEqual(
          before.rows.map(({ id }) => id),
          all.slice(2, 6),
          name,
        );
        const passed = find({ filter, sort, page: { limit: 2, from: 3 } }, true);
        assert.deepEqual(
          passed.rows.map(({ id }) => id),
          all.slice(3, 5),
          name,
        );
      }
    }
  });

  it('what is not among the records that may be looked through is refused', () => {
    const sort = [{ field: 'completionDate', order: 'DESC' }];
    assert.equal(find({ filter: { state: 'COMPLETED' }, sort, page: { limit: 3 } }, true, 50).rows.length, 3);
    assert.equal(find({ filter: { state: 'COMPLETED', candidateGroup: 'nobody' }, sort }, true).rows.length, 0);
    assert.throws(
      () => find({ filter: { state: 'COMPLETED', candidateGroup: 'nobody' }, sort }, true, 20),
      /Among 20 records/,
    );
    assert.throws(() => find({ filter: { state: 'COMPLETED' }, sort: [{ field: 'name' }] }, true), TooMuch);
    assert.throws(() => find({ filter: {}, sort }, true), TooMuch);
  });
});
